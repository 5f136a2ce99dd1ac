package dev.maestro.policy;

/**
 * Cuts a text so that less of it has to be paid for, and says so in it.
 *
 * @param characters how many of the text are kept, in code points; at least 0
 */
public record Shortened(int characters) {

  /** Stands on a line of its own behind what is left. */
  public static final String MARK = "[degraded]";

  /** Check the number. */
  public Shortened {
    if (characters < 0) {
      throw new IllegalArgumentException(
          "a text cannot be cut to " + characters + " characters; use 0 or more");
    }
  }

  /** {@return the beginning of the text and the mark, or the text itself if it is short enough} */
  public String of(String text) {
    if (text.codePointCount(0, text.length()) <= characters) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, characters)) + "\n" + MARK;
  }
}
