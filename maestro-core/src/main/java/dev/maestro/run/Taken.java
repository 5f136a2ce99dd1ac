package dev.maestro.run;

import dev.maestro.run.ResumePlan.Cause;
import dev.maestro.run.RunEvent.Forked.Kept;
import dev.maestro.run.RunEvent.Forked.Wanted;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a fork takes along from the run it is made from.
 *
 * @param from which run
 * @param sequence the number of its last event then
 * @param added how tasks came to be that the pipeline does not name: those that reused plans added,
 *     and those inside of tasks that go on
 * @param kept the tasks that are not done again, with their outcomes
 * @param start the id of what the tasks of the run started from that wait for no other, or null
 *     when none has
 * @param wanted what somebody had wanted to be different about tasks that are done again
 */
public record Taken(
    RunKey from,
    long sequence,
    List<RunEvent> added,
    List<Kept> kept,
    @Nullable String start,
    List<Wanted> wanted) {

  /** Copy the lists. */
  public Taken {
    Objects.requireNonNull(from, "from");
    added = List.copyOf(added);
    kept = List.copyOf(kept);
    wanted = List.copyOf(wanted);
  }

  /**
   * {@return what a fork by this plan takes along; empty when the run has moved on since the plan
   * was made, so that it would say something else now}
   */
  public static Optional<Taken> of(RunState state, ResumePlan plan) {
    return ResumePlan.of(state, plan.at(), plan.pipeline(), plan.inputHash(), plan.inputs())
            .agrees(plan)
        ? Optional.of(taken(state, plan))
        : Optional.empty();
  }

  private static Taken taken(RunState state, ResumePlan plan) {
    Set<TaskId> done = plan.tasks(Cause.DONE);
    Set<TaskId> goOn = plan.tasks(Cause.GOES_ON);
    List<RunEvent> added = new ArrayList<>();
    List<Kept> kept = new ArrayList<>();
    List<Wanted> wanted = new ArrayList<>();
    for (Task task : state.tasks()) {
      // what ended well took in what is inside of it
      boolean counts = task.parent == null || goOn.contains(task.parent);
      if (counts && goOn.contains(task.id)) {
        added.add(opened(state, task));
        kept.add(open(task));
      } else if (counts && done.contains(task.id)) {
        Optional.ofNullable(task.dealings.added).ifPresent(added::add);
        kept.add(kept(task));
      } else if (counts) {
        wanted(task, plan).ifPresent(wanted::add);
      }
    }
    return new Taken(
        state.key(), state.sequence(), added, kept, state.start().orElse(null), wanted);
  }

  /**
   * Feedback is about work; where that is made of something else now, it is no longer about it,
   * unless nobody has acted on it yet.
   */
  private static Optional<Wanted> wanted(Task task, ResumePlan plan) {
    Feedback feedback = task.dealings.feedback;
    ResumePlan.Line line = plan.line(task.id).orElse(null);
    if (feedback == null || line == null || line.group() == ResumePlan.Group.ORPHANED) {
      return Optional.empty();
    }
    boolean holds =
        switch (line.cause()) {
          case UNFINISHED, FAILED, FORKED_HERE -> true;
          default -> !task.hasBegun();
        };
    return holds
        ? Optional.of(new Wanted(task.id, feedback.text(), feedback.actor()))
        : Optional.empty();
  }

  private static RunEvent.Opened opened(RunState state, Task task) {
    Inside inside = RunState.requireOpen(task);
    List<Value.Inline> elements =
        inside.children().stream()
            .flatMap(id -> state.require(id).element().stream())
            .map(element -> new Value.Inline(element.value()))
            .toList();
    boolean isList = task.step.each().isPresent();
    return new RunEvent.Opened(
        state.updatedAt(), task.id, 1, inside.inputs(), isList ? elements : List.of());
  }

  /** One that is open has nothing yet but its beginning. */
  private static Kept open(Task task) {
    return new Kept(
        task.id,
        TaskState.RUNNING,
        Reason.FORKED,
        null,
        Usage.NONE,
        null,
        List.of(),
        List.of(),
        0,
        Evidence.NONE,
        task.startedAt,
        null,
        null,
        List.of());
  }

  /** What kept accepted work from its branch was another run's matter. */
  private static Kept kept(Task task) {
    boolean merges = task.waitsForItsMerge() && task.state != TaskState.VERIFIED;
    return new Kept(
        task.id,
        merges ? TaskState.VERIFIED : task.state,
        task.reason == null ? Reason.SUCCEEDED : merges ? Reason.FORKED : task.reason,
        task.output,
        task.reusedUsage().orElseGet(task::usage),
        task.checkpoint,
        task.carried,
        task.dealings.receipts,
        task.dealings.changed,
        task.evidence,
        task.startedAt,
        task.endedAt,
        merges ? null : task.detail,
        task.dealings.makers);
  }

  /**
   * {@return every checkpoint that the fork builds on, by the task that made it or passes it on}
   */
  public Map<TaskId, List<Checkpoint>> checkpoints() {
    Map<TaskId, List<Checkpoint>> all = new TreeMap<>();
    for (Kept task : kept) {
      Set<Checkpoint> ofTask = new LinkedHashSet<>(task.carried());
      Checkpoint own = task.checkpoint();
      if (own != null) {
        ofTask.add(own);
      }
      if (!ofTask.isEmpty()) {
        all.put(task.task(), List.copyOf(ofTask));
      }
    }
    return all;
  }
}
