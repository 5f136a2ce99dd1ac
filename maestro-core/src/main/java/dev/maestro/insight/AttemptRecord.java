package dev.maestro.insight;

import dev.maestro.policy.Judgment;
import dev.maestro.policy.Policies;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the journal tells of one attempt; grows while the journal is read. */
final class AttemptRecord {

  final Task task;
  final int number;
  final Policies policies;
  final List<Judgment> judgments = new ArrayList<>();
  RunEvent.@Nullable Intent intent;
  @Nullable Value output;
  boolean launched;
  boolean acted;
  boolean verified;
  int changed;
  int receipts;
  boolean merging;
  Usage usage = Usage.NONE;
  Outcome was = Outcome.WENT_ON;

  AttemptRecord(Task task, int number, Policies policies) {
    this.task = task;
    this.number = number;
    this.policies = policies;
  }

  TaskId id() {
    return task.id();
  }

  void heldUp(Outcome by) {
    was = was.and(by);
  }
}
