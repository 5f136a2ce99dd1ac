package dev.maestro.run;

import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What people decide beside their answers: another try, none at all, a pause and its end. */
final class PeopleRules {

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final InterruptionRules interruptions;
  private final ReopenRules reopens;

  PeopleRules(
      Draft draft, FailureRules failures, InterruptionRules interruptions, ReopenRules reopens) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.interruptions = interruptions;
    this.reopens = reopens;
  }

  // ------------------------------------------------------------------ another try

  Optional<Decision.Refused> retry(RunInput.Retry i) {
    Task task = state.require(i.task());
    if (task.waitsForQuota() && state.status() != RunStatus.PAUSED) {
      return goOnBeforeItIsBack(task, i.actor());
    }
    if (!task.isStuck()) {
      return Refusal.notAllowed(
          "task " + task.id + " is " + task.state + "; there is nothing to retry");
    }
    boolean hasNothingToGoOnFrom =
        task.state == TaskState.BLOCKED && !task.hasBegun() && task.phase == Phase.ACT;
    return reopens
        .mayGoOnAround(task)
        .or(
            () ->
                hasNothingToGoOnFrom
                    ? draft.emitMove(task.id, TaskState.PENDING, Reason.REQUEUED, null)
                    : reopens.retry(task));
  }

  /** Whoever has bought more knows it before the provider's window ends. */
  private Optional<Decision.Refused> goOnBeforeItIsBack(Task task, Actor actor) {
    String detail = actor + " lets it be tried before " + task.until;
    Judgment judgment = Judgment.of("quota", Place.LIMITS, Verdict.proceed()).detail(detail);
    return draft
        .judged(task.id, task.attempt, task.phase, List.of(judgment))
        .or(() -> draft.release(List.of(task.id), false));
  }

  // ------------------------------------------------------------------ no other try

  Optional<Decision.Refused> giveUp(RunInput.GiveUp i) {
    Task task = state.require(i.task());
    boolean halfMerged =
        task.dealings.merging != null && !task.dealings.merged && task.state != TaskState.BLOCKED;
    if (!standsStill(task)) {
      return Refusal.notAllowed(
          "task " + task.id + " is " + task.state + "; what can be given up stands still");
    } else if (halfMerged) {
      return Refusal.notAllowed("task " + task.id + " is being merged, which may have been done");
    } else if (task.isOpen()) {
      return Refusal.notAllowed("task " + task.id + " has others inside; give those up");
    }
    String why = "given up by " + i.actor() + (i.why().isBlank() ? "" : ": " + i.why());
    return draft
        .emitMove(task.id, TaskState.FAILED, Reason.REJECTED, why)
        .or(() -> failures.blockBehind(task.id));
  }

  private static boolean standsStill(Task task) {
    return switch (task.state) {
      case PAUSED, INTERRUPTED -> true;
      case BLOCKED -> !task.isBehindFailure();
      default -> false;
    };
  }

  // ------------------------------------------------------------------ pauses

  Optional<Decision.Refused> pause(Reason reason, String detail, Actor actor) {
    return state.status() == RunStatus.PAUSED
        ? Optional.empty()
        : draft.emit(new RunEvent.RunMoved(draft.at, RunStatus.PAUSED, reason, detail, actor));
  }

  /** Who goes on before it is said needs no words, and what was said at once stands. */
  Optional<Decision.Refused> explain(RunInput.Explain i) {
    return state.status() == RunStatus.PAUSED && isStoppedWithoutAWord()
        ? draft.emit(
            new RunEvent.RunMoved(
                draft.at, RunStatus.PAUSED, Reason.EMERGENCY_STOP, i.reason(), i.actor()))
        : Optional.empty();
  }

  /** A run that was paused before stays so, and only what was at work is stopped. */
  private boolean isStoppedWithoutAWord() {
    if (Reason.EMERGENCY_STOP.equals(state.header.reason)) {
      return isNothing(state.header.detail);
    }
    return state.tasks().stream()
        .filter(task -> task.state == TaskState.PAUSED)
        .anyMatch(task -> Reason.EMERGENCY_STOP.equals(task.reason) && isNothing(task.detail));
  }

  private static boolean isNothing(@Nullable String said) {
    return said == null || said.isEmpty();
  }

  Optional<Decision.Refused> resume(RunInput.Resume i) {
    if (state.status() != RunStatus.PAUSED) {
      return Refusal.notAllowed("run " + state.key() + " is " + state.status() + ", not PAUSED");
    }
    draft.emit(new RunEvent.RunMoved(draft.at, RunStatus.RUNNING, Reason.RESUMED, null, i.actor()));
    return interruptions.goOnWith(
        task -> task.state == TaskState.PAUSED && task.until == null && !task.released);
  }
}
