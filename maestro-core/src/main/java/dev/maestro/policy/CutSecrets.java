package dev.maestro.policy;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is left of secrets where a text was cut before anybody took them out: one that lies across
 * the cut stands there by half.
 *
 * <p>Such a place is known by its mark, an ellipsis or {@code [cut after 100 characters]}. Before
 * the mark a beginning of a secret of at least {@value #SHORTEST} characters is taken for one, and
 * behind it an end; anywhere else a text may end as a secret begins.
 */
public final class CutSecrets {

  /** Less than so many characters of a secret say nothing. */
  public static final int SHORTEST = 4;

  // a text that is nothing but marks is not worth more
  private static final int MOST_MARKS = 1_000;
  private static final Pattern MARK =
      Pattern.compile("…(?:\\[cut\\])?|\\[cut after \\d{1,10} characters\\]");

  private CutSecrets() {}

  /** {@return the text with {@link SecretShapes#MARK} for what is left of these beside a mark} */
  public static String without(Collection<String> secrets, String text) {
    Matcher mark = MARK.matcher(text);
    StringBuilder left = new StringBuilder();
    int from = 0;
    for (int marks = 0; marks < MOST_MARKS && mark.find(); marks++) {
      int end = endOfBegun(secrets, text, from, mark.start());
      int half = end < 0 ? 0 : begun(secrets, text, from, end);
      left.append(text, from, half == 0 ? mark.start() : end - half);
      left.append(half == 0 ? "" : SecretShapes.MARK + text.substring(end, mark.start()));
      left.append(mark.group());
      from = endOfHalf(secrets, text, mark.end());
      left.append(from > mark.end() ? SecretShapes.MARK : "");
      mark.region(from, text.length());
    }
    return from == 0 ? text : left.append(text, from, text.length()).toString();
  }

  /** {@return where a half ends before the mark, there may be blanks between; -1 for none} */
  private static int endOfBegun(Collection<String> secrets, String text, int from, int mark) {
    int end = mark;
    while (end > from && begun(secrets, text, from, end) < SHORTEST) {
      end = Character.isWhitespace(text.charAt(end - 1)) ? end - 1 : from;
    }
    return end > from ? end : -1;
  }

  private static int endOfHalf(Collection<String> secrets, String text, int mark) {
    for (int start = mark; start <= text.length(); start++) {
      int half = ended(secrets, text, start);
      if (half >= SHORTEST) {
        return start + half;
      }
      if (start == text.length() || !Character.isWhitespace(text.charAt(start))) {
        return mark;
      }
    }
    return mark;
  }

  /** {@return how many characters at the end of the text may be the beginning of one of these} */
  public static int begun(Collection<String> secrets, String text) {
    return begun(secrets, text, 0, text.length());
  }

  private static int begun(Collection<String> secrets, String text, int from, int end) {
    int most = 0;
    for (String secret : secrets) {
      for (int half = Math.min(secret.length() - 1, end - from); half > most; half--) {
        if (text.regionMatches(end - half, secret, 0, half)) {
          most = half;
        }
      }
    }
    return most;
  }

  private static int ended(Collection<String> secrets, String text, int start) {
    int most = 0;
    for (String secret : secrets) {
      for (int half = Math.min(secret.length() - 1, text.length() - start); half > most; half--) {
        if (text.regionMatches(start, secret, secret.length() - half, half)) {
          most = half;
        }
      }
    }
    return most;
  }
}
