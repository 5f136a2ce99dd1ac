package dev.maestro.gate;

import java.util.Objects;

/**
 * How many tests a gate has run.
 *
 * @param total all of them, skipped ones included
 * @param skipped those that were skipped
 * @param tree the content they were counted on, as {@code Checkpoint.tree} names it
 */
public record TestCount(int total, int skipped, String tree) {

  /** Check that there are no more skipped tests than tests. */
  public TestCount {
    Objects.requireNonNull(tree, "tree");
    if (skipped < 0 || total < skipped) {
      throw new IllegalArgumentException(skipped + " of " + total + " tests cannot be skipped");
    }
  }

  /** {@return whether there are fewer tests than these, or more of them are skipped} */
  public boolean isLessThan(TestCount before) {
    return total < before.total || skipped > before.skipped;
  }

  @Override
  public String toString() {
    return total + " tests, " + skipped + " of them skipped";
  }
}
