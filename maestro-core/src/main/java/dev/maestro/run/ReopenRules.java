package dev.maestro.run;

import dev.maestro.pipeline.Action;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How tasks are tried again that failed with what is inside of them: that is tried again, and what
 * their failure had cancelled is brought back.
 */
final class ReopenRules {

  private final Draft draft;
  private final RunState state;
  private final FailureRules failures;
  private final EachRules eachRules;
  // each of them once, in the order in which they were found
  private final Map<TaskId, Task> seen = new LinkedHashMap<>();
  private final List<Task> failed = new ArrayList<>();
  private final List<Task> failedWithOthers = new ArrayList<>();
  private final List<Task> asked = new ArrayList<>();
  private final List<Task> anew = new ArrayList<>();
  private final List<Task> cancelled = new ArrayList<>();

  /** Rules for one decision. */
  ReopenRules(Draft draft, FailureRules failures) {
    this.draft = draft;
    this.state = draft.state;
    this.failures = failures;
    this.eachRules = new EachRules(draft);
  }

  /** {@return why what is around a task would not go on with it, if so} */
  Optional<Decision.Refused> mayGoOnAround(Task task) {
    for (Task around : around(task)) {
      if (!around.waitsForInside() && !reopens(around)) {
        return Refusal.notAllowed(
            "task "
                + task.id
                + " is inside "
                + around.id
                + ", which is "
                + around.state
                + " and has gone on without it");
      }
    }
    return Optional.empty();
  }

  private static boolean reopens(Task around) {
    boolean ended = around.hasFailedForGood() || around.state == TaskState.CANCELLED;
    return ended && around.isOpen() && !around.dealings.retired;
  }

  /** Try a task again that failed, or was blocked in the middle of its work. */
  Optional<Decision.Refused> retry(Task task) {
    if (task.hasFailedForGood()) {
      find(task);
    } else {
      tryAgain(task);
    }
    findAround(task);
    reopen();
    return whyInVain(task);
  }

  /** Let what is around a task wait for it again, which begins anew itself with these others. */
  void reopenAround(Task task, List<Task> anew) {
    anew.forEach(one -> seen.put(one.id, one));
    findAround(task);
    reopen();
  }

  /** {@return why a task is tried again in vain, because what is around it ends all the same} */
  Optional<Decision.Refused> whyInVain(Task task) {
    List<Task> around = around(task);
    return around.stream()
        .flatMap(one -> whyInVain(one, "; retry that task, or fork the run").stream())
        .findFirst()
        .or(
            () ->
                seen.keySet().stream()
                    .flatMap(id -> whyInVain(state.require(id), "; fork the run").stream())
                    .findFirst());
  }

  private Optional<Decision.Refused> whyInVain(Task task, String wayOut) {
    Action.ForEach each = task.step.each().orElse(null);
    Inside inside = task.inside;
    if (each == null || inside == null || !task.waitsForInside() && !task.released) {
      return Optional.empty();
    } else if (EachRules.isHopeless(each, inside)) {
      String why = eachRules.whyHopeless(task, each);
      return Refusal.notAllowed("task " + task.id + " would fail all the same: " + why + wayOut);
    }
    return EachRules.isEnough(each, inside) && inside.live() > 0
        ? Refusal.notAllowed("enough others in task " + task.id + " have succeeded")
        : Optional.empty();
  }

  // ------------------------------------------------------------------ what is found

  /** What a task failed with is tried again instead of it. */
  private void find(Task task) {
    boolean wasCancelled = task.state == TaskState.CANCELLED;
    if (!wasCancelled && !task.hasFailedForGood() || seen.putIfAbsent(task.id, task) != null) {
      return;
    }
    List<Task> ended = inside(task).stream().filter(ReopenRules::isFailedOrCancelled).toList();
    if (wasCancelled) {
      cancelled.add(task);
    } else if (ended.isEmpty()) {
      tryAgain(task);
    } else {
      failedWithOthers.add(task);
    }
    ended.forEach(this::find);
  }

  /** Where there is no work to go on with, the question is asked anew, or the time waited out. */
  private void tryAgain(Task task) {
    if (task.dealings.lapsed != null) {
      asked.add(task);
      return;
    }
    boolean waits = task.step.action().kind() == Action.Kind.WAIT;
    (task.phase == Phase.ACT && (task.isApproval() || waits) ? anew : failed).add(task);
  }

  /**
   * What failed in a task beside the one that is tried again stays so; but where the task was
   * cancelled itself, nobody has seen that it failed.
   */
  private void findAround(Task task) {
    for (Task around : around(task)) {
      boolean isNew = seen.putIfAbsent(around.id, around) == null;
      if (isNew && around.state == TaskState.CANCELLED) {
        cancelled.add(around);
        inside(around).forEach(this::find);
        continue;
      } else if (isNew && around.hasFailedForGood()) {
        failedWithOthers.add(around);
      }
      if (RunState.requireOpen(around).cancelled() > 0) {
        inside(around).stream().filter(one -> one.state == TaskState.CANCELLED).forEach(this::find);
      }
    }
  }

  private static boolean isFailedOrCancelled(Task task) {
    return task.hasFailedForGood() || task.state == TaskState.CANCELLED;
  }

  private List<Task> around(Task task) {
    List<Task> around = new ArrayList<>();
    for (TaskId id = task.parent; id != null; id = state.require(id).parent) {
      around.add(state.require(id));
    }
    return around;
  }

  private List<Task> inside(Task task) {
    return task.inside == null
        ? List.of()
        : task.inside.children().stream().map(state::require).toList();
  }

  // ------------------------------------------------------------------ what becomes of it

  /** What failed goes first, so that it has its place when others are let in. */
  private void reopen() {
    draft.emitMoves(
        failedWithOthers.stream()
            .map(one -> draft.move(one.id, TaskState.RETRYING, Reason.RETRY))
            .toList());
    asked.forEach(one -> draft.askAgain(one, Objects.requireNonNull(one.dealings.lapsed)));
    release(failed.stream().filter(one -> !one.hasSpentItsLast()).toList(), false);
    release(failed.stream().filter(Task::hasSpentItsLast).toList(), true);
    List<Task> reopened = Fold.concat(anew, cancelled);
    if (!reopened.isEmpty()) {
      draft.emit(new RunEvent.Reopened(draft.at, ids(reopened)));
    }
    failures.unblockBehind(
        ids(Stream.of(failedWithOthers, failed, asked, anew).flatMap(Collection::stream).toList()));
  }

  private void release(List<Task> tasks, boolean again) {
    if (!tasks.isEmpty()) {
      draft.release(ids(tasks), again);
    }
  }

  private static List<TaskId> ids(List<Task> tasks) {
    return tasks.stream().map(Task::id).toList();
  }
}
