package dev.maestro.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What keys and tokens of well-known services look like.
 *
 * <p>Only shapes that hardly anything else has: a false alarm costs a launch. Secrets without a
 * shape, such as passwords, are known by their value when a step declares them.
 */
public final class SecretShapes {

  /** Stands where a secret was. */
  public static final String MARK = "***";

  private static final String PRIVATE_KEY = "private key";
  private static final Pattern KEY_BEGINS =
      Pattern.compile(
          "-----BEGIN (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED|PGP) )?+PRIVATE KEY(?: BLOCK)?+-----");
  private static final Pattern KEY_ENDS_WHOLE =
      Pattern.compile(
          "-----END (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED|PGP) )?+PRIVATE KEY(?: BLOCK)?+-----");
  private static final String KEY_ENDS = "-----END ";
  private static final String DASHES = "-----";

  /**
   * What stands before a shape: nothing it could be the rest of. The last letter of {@code \n} in
   * JSON, of {@code %0A} in an address and of a colour on a terminal is none of its own.
   */
  private static final String BEFORE =
      "(?:(?<![A-Za-z0-9_-])"
          + "|(?<=\\\\[bfnrt])|(?<=\\\\u[0-9A-Fa-f]{4})"
          + "|(?<=%[0-9A-Fa-f]{2})"
          + "|(?<=\\x1B\\[[0-9;]{0,20}m))";

  private static final Map<String, Pattern> SHAPES = shapes();

  private SecretShapes() {}

  /** Possessive throughout, so that no text makes them go back and forth. */
  private static Map<String, Pattern> shapes() {
    Map<String, Pattern> shapes = new LinkedHashMap<>();
    shapes.put("AWS access key", word("(?:AKIA|ASIA)[A-Z0-9]{16}+"));
    shapes.put("GitHub token", word("(?:gh[pousr]_[A-Za-z0-9]{36,255}+|github_pat_\\w{40,255}+)"));
    shapes.put("GitLab token", word("glpat-[A-Za-z0-9_-]{20,255}+"));
    shapes.put("Slack token", word("xox[abeoprs]-[A-Za-z0-9-]{10,255}+"));
    shapes.put("Google API key", word("AIza[A-Za-z0-9_-]{35}+"));
    shapes.put("Stripe key", word("[rs]k_live_[A-Za-z0-9]{20,255}+"));
    shapes.put("npm token", word("npm_[A-Za-z0-9]{36}+"));
    shapes.put("API key", word("sk-(?:ant-|proj-)?+[A-Za-z0-9_-]{32,255}+"));
    shapes.put(
        "JSON web token",
        word("eyJ[A-Za-z0-9_-]{10,4000}+\\.eyJ[A-Za-z0-9_-]{10,8000}+\\.[A-Za-z0-9_-]{10,1000}+"));
    return shapes;
  }

  private static Pattern word(String shape) {
    return Pattern.compile(BEFORE + shape + "(?![A-Za-z0-9_-])");
  }

  /** {@return the kinds of secrets that are in the text, each once} */
  public static List<String> in(String text) {
    List<String> found = new ArrayList<>();
    if (KEY_BEGINS.matcher(text).find()) {
      found.add(PRIVATE_KEY);
    }
    SHAPES.forEach(
        (kind, shape) -> {
          if (shape.matcher(text).find()) {
            found.add(kind);
          }
        });
    return found;
  }

  /** {@return the text with {@value #MARK} in the place of each secret} */
  public static String without(String text) {
    String left = withoutKeys(withoutHeadlessKey(text));
    for (Pattern shape : SHAPES.values()) {
      left = shape.matcher(left).replaceAll(MARK);
    }
    return left;
  }

  /** {@return how many characters at the end of the text are of a key that is not closed yet} */
  public static int begun(String text) {
    Matcher begins = KEY_BEGINS.matcher(text);
    int at = 0;
    while (begins.find(at)) {
      at = endOfKey(text, begins.end());
      if (at == text.length() && !isClosed(text, begins.end())) {
        return text.length() - begins.start();
      }
    }
    return 0;
  }

  private static boolean isClosed(String text, int from) {
    int end = text.indexOf(KEY_ENDS, from);
    return end >= 0 && text.indexOf(DASHES, end + KEY_ENDS.length()) >= 0;
  }

  /** The beginning of a key may have been cut off: the lines before its end are of it. */
  private static String withoutHeadlessKey(String text) {
    Matcher ends = KEY_ENDS_WHOLE.matcher(text);
    if (!ends.find() || KEY_BEGINS.matcher(text).region(0, ends.start()).find()) {
      return text;
    }
    int begin = ends.start();
    while (begin > 0 && isOfKey(text, text.lastIndexOf('\n', begin - 2) + 1, begin)) {
      begin = text.lastIndexOf('\n', begin - 2) + 1;
    }
    return begin == ends.start()
        ? text
        : text.substring(0, begin) + MARK + text.substring(ends.end());
  }

  /** {@return whether it is a line, or the rest of one, of what keys are written in} */
  private static boolean isOfKey(String text, int from, int to) {
    String line = text.substring(from, to).strip();
    return !line.isEmpty() && line.chars().allMatch(SecretShapes::isOfKey);
  }

  private static boolean isOfKey(int c) {
    boolean letter = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
    return letter || c == '+' || c == '/' || c == '=' || c == '…';
  }

  /** A key that is not closed is taken to go on to the end of the text. */
  private static String withoutKeys(String text) {
    Matcher begins = KEY_BEGINS.matcher(text);
    StringBuilder left = new StringBuilder();
    int at = 0;
    while (begins.find(at)) {
      left.append(text, at, begins.start()).append(MARK);
      at = endOfKey(text, begins.end());
    }
    return left.append(text, at, text.length()).toString();
  }

  private static int endOfKey(String text, int from) {
    int end = text.indexOf(KEY_ENDS, from);
    int closed = end < 0 ? -1 : text.indexOf(DASHES, end + KEY_ENDS.length());
    return closed < 0 ? text.length() : closed + DASHES.length();
  }
}
