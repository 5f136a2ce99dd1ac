package dev.maestro.graph;

/**
 * A set of small numbers that finds its lowest without a search: each bit of a level says whether
 * the word below it has any.
 */
final class BitTree {

  static final int NONE = -1;

  private static final int LOG_WORD = 6;

  private final long[][] levels;

  BitTree(int size) {
    int height = 1;
    for (int words = words(size); words > 1; words = words(words)) {
      height++;
    }
    levels = new long[height][];
    int words = words(size);
    for (int level = 0; level < height; level++) {
      levels[level] = new long[words];
      words = words(words);
    }
  }

  void set(int number) {
    int bit = number;
    for (long[] level : levels) {
      level[bit >>> LOG_WORD] |= 1L << bit;
      bit >>>= LOG_WORD;
    }
  }

  void clear(int number) {
    int bit = number;
    for (long[] level : levels) {
      level[bit >>> LOG_WORD] &= ~(1L << bit);
      if (level[bit >>> LOG_WORD] != 0) {
        return;
      }
      bit >>>= LOG_WORD;
    }
  }

  /** The lowest number, or {@link #NONE}. */
  int first() {
    int word = 0;
    for (int level = levels.length - 1; level >= 0; level--) {
      long bits = levels[level][word];
      if (bits == 0) {
        return NONE;
      }
      word = (word << LOG_WORD) + Long.numberOfTrailingZeros(bits);
    }
    return word;
  }

  private static int words(int bits) {
    return Math.max(1, (bits + Long.SIZE - 1) >>> LOG_WORD);
  }
}
