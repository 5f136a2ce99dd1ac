package dev.maestro.approval;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * What a person is shown along with a question: what a yes is about, and nothing else.
 *
 * <p>The hash covers all of it, such as a diff, a command, a plan and what it may cost; the text is
 * a short form of it for people. Equal things have equal hashes, on any machine and in any release.
 *
 * @param hash SHA-256 of everything that is shown, in 64 lower-case hex digits
 *     <p>What is recorded is cut after {@value #LONGEST} characters, and only there: secrets have
 *     to be taken out of the whole, or half of one could be left at the end.
 * @param text a short form for people; may be empty
 */
public record Shown(String hash, String text) {

  /** How many characters of the text are recorded. */
  public static final int LONGEST = 4_000;

  private static final int DIGITS = 64;

  /** Check the hash. */
  public Shown {
    Objects.requireNonNull(hash, "hash");
    if (hash.length() != DIGITS || !hash.chars().allMatch(Shown::isDigit)) {
      throw new IllegalArgumentException("a hash has 64 lower-case hex digits, not '" + hash + "'");
    }
    Objects.requireNonNull(text, "text");
  }

  /** {@return the same as it is recorded} */
  public Shown shortened() {
    return text.length() <= LONGEST ? this : new Shown(hash, shortened(text));
  }

  private static String shortened(String text) {
    int end = LONGEST - 1;
    boolean splits = Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, splits ? end - 1 : end) + "…";
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
  }

  /**
   * {@return these things, and what people see of them}
   *
   * @param text a short form of the things
   * @param things everything that is shown; their order counts
   */
  public static Shown of(String text, List<String> things) {
    return new Shown(hash(things), text);
  }

  /** {@return one thing that people see as it is} */
  public static Shown of(String thing) {
    return of(thing, List.of(thing));
  }

  /** Each thing is preceded by its length, so that no two lists of things look the same. */
  static String hash(List<String> things) {
    MessageDigest digest = sha256();
    for (String thing : things) {
      byte[] bytes = thing.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length).array());
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
