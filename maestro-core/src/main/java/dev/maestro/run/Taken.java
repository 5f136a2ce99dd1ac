package dev.maestro.run;

import dev.maestro.run.RunEvent.Forked.Kept;
import dev.maestro.run.RunEvent.TasksAdded;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a fork takes along from the run it is made from.
 *
 * @param from which run
 * @param sequence the number of its last event then
 * @param added the tasks that reused plans added, plan by plan
 * @param kept the tasks that are not done again, with their outcomes
 */
public record Taken(RunKey from, long sequence, List<TasksAdded> added, List<Kept> kept) {

  /** Copy the lists. */
  public Taken {
    Objects.requireNonNull(from, "from");
    added = List.copyOf(added);
    kept = List.copyOf(kept);
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
    Set<TaskId> reused = new LinkedHashSet<>(plan.tasks(ResumePlan.Group.REUSE));
    List<Task> tasks =
        state.tasks().stream()
            .filter(task -> reused.contains(task.id))
            // what ended well took in what is inside of it
            .filter(task -> task.parent == null)
            .toList();
    return new Taken(
        state.key(),
        state.sequence(),
        tasks.stream().flatMap(task -> Optional.ofNullable(task.added).stream()).toList(),
        tasks.stream().map(Taken::kept).toList());
  }

  private static Kept kept(Task task) {
    return new Kept(
        task.id,
        task.state,
        task.reason == null ? Reason.SUCCEEDED : task.reason,
        task.output,
        task.reusedUsage().orElseGet(task::usage),
        task.checkpoint,
        task.carried,
        task.receipts,
        task.changed,
        task.evidence,
        task.startedAt,
        task.endedAt);
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
