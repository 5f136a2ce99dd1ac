package dev.maestro.run;

import java.util.ArrayList;
import java.util.List;

/** Chains the receipts of an event to those that the run has already. */
final class ReceiptLinking {

  private ReceiptLinking() {}

  /** {@return the event with its links; the same when it holds no receipt and ends no run} */
  static RunEvent link(RunEvent event, RunState state) {
    if (event instanceof RunEvent.Verified e && !e.receipts().isEmpty()) {
      return new RunEvent.Verified(
          e.at(),
          e.task(),
          e.attempt(),
          e.checkpoint(),
          e.changed(),
          e.restored(),
          e.receipts(),
          e.trouble(),
          e.moves(),
          links(e, state));
    } else if (event instanceof RunEvent.Merging e && !e.receipts().isEmpty()) {
      return new RunEvent.Merging(
          e.at(), e.task(), e.branch(), e.before(), e.merged(), e.receipts(), links(e, state));
    } else if (event instanceof RunEvent.Integrated e && !e.receipts().isEmpty()) {
      return new RunEvent.Integrated(
          e.at(), e.task(), e.merged(), e.receipts(), e.trouble(), e.moves(), links(e, state));
    } else if (event instanceof RunEvent.Forked e && !e.receipts().isEmpty()) {
      return new RunEvent.Forked(
          e.at(), e.from(), e.sequence(), e.start(), e.tasks(), links(e, state), e.wanted());
    } else if (event instanceof RunEvent.RunMoved e
        && e.to().isTerminal()
        && state.header.receipts != null) {
      return new RunEvent.RunMoved(
          e.at(), e.to(), e.reason(), e.detail(), e.actor(), links(e, state));
    }
    return event;
  }

  private static ReceiptLinks links(RunEvent event, RunState state) {
    ReceiptLinks before = state.header.receipts;
    String previous = before == null ? ChainedReceipt.beginning(state.key()) : before.last();
    List<String> hashes = new ArrayList<>();
    String last = previous;
    for (ChainedReceipt receipt : ChainedReceipt.of(event)) {
      last = receipt.hash(last);
      hashes.add(last);
    }
    return new ReceiptLinks(before == null ? 0 : before.count(), previous, hashes);
  }
}
