package dev.maestro.insight;

import dev.maestro.json.Json;
import dev.maestro.policy.Account;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Policies;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.run.Try;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the journal tells of one attempt; grows while the journal is read. */
final class AttemptRecord {

  final Task task;
  final int number;
  final Policies policies;
  // whether any step of its pipeline names secrets, which are taken out of what is recorded
  final boolean declaresSecrets;
  final List<Judgment> judgments = new ArrayList<>();
  RunEvent.@Nullable Intent intent;
  @Nullable Value output;
  // whether only the beginning of its output was kept
  boolean cut;
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
  // how the innermost budget around it stood before its launch, or when that asked before it
  @Nullable Standing standing;
  // whether that budget asked before its launch, which has been made since
  boolean grantedByYes;
  // whether another budget around it asked, too
  boolean askedByOther;
  Outcome was = Outcome.WENT_ON;

  /**
   * How a budget stood before a launch.
   *
   * @param account how it stood; its limits and what was reserved are those of the policies then
   * @param byHand what was granted on top of it, but for what it asked for
   * @param yeses how it stood each time before that it asked and was granted as much again
   * @param beside how many other launches were under way that it was to pay for
   * @param owed whether it was to pay for launches of which nobody knew yet what they used up
   */
  record Standing(Account account, Cap byHand, List<Standing> yeses, int beside, boolean owed) {

    /**
     * {@return whether what it was to pay for was known, now and each time that it asked before}
     */
    boolean isKnown() {
      return !owed && yeses.stream().noneMatch(Standing::owed);
    }
  }

  AttemptRecord(Task task, int number, Policies policies, boolean declaresSecrets) {
    this.task = task;
    this.number = number;
    this.policies = policies;
    this.declaresSecrets = declaresSecrets;
  }

  TaskId id() {
    return task.id();
  }

  void heldUp(Outcome by) {
    was = was.and(by);
  }

  boolean failedAs(Reason reason) {
    return !failures.isEmpty() && failures.get(failures.size() - 1).reason().equals(reason);
  }

  /** What a rule asked that had been answered already, or said of the run, held nothing up. */
  Outcome recorded(Judgment judgment) {
    Outcome said = outcomeOf(judgment.answer());
    return said.compareTo(was) > 0 ? was : said;
  }

  private static Outcome outcomeOf(Judgment.Answer answer) {
    return switch (answer) {
      case PROCEED -> Outcome.WENT_ON;
      case DEGRADE -> Outcome.DEGRADED;
      case WAIT -> Outcome.PAUSED;
      case ASK -> Outcome.ASKED;
      case REFUSE -> Outcome.BLOCKED;
    };
  }

  /** {@return what it returned, as far as that is recorded; nothing for nothing that is there} */
  Optional<String> said(Function<BlobId, Optional<byte[]>> blobs) {
    if (output instanceof Value.Inline inline) {
      return Optional.of(Value.textOf(inline.json()));
    }
    return output == null ? Optional.of("") : blobs.apply(blob(output)).map(AttemptRecord::text);
  }

  private static BlobId blob(Value output) {
    return ((Value.Stored) output).blob();
  }

  private static String text(byte[] json) {
    try {
      return Value.textOf(Json.read(json));
    } catch (IOException e) {
      throw new IllegalArgumentException("an output that is kept is no JSON", e);
    }
  }
}
