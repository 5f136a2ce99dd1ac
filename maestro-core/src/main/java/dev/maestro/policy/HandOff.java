package dev.maestro.policy;

/**
 * Ends a conversation that has filled its context to a given share: the next launch of the task, or
 * of a step that continues it, begins a new one.
 *
 * <p>It is told in its prompt what was done, what is open, and which files have changed. The turn
 * in which the share is reached goes on to its end, so that nothing that was paid for is lost.
 * Where neither the provider tells how full a conversation is nor how much fits is known of its
 * model, nothing is handed off. The requirement M3-34.
 *
 * @param percent how full a conversation may be, 1 to 100
 */
public record HandOff(int percent) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "hand-off";

  /** How full a conversation may be where nothing else is said, in percent. */
  public static final int USUAL = 90;

  /** Check the share. */
  public HandOff {
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException(
          "a conversation is handed off at 1 to 100 percent, not " + percent);
    }
  }

  /** {@return at this share, in percent} */
  public static HandOff at(int percent) {
    return new HandOff(percent);
  }

  /** {@return whether so many tokens of so many fill it to that share} */
  public boolean isReached(long used, long window) {
    return used * 100.0 >= (double) window * percent;
  }
}
