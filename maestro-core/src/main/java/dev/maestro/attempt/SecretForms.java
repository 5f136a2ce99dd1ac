package dev.maestro.attempt;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a declared secret may look like where it is written down: as it is, and as JSON, addresses,
 * headers and manifests have it.
 *
 * <p>A value of several lines is also known by each of its lines, which may have been indented or
 * have something before them. What is put together of parts of a value, turned round or encrypted
 * is not known again.
 */
final class SecretForms {

  /** What is shorter is not hidden: it may be a part of anything. */
  private static final int SHORTEST = 4;

  /** A line, or a piece of base64, that is shorter is not told from others. */
  private static final int SHORTEST_PART = 8;

  private static final String BOUNDARY = "-----";
  // after how many characters programs begin another line of base64
  private static final int[] WIDTHS = {64, 76};
  private static final int BITS = 6;

  private SecretForms() {}

  /** {@return all of them, those of its lines included, the longest first} */
  static List<String> of(Collection<String> values) {
    return values.isEmpty() ? List.of() : sorted(values);
  }

  private static List<String> sorted(Collection<String> values) {
    return values.stream()
        .flatMap(
            value ->
                Stream.concat(ofWhole(value), lines(value).stream().flatMap(SecretForms::quoted)))
        .filter(one -> one.length() >= SHORTEST)
        .distinct()
        .sorted((one, other) -> Integer.compare(other.length(), one.length()))
        .toList();
  }

  /** {@return whether it is in the text: one line of several may be in any, all of them are not} */
  static boolean isIn(String text, String value) {
    List<String> lines = lines(value);
    return !lines.isEmpty() && lines.stream().allMatch(text::contains)
        || ofWhole(value).anyMatch(one -> one.length() >= SHORTEST && text.contains(one));
  }

  private static Stream<String> ofWhole(String value) {
    String bare = value.strip();
    Stream<String> encoded =
        Stream.concat(ofAddresses(bare), Stream.of(value, bare).flatMap(SecretForms::base64));
    return Stream.concat(Stream.of(value, bare).flatMap(SecretForms::quoted), encoded);
  }

  /** What a tool is handed is JSON, and what holds that, such as a conversation, is JSON again. */
  private static Stream<String> quoted(String value) {
    String inJson = asInJson(value);
    return Stream.of(value, inJson, asInJson(inJson));
  }

  /** {@return what becomes of it where it is quoted in JSON} */
  private static String asInJson(String value) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(value));
  }

  /**
   * {@return the lines of a value that has several; what says that a key begins or ends stands
   * around any key}
   */
  private static List<String> lines(String value) {
    List<String> all = value.strip().lines().map(String::strip).toList();
    return all.size() < 2
        ? List.of()
        : all.stream()
            .filter(line -> line.length() >= SHORTEST_PART && !line.startsWith(BOUNDARY))
            .toList();
  }

  // ------------------------------------------------------------------ in addresses

  /** Programs differ in which characters they leave as they are, and in the case of the digits. */
  private static Stream<String> ofAddresses(String value) {
    String form = URLEncoder.encode(value, StandardCharsets.UTF_8);
    String strict = form.replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    String component =
        strict
            .replace("%21", "!")
            .replace("%27", "'")
            .replace("%28", "(")
            .replace("%29", ")")
            .replace("%2A", "*");
    return Stream.of(form, strict, component)
        .flatMap(one -> Stream.of(one, withSmallDigits(one)))
        .filter(one -> !one.equals(value));
  }

  private static String withSmallDigits(String encoded) {
    StringBuilder small = new StringBuilder(encoded);
    for (int at = encoded.indexOf('%'); at >= 0; at = encoded.indexOf('%', at + 3)) {
      small.replace(at, at + 3, encoded.substring(at, at + 3).toLowerCase(Locale.ROOT));
    }
    return small.toString();
  }

  // ------------------------------------------------------------------ base64

  /**
   * Where it begins among other bytes, such as behind the name of a user, decides which characters
   * it becomes; those at both ends depend on what stands beside it, too.
   */
  private static Stream<String> base64(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    Stream<String> alone = Stream.of(Base64.getEncoder().encodeToString(bytes));
    Stream<String> among = IntStream.range(0, 3).mapToObj(before -> inside(bytes, before));
    return Stream.concat(alone.flatMap(SecretForms::pieces), among)
        .flatMap(one -> Stream.of(one, one.replace('+', '-').replace('/', '_')))
        .filter(one -> one.length() >= SHORTEST_PART);
  }

  private static String inside(byte[] bytes, int before) {
    byte[] shifted = new byte[before + bytes.length];
    System.arraycopy(bytes, 0, shifted, before, bytes.length);
    int from = (Byte.SIZE * before + BITS - 1) / BITS;
    int to = Byte.SIZE * shifted.length / BITS;
    return to <= from ? "" : Base64.getEncoder().encodeToString(shifted).substring(from, to);
  }

  /** {@return the whole, and what becomes of it where lines are no longer than usual} */
  private static Stream<String> pieces(String encoded) {
    Stream<String> lines =
        Arrays.stream(WIDTHS)
            .filter(width -> encoded.length() > width)
            .boxed()
            .flatMap(width -> piecesOf(encoded, width));
    return Stream.concat(Stream.of(encoded), lines);
  }

  private static Stream<String> piecesOf(String encoded, int width) {
    return IntStream.iterate(0, at -> at < encoded.length(), at -> at + width)
        .mapToObj(at -> encoded.substring(at, Math.min(at + width, encoded.length())));
  }
}
