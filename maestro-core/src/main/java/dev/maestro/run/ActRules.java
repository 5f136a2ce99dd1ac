package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.pipeline.Action;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first phase of an attempt: launches, and how the work ended. */
final class ActRules {

  private static final Duration SOONEST = Duration.ofSeconds(1);

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final InsideRules insides;
  private final BudgetRules budgets;

  ActRules(Draft draft, FailureRules failures, InsideRules insides, BudgetRules budgets) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.insides = insides;
    this.budgets = budgets;
  }

  // ------------------------------------------------------------------ launches

  Optional<Decision.Refused> intend(RunInput.Intend i) {
    RunEvent.Intent intent = i.intent();
    Task task = state.require(intent.task());
    if (!task.isAgent()) {
      return Refusal.notAllowed("task " + task.id + " launches no agent");
    }
    if (task.dealings.intended && task.phase == Phase.ACT) {
      return Refusal.notAllowed("task " + task.id + " is being launched already");
    }
    if (task.dealings.launches >= task.allowedAttempts() || task.dealings.launched) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " has spent "
              + task.dealings.launches
              + " launches of "
              + task.allowedAttempts());
    }
    return i.held() == null ? budgets.intend(i, task) : held(i, task, i.held());
  }

  /** What is above the run keeps the provider from being launched just now. */
  private Optional<Decision.Refused> held(RunInput.Intend i, Task task, RunInput.Held held) {
    return draft
        .judged(
            task.id, i.intent().attempt(), Phase.ACT, Fold.concat(i.judgments(), held.judgments()))
        .or(() -> stopped(task, held.verdict()));
  }

  /** Gates start processes too, so that any phase will do but for an agent. */
  Optional<Decision.Refused> launch(RunInput.Launch i) {
    Task task = state.require(i.task());
    if (!task.active || task.attempt != i.attempt()) {
      return Refusal.stale("task " + task.id + " is not at attempt " + i.attempt());
    }
    if (i.agent() && !(task.dealings.intended && task.phase == Phase.ACT)) {
      return Refusal.notAllowed("task " + task.id + " has recorded no intent to launch");
    }
    return draft.emit(
        new RunEvent.Launched(draft.at, task.id, i.attempt(), i.process(), i.agent()));
  }

  Optional<Decision.Refused> nameSession(RunInput.NameSession i) {
    return draft.emit(new RunEvent.SessionStarted(draft.at, i.task(), i.attempt(), i.session()));
  }

  /** While somebody is at work, the conversation is theirs. */
  Optional<Decision.Refused> putConversation(RunInput.PutConversation i) {
    Task task = state.require(i.event().task());
    return task.active
        ? Refusal.notAllowed("task " + task.id + " is at work")
        : draft.emit(i.event());
  }

  // ------------------------------------------------------------------ ends

  Optional<Decision.Refused> ended(RunInput.ActEnded i) {
    Task task = state.require(i.task());
    Optional<Decision.Refused> refusal = insides.fits(task, i.result());
    if (refusal.isPresent()) {
      return refusal;
    }
    judged(i);
    return ended(i, task);
  }

  private void judged(RunInput.ActEnded i) {
    Task task = state.require(i.task());
    List<Judgment> all =
        Fold.concat(i.judgments(), budgets.overrun(task, i.result().usage(), i.above()));
    draft.judged(i.task(), i.attempt(), Phase.ACT, all);
  }

  private Optional<Decision.Refused> ended(RunInput.ActEnded i, Task task) {
    if (i.result() instanceof ActResult.Done done) {
      return done(i, task, done);
    } else if (i.result() instanceof ActResult.Opened opened) {
      return opened(i, task, opened);
    } else if (i.result() instanceof ActResult.Failed failed) {
      return failed(i, task, failed);
    } else if (i.result() instanceof ActResult.Asked asked) {
      return asked(i, task, asked);
    }
    return stopped(task, ((ActResult.Stopped) i.result()).verdict());
  }

  private Optional<Decision.Refused> done(RunInput.ActEnded i, Task task, ActResult.Done done) {
    Trouble trouble = Outputs.check(state, task, done.output());
    if (trouble == null) {
      trouble = budgets.abortedBy(task, done.usage(), done.degraded(), i.above()).orElse(null);
    }
    if (trouble != null) {
      return failed(i, task, new ActResult.Failed(trouble, done.usage(), done.session()));
    }
    Move acted = draft.move(task.id, TaskState.TESTING, Reason.SUCCEEDED);
    boolean nothingToVerify = !task.step.action().usesWorkspace();
    if (nothingToVerify && (done.doubt() != null || isLookedAt(task))) {
      return review(i, task, done, acted);
    } else if (done.doubt() != null) {
      draft.emit(acted(i, done, List.of(acted)));
      return draft.ask(task, Question.Kind.POLICY, done.doubt(), Phase.VERIFY);
    }
    List<Move> moves = nothingToVerify ? throughVerify(task, acted) : List.of(acted);
    return draft.emit(acted(i, done, moves));
  }

  private List<Move> throughVerify(Task task, Move acted) {
    Move verified =
        new Move(task.id, TaskState.TESTING, TaskState.VERIFIED, Reason.NO_GATES, null, null);
    return task.integrates()
        ? List.of(acted, verified)
        : List.of(acted, verified, insides.completion(task));
  }

  private RunEvent acted(RunInput.ActEnded i, ActResult.Done done, List<Move> moves) {
    return new RunEvent.Acted(
        draft.at,
        i.task(),
        i.attempt(),
        done.output(),
        done.usage(),
        done.session(),
        null,
        moves,
        done.degraded());
  }

  /** Code has no files and no gates: what it returned is all that can be looked at. */
  private boolean isLookedAt(Task task) {
    if (task.step.action().kind() != Action.Kind.CODE) {
      return false;
    }
    Oversight oversight = state.policies(task.id).oversight();
    boolean signedOff = oversight.signoff(oversight.effectiveRisk()).beforeMerge(0);
    return oversight.review() || signedOff && task.step.mergeInto() == null;
  }

  private Optional<Decision.Refused> review(
      RunInput.ActEnded i, Task task, ActResult.Done done, Move acted) {
    Move ready =
        new Move(
            task.id, TaskState.TESTING, TaskState.READY_FOR_REVIEW, Reason.NO_GATES, null, null);
    draft.emit(acted(i, done, List.of(acted, ready)));
    String question = "Is what task " + task.id + " returned accepted?";
    Verdict.Ask ask =
        done.doubt() != null
            ? done.doubt()
            : new Verdict.Ask(Reason.ESCALATED, question, shown(done.output()));
    return draft.askWhereItIs(task, Question.Kind.REVIEW, ask, Phase.INTEGRATE);
  }

  private static Shown shown(@Nullable Value output) {
    if (output instanceof Value.Inline inline) {
      return Shown.of(Value.textOf(inline.json()));
    }
    return Shown.of(output == null ? "" : ((Value.Stored) output).blob().hex());
  }

  private Optional<Decision.Refused> opened(
      RunInput.ActEnded i, Task task, ActResult.Opened opened) {
    Trouble trouble = Outputs.checkInside(state, task, opened);
    return trouble == null
        ? insides.open(i, opened)
        : failed(i, task, new ActResult.Failed(trouble, Usage.NONE, null));
  }

  private Optional<Decision.Refused> failed(
      RunInput.ActEnded i, Task task, ActResult.Failed failed) {
    Trouble trouble = failed.trouble();
    if (trouble.reason().equals(Reason.BUDGET_EXCEEDED)) {
      Optional<BudgetRules.Lack> few = BudgetRules.outOf(state, task, failed, i.above(), draft.at);
      if (few.isPresent()) {
        return outOfBudget(i, task, failed, few.get());
      }
      if (BudgetRules.hasMoreSince(state, task, failed, i.above(), draft.at)) {
        return goesOnWithMore(i, task, failed);
      }
    } else if (trouble.isTurnedAway(draft.at)) {
      return turnedAway(i, task, failed);
    }
    return failures.fail(task, failed.trouble(), i.draw(), moves -> acted(i, failed, moves));
  }

  private RunEvent acted(RunInput.ActEnded i, ActResult.Failed failed, List<Move> moves) {
    return new RunEvent.Acted(
        draft.at,
        i.task(),
        i.attempt(),
        null,
        failed.usage(),
        failed.session(),
        failed.trouble(),
        moves);
  }

  /** Where there is a route to fall back to, it is tried at once, unless none has taken it. */
  private Optional<Decision.Refused> turnedAway(
      RunInput.ActEnded i, Task task, ActResult.Failed failed) {
    Trouble trouble = failed.trouble();
    int times = TurnedAway.times(task, draft.at);
    int routes = 1 + state.policies(task.id).fallbacks().size();
    Instant told = routes == 1 ? Objects.requireNonNull(trouble.until()) : draft.at;
    Instant until = TurnedAway.until(times, routes, told, draft.at);
    String why =
        TurnedAway.isTooOften(times, routes)
            ? "%s; turned away %d times in a row, it waits until %s"
                .formatted(trouble.message(), times, until)
            : trouble.message();
    Move move = draft.move(task.id, TaskState.PAUSED, Reason.QUOTA_EXHAUSTED, why, until);
    return draft.emit(acted(i, failed, List.of(move)));
  }

  /** A launch was ended that had used up its cap, and there is too little left for another. */
  private Optional<Decision.Refused> outOfBudget(
      RunInput.ActEnded i, Task task, ActResult.Failed failed, BudgetRules.Lack lack) {
    TaskState to = lack.pauses() ? TaskState.PAUSED : TaskState.FAILED;
    Instant until = lack.pauses() ? lack.until() : null;
    Move move = draft.move(task.id, to, lack.reason(), lack.few().why(), until);
    draft.emit(acted(i, failed, List.of(move)));
    if (to == TaskState.PAUSED) {
      return Optional.empty();
    }
    budgets.askAfter(task, lack);
    return state.require(task.id).state == TaskState.FAILED
        ? failures.blockBehind(task.id)
        : Optional.empty();
  }

  /** It would have paused until there is more, and there is. */
  private Optional<Decision.Refused> goesOnWithMore(
      RunInput.ActEnded i, Task task, ActResult.Failed failed) {
    String why = failed.trouble().message() + "; by now there is more";
    draft.emit(
        acted(
            i,
            failed,
            List.of(draft.move(task.id, TaskState.PAUSED, Reason.BUDGET_EXCEEDED, why))));
    return budgets.letTry(List.of(state.require(task.id)));
  }

  /** What it used up is recorded first; after a yes, another launch goes on in its session. */
  private Optional<Decision.Refused> asked(RunInput.ActEnded i, Task task, ActResult.Asked asked) {
    Verdict.Ask ask = asked.verdict();
    Move move = draft.move(task.id, TaskState.AWAITING_APPROVAL, ask.reason(), ask.question());
    draft.emit(
        new RunEvent.Acted(
            draft.at,
            task.id,
            i.attempt(),
            null,
            asked.usage(),
            asked.session(),
            null,
            List.of(move)));
    return draft.askWhereItIs(task, Question.Kind.POLICY, ask, Phase.ACT);
  }

  /** A rule that says to go on at once would be asked again and again. */
  private Instant later(Verdict.Wait wait) {
    Instant soonest = draft.at.plus(SOONEST);
    return wait.until().isBefore(soonest) ? soonest : wait.until();
  }

  private Optional<Decision.Refused> stopped(Task task, Verdict verdict) {
    if (verdict instanceof Verdict.Wait wait) {
      return draft.emitMoves(
          List.of(draft.move(task.id, TaskState.PAUSED, wait.reason(), null, later(wait))));
    } else if (verdict instanceof Verdict.Ask ask) {
      return draft.ask(task, Question.Kind.POLICY, ask, Phase.ACT);
    } else if (verdict instanceof Verdict.Refuse refuse && refuse.recoverable()) {
      return draft.emitMove(task.id, TaskState.BLOCKED, refuse.reason(), refuse.why());
    } else if (verdict instanceof Verdict.Refuse refuse) {
      draft.emitMove(task.id, TaskState.FAILED, refuse.reason(), refuse.why());
      return failures.blockBehind(task.id);
    }
    return Refusal.notAllowed(verdict + " does not stop task " + task.id);
  }

  // ------------------------------------------------------------------ what was cut off

  /**
   * What an attempt used up that was cut off is recorded, once, even though nothing waits for its
   * outcome any more; {@code late} is the answer to anything else.
   */
  Optional<Decision.Refused> endedLate(RunInput.ActEnded i, Decision.Refused late) {
    boolean owed = state.task(i.task()).map(task -> task.owes(i.attempt())).orElse(false);
    if (owed && i.result() instanceof ActResult.Done done) {
      return settleOwed(i, done.usage(), done.session());
    } else if (owed && i.result() instanceof ActResult.Failed failed) {
      return settleOwed(i, failed.usage(), failed.session());
    } else if (owed && i.result() instanceof ActResult.Asked asked) {
      return settleOwed(i, asked.usage(), asked.session());
    }
    return Optional.of(late);
  }

  private Optional<Decision.Refused> settleOwed(
      RunInput.ActEnded i, @Nullable Usage usage, @Nullable SessionId session) {
    return draft
        .judged(i.task(), i.attempt(), Phase.ACT, i.judgments())
        .or(
            () ->
                draft.emit(
                    new RunEvent.Acted(
                        draft.at, i.task(), i.attempt(), null, usage, session, null, List.of())));
  }
}
