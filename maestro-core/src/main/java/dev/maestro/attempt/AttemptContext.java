package dev.maestro.attempt;

import dev.maestro.agent.Route;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Subject;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import dev.maestro.task.AttemptId;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Workspace;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link Interceptor} sees of an attempt, and the prompt, which it may change while it is
 * being written.
 *
 * <p>For use by the one thread that makes the attempt.
 */
public final class AttemptContext {

  private final AttemptId attempt;
  private final Task task;
  private final Policies policies;
  private final Judgments judgments;
  private final Cancellation cancellation;
  private @Nullable Workspace workspace;
  private @Nullable Route route;
  private List<String> command = List.of();
  private String prompt = "";
  private boolean promptIsFinal;
  private List<Change> changes = List.of();
  private List<Receipt> receipts = List.of();

  AttemptContext(Assignment assignment) {
    this.attempt = assignment.attempt();
    this.task = assignment.task();
    this.policies = assignment.policies();
    this.judgments = assignment.judgments();
    this.cancellation = assignment.cancellation();
  }

  /** {@return which attempt of which task this is} */
  public AttemptId attempt() {
    return attempt;
  }

  /** {@return the step the task is an instance of} */
  public Step step() {
    return task.step();
  }

  /** {@return the task as it was when this phase began} */
  public Task task() {
    return task;
  }

  /** {@return what is switched on for it, by its pipeline, what is around it and its step} */
  public Policies policies() {
    return policies;
  }

  /** {@return why the attempt before this one failed, if one did} */
  public Optional<Trouble> lastTrouble() {
    return task.trouble();
  }

  /** {@return where it works, for steps that work somewhere} */
  public Optional<Workspace> workspace() {
    return Optional.ofNullable(workspace);
  }

  /** {@return who carries it out, for agent steps} */
  public Optional<Route> route() {
    return Optional.ofNullable(route);
  }

  /** {@return the prompt, for agent steps; otherwise empty} */
  public String prompt() {
    return prompt;
  }

  /**
   * Change the prompt.
   *
   * @throws IllegalStateException after {@link Place#BRIEFING}
   */
  public void prompt(String text) {
    if (promptIsFinal) {
      throw new IllegalStateException("the prompt of " + attempt + " is final after BRIEFING");
    }
    prompt = Objects.requireNonNull(text, "text");
  }

  /** {@return the program and its arguments, for command steps; otherwise nothing} */
  public List<String> command() {
    return command;
  }

  /** {@return the files that differ from what the task started from, from {@link Place#DIFF} on} */
  public List<Change> changes() {
    return changes;
  }

  /** {@return the receipts of the gates that ran, from {@link Place#CONFIDENCE} on} */
  public List<Receipt> receipts() {
    return receipts;
  }

  /** {@return whether a person has said yes to this question of the task} */
  public boolean isApproved(String question) {
    return task.approvedQuestions().contains(question);
  }

  /** {@return what there is at this place that a guardrail may be asked about} */
  List<Subject> subjects(Place place) {
    if (place != Place.GUARDRAILS) {
      return List.of();
    }
    return command.isEmpty()
        ? List.of(new Subject.Prompt(prompt))
        : List.of(new Subject.Command(command));
  }

  /** Put what a rule has said into the chain of the run; nothing is, of a step without policies. */
  void judge(Judgment judgment) {
    if (!policies.isNone()) {
      judgments.add(judgment);
    }
  }

  Cancellation cancellation() {
    return cancellation;
  }

  void worksIn(Workspace opened) {
    workspace = opened;
  }

  void routed(Route chosen) {
    route = chosen;
  }

  void runs(List<String> argv) {
    command = List.copyOf(argv);
  }

  void finishPrompt() {
    promptIsFinal = true;
  }

  void changed(List<Change> found) {
    changes = List.copyOf(found);
  }

  void checkedBy(List<Receipt> evidence) {
    receipts = List.copyOf(evidence);
  }
}
