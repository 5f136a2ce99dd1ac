package dev.maestro.run;

import dev.maestro.gate.Receipt;
import dev.maestro.policy.Verdict;
import dev.maestro.workspace.Checkpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How verify ended.
 *
 * @param checkpoint what was checked, or null where nothing is kept
 * @param changed how many files differ from what the task started from
 * @param restored protected files that were put back
 * @param receipts of the gates that ran
 * @param trouble why it did not pass, or null when it did
 * @param ask what a person has to say first, or null
 * @param review what somebody is asked who looks at the work before it is accepted, or null
 */
public record VerifyResult(
    @Nullable Checkpoint checkpoint,
    int changed,
    List<String> restored,
    List<Receipt> receipts,
    @Nullable Trouble trouble,
    Verdict.@Nullable Ask ask,
    Verdict.@Nullable Ask review) {

  /** Make the result of work that nobody looks at before it is accepted. */
  public VerifyResult(
      @Nullable Checkpoint checkpoint,
      int changed,
      List<String> restored,
      List<Receipt> receipts,
      @Nullable Trouble trouble,
      Verdict.@Nullable Ask ask) {
    this(checkpoint, changed, restored, receipts, trouble, ask, null);
  }

  /** Copy the lists. */
  // written out, because a compact one loses the annotation of a nested type
  public VerifyResult(
      @Nullable Checkpoint checkpoint,
      int changed,
      List<String> restored,
      List<Receipt> receipts,
      @Nullable Trouble trouble,
      Verdict.@Nullable Ask ask,
      Verdict.@Nullable Ask review) {
    this.checkpoint = checkpoint;
    this.changed = changed;
    this.restored = List.copyOf(restored);
    this.receipts = List.copyOf(receipts);
    this.trouble = trouble;
    this.ask = ask;
    this.review = review;
  }
}
