package dev.maestro.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Takes secrets out of whatever is recorded. */
final class Scrub implements UnaryOperator<String> {

  /** Stands where a secret stood. */
  static final String HIDDEN = "***";

  private static final int SHORTEST = 4;

  private final List<String> longestFirst;
  private final UnaryOperator<String> others;

  private Scrub(Stream<String> secrets, UnaryOperator<String> others) {
    this.others = others;
    this.longestFirst =
        secrets
            .flatMap(Scrub::withLines)
            .filter(secret -> secret.length() >= SHORTEST)
            .flatMap(secret -> Stream.of(secret, inJson(secret)))
            .distinct()
            .sorted(Comparator.comparing(String::length).reversed())
            .toList();
  }

  /** {@return takes out these, and what others do} */
  static Scrub of(Stream<String> secrets, UnaryOperator<String> others) {
    return new Scrub(secrets, others);
  }

  /** A file of which lines are recorded shows one of several lines line by line. */
  private static Stream<String> withLines(String secret) {
    return secret.strip().indexOf('\n') < 0
        ? Stream.of(secret)
        : Stream.concat(Stream.of(secret), secret.lines().map(String::strip));
  }

  /** {@return what becomes of it where it is quoted in JSON} */
  private static String inJson(String secret) {
    return secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public String apply(String text) {
    String clean = others.apply(text);
    for (String secret : longestFirst) {
      clean = clean.replace(secret, HIDDEN);
    }
    return clean;
  }

  /** {@return the lines without secrets} */
  List<String> apply(List<String> lines) {
    return lines.stream().map(this).toList();
  }

  /** {@return the content without secrets in any of the encodings that files have} */
  byte[] apply(byte[] content) {
    String clean = new String(content, ISO_8859_1);
    for (String secret : longestFirst) {
      for (Charset charset : List.of(UTF_8, UTF_16LE, UTF_16BE)) {
        clean = clean.replace(new String(secret.getBytes(charset), ISO_8859_1), HIDDEN);
      }
    }
    return clean.getBytes(ISO_8859_1);
  }

  /** {@return whether a line may be the recorded one, where a hidden secret may be anything} */
  static boolean fits(String recorded, String line) {
    String[] parts = recorded.split(Pattern.quote(HIDDEN), -1);
    if (recorded.equals(line) || parts.length == 1) {
      return recorded.equals(line);
    }
    String last = parts[parts.length - 1];
    int end = line.length() - last.length();
    if (!line.startsWith(parts[0]) || !line.endsWith(last)) {
      return false;
    }
    int at = parts[0].length();
    for (int i = 1; i < parts.length - 1 && at >= 0; i++) {
      int found = line.indexOf(parts[i], at);
      at = found < 0 ? -1 : found + parts[i].length();
    }
    return at >= 0 && at <= end;
  }

  /** {@return whether lines may be the recorded ones} */
  static boolean fits(List<String> recorded, List<String> lines) {
    return recorded.size() == lines.size()
        && IntStream.range(0, lines.size()).allMatch(i -> fits(recorded.get(i), lines.get(i)));
  }
}
