package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Question;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first phase of an attempt: launches, and how the work ended. */
final class ActRules {

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final InsideRules insides;

  ActRules(Draft draft, FailureRules failures, InsideRules insides) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.insides = insides;
  }

  // ------------------------------------------------------------------ launches

  Optional<Decision.Refused> intend(RunInput.Intend i) {
    RunEvent.Intent intent = i.intent();
    Task task = state.require(intent.task());
    if (!task.isAgent()) {
      return Refusal.notAllowed("task " + task.id + " launches no agent");
    }
    if (task.launches >= task.allowedAttempts() || task.launched) {
      return Refusal.notAllowed(
          "task "
              + task.id
              + " has spent "
              + task.launches
              + " launches of "
              + task.allowedAttempts());
    }
    return draft
        .judged(task.id, intent.attempt(), Phase.ACT, i.judgments())
        .or(() -> draft.emit(intent));
  }

  /** Gates start processes too, so that any phase will do but for an agent. */
  Optional<Decision.Refused> launch(RunInput.Launch i) {
    Task task = state.require(i.task());
    if (!task.active || task.attempt != i.attempt()) {
      return Refusal.stale("task " + task.id + " is not at attempt " + i.attempt());
    }
    if (i.agent() && !(task.intended && task.phase == Phase.ACT)) {
      return Refusal.notAllowed("task " + task.id + " has recorded no intent to launch");
    }
    return draft.emit(
        new RunEvent.Launched(draft.at, task.id, i.attempt(), i.process(), i.agent()));
  }

  Optional<Decision.Refused> nameSession(RunInput.NameSession i) {
    return draft.emit(new RunEvent.SessionStarted(draft.at, i.task(), i.attempt(), i.session()));
  }

  // ------------------------------------------------------------------ ends

  Optional<Decision.Refused> ended(RunInput.ActEnded i) {
    Task task = state.require(i.task());
    return insides.fits(task, i.result()).or(() -> judged(i)).or(() -> ended(i, task));
  }

  private Optional<Decision.Refused> judged(RunInput.ActEnded i) {
    return draft.judged(i.task(), i.attempt(), Phase.ACT, i.judgments());
  }

  private Optional<Decision.Refused> ended(RunInput.ActEnded i, Task task) {
    if (i.result() instanceof ActResult.Done done) {
      return done(i, task, done);
    } else if (i.result() instanceof ActResult.Opened opened) {
      return opened(i, task, opened);
    } else if (i.result() instanceof ActResult.Failed failed) {
      return failed(i, task, failed);
    }
    return stopped(task, ((ActResult.Stopped) i.result()).verdict());
  }

  private Optional<Decision.Refused> done(RunInput.ActEnded i, Task task, ActResult.Done done) {
    Trouble trouble = Outputs.check(state, task, done.output());
    if (trouble != null) {
      return failed(i, task, new ActResult.Failed(trouble, done.usage(), done.session()));
    }
    List<Move> moves = new ArrayList<>();
    moves.add(draft.move(task.id, TaskState.TESTING, Reason.SUCCEEDED));
    boolean nothingToVerify = !task.step.action().usesWorkspace();
    if (nothingToVerify) {
      moves.add(
          new Move(task.id, TaskState.TESTING, TaskState.VERIFIED, Reason.NO_GATES, null, null));
      if (!task.integrates()) {
        moves.add(insides.completion(task));
      }
    }
    return draft.emit(
        new RunEvent.Acted(
            draft.at,
            task.id,
            i.attempt(),
            done.output(),
            done.usage(),
            done.session(),
            null,
            moves));
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
    return failures.fail(
        task,
        failed.trouble(),
        i.draw(),
        moves ->
            new RunEvent.Acted(
                draft.at,
                task.id,
                i.attempt(),
                null,
                failed.usage(),
                failed.session(),
                failed.trouble(),
                moves));
  }

  private Optional<Decision.Refused> stopped(Task task, Verdict verdict) {
    if (verdict instanceof Verdict.Wait wait) {
      return draft.emitMoves(
          List.of(draft.move(task.id, TaskState.PAUSED, wait.reason(), null, wait.until())));
    } else if (verdict instanceof Verdict.Ask ask) {
      return draft.ask(task, Question.Kind.POLICY, ask.question(), Phase.ACT, ask.reason());
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
    boolean owed = state.task(i.task()).map(task -> task.owed.contains(i.attempt())).orElse(false);
    if (owed && i.result() instanceof ActResult.Done done) {
      return settleOwed(i, done.usage(), done.session());
    } else if (owed && i.result() instanceof ActResult.Failed failed) {
      return settleOwed(i, failed.usage(), failed.session());
    }
    return Optional.of(late);
  }

  private Optional<Decision.Refused> settleOwed(
      RunInput.ActEnded i, @Nullable Usage usage, @Nullable SessionId session) {
    return judged(i)
        .or(
            () ->
                draft.emit(
                    new RunEvent.Acted(
                        draft.at,
                        i.task(),
                        i.attempt(),
                        null,
                        usage,
                        session,
                        null,
                        List.of())));
  }
}
