package dev.maestro.approval;

import dev.maestro.task.Actor;
import dev.maestro.task.Risk;
import dev.maestro.task.TaskId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A durable question to a person; it costs no thread while it waits.
 *
 * @param id names it inside its run
 * @param task the task that waits for the answer
 * @param kind why it is asked
 * @param text what is asked
 * @param askedAt since when it waits
 * @param shown what a yes is about, or null when the text says all of it
 * @param risk how much harm a yes could do, or null when nobody has judged that
 * @param answering who may answer, until when, and who has said yes so far
 */
public record Question(
    QuestionId id,
    TaskId task,
    Kind kind,
    String text,
    Instant askedAt,
    @Nullable Shown shown,
    @Nullable Risk risk,
    Answering answering) {

  /** Why a question is asked. */
  public enum Kind {
    /** An approval step declares it. */
    APPROVAL,
    /** A crash has used up the task's last launch: may it be launched once more? */
    LAUNCH_AGAIN,
    /** A policy wants a person to decide whether the attempt may go on. */
    POLICY,
    /** The work is there and has passed its gates: is it accepted? */
    REVIEW
  }

  /** Check that nothing required is missing. */
  public Question {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(askedAt, "askedAt");
    Objects.requireNonNull(answering, "answering");
  }

  /** Make a question that anybody may answer at any time and that shows nothing but its text. */
  public Question(QuestionId id, TaskId task, Kind kind, String text, Instant askedAt) {
    this(id, task, kind, text, askedAt, null, null, Answering.DEFAULT);
  }

  /** {@return what an answer is about: the hash of what is shown, or else of the text} */
  public String hash() {
    return shown == null ? Shown.hash(List.of(text)) : shown.hash();
  }

  /** {@return the same question after a yes of this one, which was not the last that it needs} */
  public Question approvedBy(Actor actor) {
    return with(answering.approvedBy(actor));
  }

  /** {@return the same question, handed on to this one} */
  public Question handedOnTo(Actor actor) {
    return with(answering.handedOnTo(actor));
  }

  /**
   * {@return the same question in the place of one that shows something else: handed on to the same
   * people, to be answered until then}
   */
  public Question inPlaceOf(Question other) {
    return with(answering.inPlaceOf(other.answering));
  }

  /** {@return the same, with so much more time for an answer} */
  public Question waitingFor(Duration more) {
    return with(answering.waitingFor(more));
  }

  private Question with(Answering other) {
    return new Question(id, task, kind, text, askedAt, shown, risk, other);
  }
}
