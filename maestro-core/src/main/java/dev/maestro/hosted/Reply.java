package dev.maestro.hosted;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.run.RunSnapshot;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a host is told; clients do not implement it.
 *
 * <p>What a host does wrong is a reply, too, and no exception.
 */
public sealed interface Reply {

  /** {@return all of it in words, for people and agents, with what can be done next} */
  String text();

  /**
   * The run is there, and goes on.
   *
   * @param run which
   * @param pipeline of what
   */
  record Started(RunId run, String pipeline) implements Reply {

    /** Check that nothing is missing. */
    public Started {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(pipeline, "pipeline");
    }

    @Override
    public String text() {
      return "Run " + run + " of '" + pipeline + "' is started. Ask for its next step.";
    }
  }

  /**
   * There is work.
   *
   * @param run of which run
   * @param steps all that the host has in hand now; at least one
   */
  record Work(RunId run, List<HostedStep> steps) implements Reply {

    /** Copy the list. */
    public Work {
      Objects.requireNonNull(run, "run");
      steps = List.copyOf(steps);
    }

    @Override
    public String text() {
      return Words.work(this);
    }
  }

  /**
   * There is nothing to do just now.
   *
   * @param run of which run
   * @param why what it waits for
   * @param until when it is worth to ask again, or null when nobody knows
   * @param questions what people have to answer, oldest first
   */
  record Waiting(RunId run, String why, @Nullable Instant until, List<Question> questions)
      implements Reply {

    /** Copy the list. */
    public Waiting {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(why, "why");
      questions = List.copyOf(questions);
    }

    /** {@return when it is worth to ask again, if that is known} */
    public Optional<Instant> again() {
      return Optional.ofNullable(until);
    }

    @Override
    public String text() {
      return Words.waiting(this);
    }
  }

  /**
   * The run has ended.
   *
   * @param run which
   * @param status how
   * @param why in words; may be empty
   * @param outputs by name, as text
   */
  record Ended(RunId run, RunStatus status, String why, Map<String, String> outputs)
      implements Reply {

    /** Copy the map. */
    public Ended {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(status, "status");
      Objects.requireNonNull(why, "why");
      outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
    }

    @Override
    public String text() {
      return Words.ended(this);
    }
  }

  /**
   * What was handed in is accepted.
   *
   * @param run of which run
   * @param task which step
   * @param gates what it has passed, by name; empty when nothing was checked
   */
  record Accepted(RunId run, TaskId task, List<String> gates) implements Reply {

    /** Copy the list. */
    public Accepted {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(task, "task");
      gates = List.copyOf(gates);
    }

    @Override
    public String text() {
      String checks =
          gates.isEmpty() ? "nothing was checked" : "passed: " + String.join(", ", gates);
      return "Step " + task + " is accepted (" + checks + "). Ask for the next step.";
    }
  }

  /**
   * What was handed in is not accepted.
   *
   * @param run of which run
   * @param task which step
   * @param why what is wrong with it, with the end of what a gate printed
   * @param attemptsLeft how often it may be tried again
   */
  record Declined(RunId run, TaskId task, String why, int attemptsLeft) implements Reply {

    /** Check that nothing is missing. */
    public Declined {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(task, "task");
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String text() {
      String next =
          attemptsLeft > 0
              ? "Ask for the next step to try again; attempts left: " + attemptsLeft + "."
              : "No attempt is left.";
      return "Step " + task + " is NOT accepted. " + next + "\n\n" + why;
    }
  }

  /**
   * What was handed in is there, and Maestro is not done with it yet.
   *
   * @param run of which run
   * @param task which step
   */
  record Checking(RunId run, TaskId task) implements Reply {

    /** Check that nothing is missing. */
    public Checking {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(task, "task");
    }

    @Override
    public String text() {
      return "Step " + task + " is being checked. Ask for the status, or for the next step.";
    }
  }

  /**
   * The step is given back, without anything done.
   *
   * @param run of which run
   * @param task which step
   */
  record Released(RunId run, TaskId task) implements Reply {

    /** Check that nothing is missing. */
    public Released {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(task, "task");
    }

    @Override
    public String text() {
      return "Step " + task + " is given back.";
    }
  }

  /**
   * The answer to a question is recorded.
   *
   * @param run of which run
   * @param question which
   * @param decision what was answered
   */
  record Answered(RunId run, QuestionId question, Answer.Decision decision) implements Reply {

    /** Check that nothing is missing. */
    public Answered {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(question, "question");
      Objects.requireNonNull(decision, "decision");
    }

    @Override
    public String text() {
      return "Question "
          + question
          + " is answered: "
          + Words.of(decision)
          + ". Ask for the next step.";
    }
  }

  /**
   * How a run stands.
   *
   * @param run all of it
   */
  record Status(RunSnapshot run) implements Reply {

    /** Check that nothing is missing. */
    public Status {
      Objects.requireNonNull(run, "run");
    }

    @Override
    public String text() {
      return Words.status(run);
    }
  }

  /**
   * What can be asked for.
   *
   * @param text in words
   */
  record Help(String text) implements Reply {

    /** Check that nothing is missing. */
    public Help {
      Objects.requireNonNull(text, "text");
    }
  }

  /**
   * This cannot be; nothing is changed.
   *
   * @param code why: {@code unknown-pipeline}, {@code unknown-verb}, {@code malformed}, {@code
   *     too-large}, {@code unbound}, {@code not-yours}, {@code run-conflict}, {@code invalid},
   *     {@code failed}, or what {@link dev.maestro.RefusedException#code()} says
   * @param why in words, with what can be done instead
   */
  record Refused(String code, String why) implements Reply {

    /** Check that nothing is missing. */
    public Refused {
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(why, "why");
    }

    @Override
    public String text() {
      return "Refused (" + code + "): " + why;
    }
  }
}
