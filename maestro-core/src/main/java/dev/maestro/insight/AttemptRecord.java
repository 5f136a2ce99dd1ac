package dev.maestro.insight;

import dev.maestro.policy.Account;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Policies;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.run.Try;
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
  RunEvent.@Nullable Verified check;
  int changed;
  int receipts;
  boolean merging;
  Usage usage = Usage.NONE;
  // every failed attempt of its task up to this one, when it failed itself
  List<Try> failures = List.of();
  // whether it failed and none was to follow by itself
  boolean last;
  // whether a person was asked whether another may follow
  boolean escalated;
  RunEvent.@Nullable Scored scored;
  // how the innermost budget around it stood before its launch
  @Nullable Standing standing;
  Outcome was = Outcome.WENT_ON;

  /**
   * How a budget stood before a launch.
   *
   * @param account how it stood; its limits and what was reserved are those of the policies then
   * @param beside how many other launches were under way that it was to pay for
   * @param owed whether it was to pay for launches of which nobody knew yet what they used up
   */
  record Standing(Account account, int beside, boolean owed) {}

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
