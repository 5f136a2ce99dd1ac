package dev.maestro.langchain4j;

/**
 * A text of which the beginning and the end are kept, and a note of how much there was between.
 *
 * <p>Takes no more memory than what it keeps. Safe for use by any number of threads.
 */
final class Excerpt {

  private final int half;
  // guarded by this
  private final StringBuilder head = new StringBuilder();
  // guarded by this
  private final StringBuilder tail = new StringBuilder();
  // guarded by this
  private long length;

  Excerpt(int limit) {
    half = Math.max(1, limit / 2);
  }

  /** {@return the text as far as it may be shown} */
  static String of(String text, int limit) {
    Excerpt excerpt = new Excerpt(limit);
    excerpt.add(text);
    return excerpt.text();
  }

  synchronized void add(String text) {
    length += text.length();
    int first = Math.min(text.length(), half - head.length());
    head.append(text, 0, first);
    // of a long text no more is taken in than can stay
    tail.append(text, Math.max(first, text.length() - half), text.length());
    if (tail.length() > 2 * half) {
      tail.delete(0, tail.length() - half);
    }
  }

  /** {@return what was kept, with a note where something is missing} */
  synchronized String text() {
    int end = Math.min(tail.length(), half);
    long missing = length - head.length() - end;
    String last = tail.substring(tail.length() - end);
    return missing == 0 ? head + last : head + note(missing) + last;
  }

  /** The marks stand right at the cuts: there a secret may have been cut in two. */
  private String note(long missing) {
    return "…\n[%d of %d characters left out]\n…".formatted(missing, length);
  }
}
