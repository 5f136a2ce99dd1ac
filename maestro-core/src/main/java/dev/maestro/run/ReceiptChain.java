package dev.maestro.run;

import dev.maestro.gate.Receipt;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a check of the receipts of one run has found; needs its journal and nothing else.
 *
 * <p>Each receipt carries the hash of the one before ({@link ReceiptLinks}), so that one which was
 * changed, taken out, put in or moved is found and named. Whoever can write the journal can also
 * write it anew with hashes that fit: against that, keep {@link #last} and {@link #chained}
 * elsewhere, and compare. What a run that goes on had at its end and has no more, only that
 * comparison shows.
 *
 * @param run which run
 * @param chained how many receipts are chained
 * @param unchained how many are not, because an earlier version of Maestro wrote them
 * @param last the hash of the last one; of the run's name, when there is none
 * @param outputs the names of the blobs that hold what the gates printed
 * @param findings what is not as it was written, in the order of the journal
 */
public record ReceiptChain(
    RunKey run,
    long chained,
    long unchained,
    String last,
    Set<String> outputs,
    List<Finding> findings) {

  /** Copy the collections. */
  public ReceiptChain {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(last, "last");
    outputs = Set.copyOf(outputs);
    findings = List.copyOf(findings);
  }

  /** What can be wrong. */
  public enum Kind {
    /** A receipt is not what it was, or what it is for is not. */
    ALTERED,
    /** A receipt is not there any more. */
    MISSING,
    /** A receipt stands where another one stood. */
    MOVED,
    /** A receipt is there that was not. */
    ADDED,
    /** An event is not there, or a link says what cannot be. */
    BROKEN,
    /** Work counts as accepted by its gates, and no receipts say so. */
    UNPROVEN
  }

  /**
   * Something is wrong.
   *
   * @param kind what
   * @param sequence the number of the event where that shows
   * @param what which receipt it is about, and what became of it, for people
   */
  public record Finding(Kind kind, long sequence, String what) {

    /** Check that nothing is missing. */
    public Finding {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(what, "what");
    }

    @Override
    public String toString() {
      return kind + " at event " + sequence + ": " + what;
    }
  }

  /** {@return whether nothing is wrong with what is chained} */
  public boolean isIntact() {
    return findings.isEmpty();
  }

  /**
   * Check the receipts of a run.
   *
   * @param journal all of its events, from the first on
   */
  public static ReceiptChain check(List<RunRecord> journal) {
    if (journal.isEmpty()) {
      throw new IllegalArgumentException("there are no events");
    }
    Check check = new Check(journal.get(0).run());
    journal.forEach(check::take);
    return check.result();
  }

  /** Goes through a journal once. */
  private static final class Check {

    private final RunKey run;
    private final Set<String> outputs = new LinkedHashSet<>();
    private final List<Finding> findings = new ArrayList<>();
    private long count;
    private String last;
    private long unchained;
    private long sequence;

    Check(RunKey run) {
      this.run = run;
      this.last = ChainedReceipt.beginning(run);
    }

    ReceiptChain result() {
      return new ReceiptChain(run, count, unchained, last, outputs, findings);
    }

    void take(RunRecord record) {
      if (record.sequence() != sequence + 1) {
        find(Kind.BROKEN, "it stands behind event " + sequence);
      }
      sequence = record.sequence();
      RunEvent event = record.event();
      for (Receipt receipt : event.receipts()) {
        outputs.add(receipt.outputHash());
      }
      requireProof(event);
      List<ChainedReceipt> receipts = ChainedReceipt.of(event);
      ReceiptLinks links = event.links();
      if (links == null) {
        unlinked(event, receipts);
      } else {
        follow(links);
        compare(links, receipts);
        count = links.count();
        last = links.last();
      }
    }

    private void requireProof(RunEvent event) {
      boolean accepts =
          event.moves().stream()
              .anyMatch(
                  move ->
                      Reason.GATES_PASSED.equals(move.reason())
                          && (move.to() == TaskState.VERIFIED
                              || move.to() == TaskState.READY_FOR_REVIEW));
      if (event instanceof RunEvent.Verified verified
          && accepts
          && (verified.receipts().isEmpty()
              || !verified.receipts().stream().allMatch(Receipt::passed))) {
        find(
            Kind.UNPROVEN,
            "task "
                + verified.task()
                + ", attempt "
                + verified.attempt()
                + ", counts as accepted by its gates, and its receipts do not say so");
      }
    }

    /** Receipts of earlier versions have no links; behind one that has, each has. */
    private void unlinked(RunEvent event, List<ChainedReceipt> receipts) {
      if (count == 0) {
        unchained += receipts.size();
        return;
      }
      receipts.forEach(one -> find(Kind.ADDED, one + " is not chained, and one before it is"));
      if (event instanceof RunEvent.RunMoved moved && moved.to().isTerminal()) {
        find(Kind.BROKEN, "the end of the run does not say how many receipts there are");
      }
    }

    private void follow(ReceiptLinks links) {
      if (links.before() > count) {
        find(Kind.MISSING, numbers(count + 1, links.before()) + " should stand before it");
      } else if (links.before() < count) {
        find(
            Kind.MOVED,
            "it goes on behind receipt " + links.before() + ", and stands behind receipt " + count);
      } else if (!links.previous().equals(last)) {
        find(Kind.BROKEN, "it follows another receipt than number " + count);
      }
    }

    private static String numbers(long from, long to) {
      return from == to ? "receipt " + from : "receipts " + from + " to " + to;
    }

    /**
     * Each receipt is looked for at every place of the event, so that the rest keep their names.
     */
    private void compare(ReceiptLinks links, List<ChainedReceipt> receipts) {
      List<Integer> places = new ArrayList<>();
      List<ChainedReceipt> strangers = new ArrayList<>();
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < links.hashes().size(); i++) {
        open.add(i);
      }
      for (ChainedReceipt receipt : receipts) {
        int place = placeOf(receipt, links);
        if (place < 0 || !open.remove((Integer) place)) {
          strangers.add(receipt);
          continue;
        }
        if (!places.isEmpty() && places.get(places.size() - 1) > place) {
          find(
              Kind.MOVED,
              "receipt "
                  + (links.before() + place + 1)
                  + ", of "
                  + receipt
                  + ", stands behind a later one");
        }
        places.add(place);
      }
      for (ChainedReceipt stranger : strangers) {
        if (open.isEmpty()) {
          find(Kind.ADDED, stranger + " was not there");
        } else {
          find(
              Kind.ALTERED,
              "receipt "
                  + (links.before() + open.remove(0) + 1)
                  + ", of "
                  + stranger
                  + ", is not what it was");
        }
      }
      open.forEach(
          place -> find(Kind.MISSING, "receipt " + (links.before() + place + 1) + " is gone"));
    }

    private static int placeOf(ChainedReceipt receipt, ReceiptLinks links) {
      for (int i = 0; i < links.hashes().size(); i++) {
        if (receipt.hash(links.before(i)).equals(links.hashes().get(i))) {
          return i;
        }
      }
      return -1;
    }

    private void find(Kind kind, String what) {
      findings.add(new Finding(kind, sequence, what));
    }
  }
}
