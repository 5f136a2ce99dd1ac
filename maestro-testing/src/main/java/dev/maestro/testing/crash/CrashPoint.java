package dev.maestro.testing.crash;

import java.util.Objects;

/**
 * One thing that is done to a run or to its store.
 *
 * @param kind what is done
 * @param place where: a record of the journal, or a place in a file
 */
public record CrashPoint(Kind kind, String place) {

  /** What is done. */
  public enum Kind {
    /** The JVM ends itself before a record is handed to the store. */
    HALT_BEFORE("halt before a record"),
    /** The JVM ends itself when the store has said that a record is durable. */
    HALT_AFTER("halt after a record"),
    /** {@code kill -9} from outside before a record is handed to the store. */
    KILL_BEFORE("kill -9 before a record"),
    /** {@code kill -9} from outside when the store has said that a record is durable. */
    KILL_AFTER("kill -9 after a record"),
    /** The last batch is cut at a byte, and the store is opened. */
    CUT("last batch cut at a byte"),
    /** The last batch is cut at a byte, and a fresh JVM goes on from there. */
    CUT_AND_RUN("cut at a byte, run on"),
    /** The last batches are zeros, as pages that never came to the disk. */
    ZEROED("last batches zeroed"),
    /** Of the last batches only the first is zeros, as one page that never came to the disk. */
    HOLED("one of the last batches zeroed"),
    /** The last batches lie there in another order. */
    REORDERED("last batches reordered"),
    /** One bit is the other one. */
    FLIPPED("a bit flipped"),
    /** A file of the store is not there. */
    MISSING("a file missing"),
    /** A file of the store is as it was earlier. */
    STALE("a file stale");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** {@return whether a JVM is killed, in contrast to a store that is damaged} */
    public boolean isKill() {
      return ordinal() <= KILL_AFTER.ordinal();
    }

    boolean isAfter() {
      return this == HALT_AFTER || this == KILL_AFTER;
    }

    boolean isFromOutside() {
      return this == KILL_BEFORE || this == KILL_AFTER;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** Check that nothing is missing. */
  public CrashPoint {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(place, "place");
  }

  @Override
  public String toString() {
    return kind + ": " + place;
  }
}
