package dev.maestro.policy;

/** The text of a step that went on with less. */
public final class Degraded {

  /** What stands at the end of a text that was cut. */
  public static final String MARK = "\n[degraded]";

  private Degraded() {}

  /**
   * {@return the text cut to so many characters, and the mark}
   *
   * @param characters how many code points of the text are kept; a shorter text is kept whole
   */
  public static String cut(String text, int characters) {
    int length = text.codePointCount(0, text.length());
    int end = text.offsetByCodePoints(0, Math.min(characters, length));
    return text.substring(0, end) + MARK;
  }
}
