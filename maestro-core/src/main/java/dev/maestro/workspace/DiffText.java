package dev.maestro.workspace;

/** How a difference that is too long to show ends. */
public final class DiffText {

  private DiffText() {}

  /**
   * {@return the text, or its first {@code maxCharacters} characters and a line that says it was
   * cut}
   *
   * <p>No character outside the basic plane is cut in two.
   */
  public static String cut(String text, int maxCharacters) {
    if (maxCharacters < 0) {
      throw new IllegalArgumentException("a limit of " + maxCharacters + " characters");
    }
    if (text.length() <= maxCharacters) {
      return text;
    }
    int end = maxCharacters;
    if (end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + "\n[cut after " + end + " characters]\n";
  }
}
