package dev.maestro.insight;

/** What rules made of an attempt; the order is that of how much they held it up. */
public enum Outcome {
  /** They let it go on. */
  WENT_ON,
  /** They let it go on with less. */
  DEGRADED,
  /** They put it off. */
  PAUSED,
  /** They had people asked. */
  ASKED,
  /** They stopped it. */
  BLOCKED,
  /** The record does not tell. */
  UNKNOWN;

  /**
   * {@return the one of the two that held it up more; not known when one is not, unless it stopped}
   */
  Outcome and(Outcome other) {
    if (this == BLOCKED || other == BLOCKED) {
      return BLOCKED;
    }
    return compareTo(other) >= 0 ? this : other;
  }
}
