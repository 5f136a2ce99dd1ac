package dev.maestro.attempt;

import dev.maestro.agent.Persona;
import dev.maestro.agent.Route;
import dev.maestro.approval.Shown;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Reach;
import dev.maestro.policy.SecretShapes;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import dev.maestro.policy.WriteGuard;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Reason;
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
  private Policies policies;
  private Secrets secrets = Secrets.NONE;
  private final Judgments judgments;
  private final Cancellation cancellation;
  private @Nullable Workspace workspace;
  private @Nullable Route route;
  private List<String> command = List.of();
  private String prompt = "";
  private boolean promptIsFinal;
  private String output = "";
  private List<Change> changes = List.of();
  private Subject.@Nullable Lines lines;
  private List<Receipt> receipts = List.of();
  private List<String> told = List.of();
  private @Nullable Work work;

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

  /**
   * {@return whether people have said yes to this question of the task, which shows nothing}
   *
   * <p>A question that is asked at {@link Place#GUARDRAILS}, or at {@link Place#OUTPUT} and later,
   * shows what is at hand there, so that this is not about it: ask again, and it is known what was
   * said of the same work.
   */
  public boolean isApproved(String question) {
    return isApproved(new Verdict.Ask(Reason.ESCALATED, question));
  }

  /** {@return whether people have said yes to this question of the task, and to what it shows} */
  public boolean isApproved(Verdict.Ask ask) {
    return task.isApproved(hiding(ask));
  }

  /** {@return what was returned, at {@link Place#OUTPUT} and {@link Place#CONFIDENCE}} */
  public String output() {
    return output;
  }

  /** Reads what a yes would be about, when somebody has to be asked. */
  interface Work {
    Shown shown() throws InterruptedException;
  }

  /**
   * {@return what a yes is about that is asked for at this place; nothing where only the question
   * says so}
   */
  Optional<Shown> atHand(Place place) throws InterruptedException {
    return switch (place) {
      case GUARDRAILS -> Optional.of(order());
      case OUTPUT -> Optional.of(Shown.of(output));
      case DIFF, CONFIDENCE, MERGE -> work == null ? Optional.empty() : Optional.of(work.shown());
      default -> Optional.empty();
    };
  }

  /** {@return what there is at this place that a guardrail may be asked about, if anything} */
  Optional<Subject> subject(Place place) {
    return switch (place) {
      case GUARDRAILS -> Optional.of(before());
      case OUTPUT -> Optional.of(new Subject.Output(output));
      case DIFF -> Optional.of(new Subject.Diff(changes, lines));
      default -> Optional.empty();
    };
  }

  private Subject before() {
    return command.isEmpty()
        ? new Subject.Prompt(prompt)
        : new Subject.Command(Reach.ofCommand(command, paths()).hiding(secrets));
  }

  /** {@return what tells what a path is called in the workspace} */
  WorkspacePaths paths() {
    return new WorkspacePaths(Objects.requireNonNull(workspace, "workspace").directory());
  }

  /** Put what a rule has said into the chain of the run; nothing is, of a step without policies. */
  void judge(Judgment judgment) {
    if (!policies.isNone()) {
      tell(judgment);
    }
  }

  /** Put what was said into the chain of the run, of any step. */
  void tell(Judgment judgment) {
    String detail = judgment.detail();
    judgments.add(detail.isEmpty() ? judgment : judgment.detail(recorded(detail)));
  }

  /** Take these out of whatever is recorded from now on. */
  void hides(Secrets hidden) {
    secrets = hidden;
  }

  /** {@return the text without what is hidden, as it may be recorded} */
  String hiding(String text) {
    return secrets.apply(text);
  }

  /** {@return what a rule says as it is recorded: without what is hidden, and no document} */
  private String recorded(String text) {
    return Attempts.shortened(hiding(text));
  }

  /** {@return the diff without what is hidden; in a diff, each line stands by itself} */
  String hidingInDiff(String diff) {
    return secrets.applyToDiff(diff);
  }

  /** {@return the same with less to show for people: what a rule says is recorded} */
  Verdict hiding(Verdict verdict) {
    if (verdict instanceof Verdict.Ask ask) {
      return hiding(ask);
    } else if (verdict instanceof Verdict.Refuse refuse) {
      return new Verdict.Refuse(refuse.reason(), recorded(refuse.why()), refuse.recoverable());
    }
    return verdict;
  }

  /**
   * {@return the same question with less to show for people; a yes to it is about all that it was
   * about, what is hidden included}
   */
  Verdict.Ask hiding(Verdict.Ask ask) {
    String question = recorded(ask.question());
    Shown shown = ask.shown();
    if (shown != null) {
      shown = new Shown(shown.hash(), hiding(shown.text()));
    } else if (!question.equals(ask.question())) {
      shown = Shown.of("", List.of(ask.question()));
    }
    return new Verdict.Ask(ask.reason(), question, shown);
  }

  /** Keep the persona's own limits, too. */
  void plays(@Nullable Persona persona) {
    if (persona != null && !persona.writes().isEmpty()) {
      policies = policies.guard(WriteGuard.ofPersona(persona.writes()));
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

  /** {@return what the step is told, for people} */
  Shown order() {
    return Shown.of(hiding(String.join(" ", told)), told);
  }

  /** Bind what is asked before it begins to what the step is told. */
  void tells(List<String> order) {
    told = List.copyOf(order);
  }

  /** Bind what is asked from now on to this. */
  void shows(Work now) {
    work = now;
  }

  void finishPrompt() {
    promptIsFinal = true;
  }

  /** Take secrets out of the prompt, where a policy says so. */
  void redactPrompt() {
    if (policies.redactPrompts()) {
      prompt = SecretShapes.without(prompt);
    }
  }

  void returned(String text) {
    output = text;
  }

  void changed(List<Change> found) {
    changes = List.copyOf(found);
  }

  void read(Subject.@Nullable Lines changed) {
    lines = changed;
  }

  void checkedBy(List<Receipt> evidence) {
    receipts = List.copyOf(evidence);
  }
}
