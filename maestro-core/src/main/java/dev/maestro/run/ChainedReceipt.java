package dev.maestro.run;

import dev.maestro.gate.Receipt;
import dev.maestro.json.JsonText;
import dev.maestro.store.BlobId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A receipt with what it is for; what is hashed of it.
 *
 * @param event the kind of event that holds it, as in the journal
 * @param task whose work the gate ran on
 * @param attempt the number of the attempt; 0 where the event is about no single one
 * @param checkpoint the id of what was checked, or null where the event does not say
 * @param receipt the evidence
 */
record ChainedReceipt(
    String event, TaskId task, int attempt, @Nullable String checkpoint, Receipt receipt) {

  // counted up when something else is hashed, or in another form
  private static final int FORM = 1;

  /** {@return the receipts of an event, each with what it is for} */
  static List<ChainedReceipt> of(RunEvent event) {
    String kind = RunEventCodec.typeOf(event);
    if (event instanceof RunEvent.Verified e) {
      String checked = e.checkpoint() == null ? null : e.checkpoint().id();
      return all(kind, e.task(), e.attempt(), checked, e.receipts());
    } else if (event instanceof RunEvent.Merging e) {
      return all(kind, e.task(), 0, e.merged().id(), e.receipts());
    } else if (event instanceof RunEvent.Integrated e) {
      return all(kind, e.task(), 0, null, e.receipts());
    } else if (event instanceof RunEvent.Forked e) {
      List<ChainedReceipt> all = new ArrayList<>();
      for (RunEvent.Forked.Kept kept : e.tasks()) {
        String checked = kept.checkpoint() == null ? null : kept.checkpoint().id();
        all.addAll(all(kind, kept.task(), 0, checked, kept.receipts()));
      }
      return all;
    }
    return List.of();
  }

  private static List<ChainedReceipt> all(
      String event, TaskId task, int attempt, @Nullable String checked, List<Receipt> receipts) {
    return receipts.stream()
        .map(receipt -> new ChainedReceipt(event, task, attempt, checked, receipt))
        .toList();
  }

  /** {@return what stands for the one before the first receipt of a run} */
  static String beginning(RunKey run) {
    JsonText json = JsonText.plain();
    json.writeStartObject();
    json.writeNumberField("form", FORM);
    json.writeStringField("tenant", run.tenant().value());
    json.writeStringField("run", run.run().value());
    json.writeEndObject();
    return BlobId.of(json.toBytes()).hex();
  }

  /** {@return the hash of this receipt behind the one with the hash {@code previous}} */
  String hash(String previous) {
    JsonText json = JsonText.plain();
    json.writeStartObject();
    json.writeStringField("previous", previous);
    json.writeStringField("event", event);
    json.writeStringField("task", task.value());
    json.writeNumberField("attempt", attempt);
    if (checkpoint != null) {
      json.writeStringField("checkpoint", checkpoint);
    }
    json.writeFieldName("receipt");
    new EventWriter(json).receipt(receipt);
    json.writeEndObject();
    return BlobId.of(json.toBytes()).hex();
  }

  @Override
  public String toString() {
    String of = attempt == 0 ? "" : ", attempt " + attempt;
    return "gate '" + receipt.gate() + "' of task " + task + of;
  }
}
