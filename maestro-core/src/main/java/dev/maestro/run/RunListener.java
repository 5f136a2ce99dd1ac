package dev.maestro.run;

/** Hears what happens to runs, after it is durable. */
@FunctionalInterface
public interface RunListener {

  /**
   * Take note of an entry of the journal.
   *
   * <p>Called by one thread that only this listener has: entries of one run come in order and
   * without gaps. A slow listener hears later and disturbs nobody; what it throws is logged, and it
   * goes on with the next entry.
   */
  void on(RunRecord entry);
}
