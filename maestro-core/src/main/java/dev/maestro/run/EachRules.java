package dev.maestro.run;

import dev.maestro.pipeline.Action.Failure;
import dev.maestro.pipeline.Action.ForEach;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How a step that goes over a list ends, by what has become of the elements. */
final class EachRules {

  private static final int NAMED = 5;

  private final Draft draft;
  private final RunState state;

  EachRules(Draft draft) {
    this.draft = draft;
    this.state = draft.state;
  }

  // ------------------------------------------------------------------ what it comes to

  /** {@return whether it can no longer succeed} */
  static boolean isHopeless(ForEach each, Inside inside) {
    int lost = inside.failed() + inside.cancelled();
    boolean over = inside.live() == 0;
    return switch (each.failure()) {
      case CANCEL -> lost > 0;
      case KEEP -> over && lost > 0 && inside.done() == 0;
      case QUORUM -> inside.done() < each.quorum() && inside.size() - lost < each.quorum();
    };
  }

  /** {@return whether something around it has cancelled what could have made it succeed} */
  static boolean isCutOff(ForEach each, Inside inside) {
    return inside.cancelled() > 0
        && switch (each.failure()) {
          case CANCEL -> inside.failed() == 0;
          case KEEP -> true;
          case QUORUM ->
              !isEnough(each, inside) && inside.size() - inside.failed() >= each.quorum();
        };
  }

  static boolean isEnough(ForEach each, Inside inside) {
    return each.failure() == Failure.QUORUM && inside.done() >= each.quorum();
  }

  /** Cancel what cannot change any more what it comes to. */
  void cancelIfDecided(Task task, ForEach each) {
    Inside inside = RunState.requireOpen(task);
    if (inside.live() > 0 && (isHopeless(each, inside) || isEnough(each, inside))) {
      List<Move> moves = new ArrayList<>();
      String why =
          isHopeless(each, inside)
              ? "task " + task.id + " can no longer succeed"
              : "enough others have succeeded";
      inside.children().forEach(id -> cancel(state.require(id), why, moves));
      draft.emitMoves(moves);
    }
  }

  /** {@return whether the task and all that is in it have come to their end with that} */
  private boolean cancel(Task task, String why, List<Move> moves) {
    boolean all = true;
    if (task.inside != null) {
      for (TaskId id : task.inside.children()) {
        all &= cancel(state.require(id), why, moves);
      }
    }
    boolean rests = !task.isLive() && !task.isBehindFailure();
    if (rests) {
      return all;
    }
    if (!all || isBeingMerged(task)) {
      return false;
    }
    moves.add(draft.move(task.id, TaskState.CANCELLED, Reason.CANCELLED, why));
    return true;
  }

  /** A branch that moves half is worse than a wait. */
  private static boolean isBeingMerged(Task task) {
    boolean prepared =
        task.dealings.merging != null && !task.dealings.merged && task.state != TaskState.BLOCKED;
    return task.phase == Phase.INTEGRATE && (task.active || prepared);
  }

  // ------------------------------------------------------------------ what is said of it

  /** {@return why it cannot succeed} */
  String whyHopeless(Task task, ForEach each) {
    Inside inside = RunState.requireOpen(task);
    String missing =
        each.failure() == Failure.QUORUM
            ? each.quorum() + " of " + inside.size() + " elements had to succeed"
            : "";
    return inside.failed() == 0
        ? missing
        : whatFailed(inside) + (missing.isEmpty() ? "" : "; " + missing);
  }

  /** {@return what is to be known of one that succeeds; nothing when all did} */
  String remark(Task task) {
    Inside inside = RunState.requireOpen(task);
    String failed = inside.failed() == 0 ? "" : whatFailed(inside);
    String cancelled =
        inside.cancelled() == 0
            ? ""
            : inside.done() + " of " + inside.size() + " elements were enough";
    return failed.isEmpty() || cancelled.isEmpty() ? failed + cancelled : cancelled + "; " + failed;
  }

  private String whatFailed(Inside inside) {
    String which =
        inside.children().stream()
            .filter(id -> state.require(id).hasFailedForGood())
            .limit(NAMED)
            .map(TaskId::value)
            .collect(Collectors.joining(", "));
    return inside.failed()
        + " of "
        + inside.size()
        + " elements failed: "
        + which
        + (inside.failed() > NAMED ? " and others" : "");
  }
}
