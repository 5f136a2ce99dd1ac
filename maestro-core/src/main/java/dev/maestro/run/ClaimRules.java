package dev.maestro.run;

import dev.maestro.policy.Reservation;
import dev.maestro.task.Actor;
import java.util.List;
import java.util.Optional;

/** How a task becomes somebody's for a while, and what comes of that. */
final class ClaimRules {

  private final Draft draft;
  private final RunState state;

  ClaimRules(Draft draft) {
    this.draft = draft;
    this.state = draft.state;
  }

  Optional<Decision.Refused> claim(RunInput.Claim i) {
    Task task = state.require(i.task());
    if (task.dealings.claim != null && !task.dealings.claim.isLapsed(draft.at)) {
      return Refusal.claimed(
          "task "
              + task.id
              + " is claimed by "
              + task.dealings.claim.actor()
              + " until "
              + task.dealings.claim.until());
    }
    if (!i.until().isAfter(draft.at)) {
      return Refusal.notAllowed("a claim has to last longer than nothing");
    }
    if (task.dealings.claim != null) {
      takeBack(task);
    }
    if (!state.require(task.id).isClaimable()) {
      return Refusal.notAllowed(
          "task " + task.id + " is " + task.state + "; what can be claimed waits to be begun");
    }
    return tooLittle(task, i.above())
        .or(() -> emit(task, new Claimed(task.dealings.claims + 1, i.actor(), i.until())));
  }

  /** Nothing is put aside for what others do, but who finds a budget used up does not begin. */
  private Optional<Decision.Refused> tooLittle(Task task, List<BudgetAbove> above) {
    Accounts accounts = Accounts.of(state, task, above);
    return task.isAgent()
            && !accounts.isEmpty()
            && Reservation.of(accounts.all(), accounts.declared(), false)
                instanceof Reservation.Short few
        ? Refusal.overBudget(few.why())
        : Optional.empty();
  }

  Optional<Decision.Refused> renew(RunInput.RenewClaim i) {
    Task task = state.require(i.task());
    return holds(task, i.number())
        .or(() -> emit(task, new Claimed(i.number(), requireClaim(task).actor(), i.until())));
  }

  Optional<Decision.Refused> release(RunInput.ReleaseClaim i) {
    Task task = state.require(i.task());
    return holds(task, i.number())
        .or(
            () ->
                draft.emit(
                    new RunEvent.ClaimReleased(
                        draft.at, task.id, i.number(), requireClaim(task).actor())));
  }

  Optional<Decision.Refused> deliver(RunInput.Deliver i) {
    RunEvent.Delivered delivered = i.delivered();
    return holds(state.require(delivered.task()), delivered.number())
        .or(() -> draft.emit(delivered));
  }

  /** A claim whose time is over goes back. */
  void takeBack(Task task) {
    draft.emit(
        new RunEvent.ClaimReleased(draft.at, task.id, requireClaim(task).number(), Actor.MAESTRO));
  }

  private Optional<Decision.Refused> holds(Task task, int number) {
    Claimed claim = task.dealings.claim;
    return claim == null || claim.number() != number || claim.isLapsed(draft.at)
        ? Refusal.stale("claim " + number + " of task " + task.id + " is over")
        : Optional.empty();
  }

  private static Claimed requireClaim(Task task) {
    if (task.dealings.claim == null) {
      throw new IllegalStateException("task " + task.id + " is not claimed");
    }
    return task.dealings.claim;
  }

  private Optional<Decision.Refused> emit(Task task, Claimed claim) {
    return draft.emit(new RunEvent.TaskClaimed(draft.at, task.id, claim));
  }
}
