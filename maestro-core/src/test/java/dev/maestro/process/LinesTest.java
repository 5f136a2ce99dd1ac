package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Bytes become the same lines, however they arrive. */
class LinesTest {

  @Test
  void aLineEndsWithLfOrCrLf() {
    assertThat(lines(100, "a\nb\r\n\nc\rd\n")).containsExactly("a", "b", "", "c\rd");
  }

  @Test
  void aLineOfExactlyTheLimitIsWhole() {
    assertThat(lines(4, "abcd\nabcd\r\nabcd")).containsExactly("abcd", "abcd", "abcd");
  }

  @Test
  void aCutDropsTheRestOfTheLineOnly() {
    assertThat(lines(4, "abcdefgh\nij\n")).containsExactly("abcd" + Lines.CUT, "ij");
  }

  @Test
  void aCutDoesNotSplitACharacter() {
    assertThat(lines(4, "abc🙂\n")).containsExactly("abc" + Lines.CUT);
    assertThat(lines(4, "abü🙂\n")).containsExactly("abü" + Lines.CUT);
  }

  @Test
  void nothingIsNoLine() {
    assertThat(lines(4, "")).isEmpty();
  }

  @Property
  void theSizeOfThePiecesDoesNotMatter(
      @ForAll("outputs") String output,
      @ForAll @IntRange(min = 1, max = 12) int limit,
      @ForAll @IntRange(min = 1, max = 9) int piece) {
    assertThat(lines(limit, output, piece)).isEqualTo(lines(limit, output));
  }

  @Property
  void withinTheLimitNothingIsLost(
      @ForAll("outputs") String output, @ForAll @IntRange(min = 1, max = 9) int piece) {
    String text = output.replace("\r", "");

    assertThat(String.join("\n", lines(1000, text + "\nend", piece))).isEqualTo(text + "\nend");
  }

  @Property
  void noLineIsLongerThanAllowed(
      @ForAll("outputs") String output, @ForAll @IntRange(min = 1, max = 12) int limit) {
    assertThat(lines(limit, output))
        .allMatch(line -> line.replace(Lines.CUT, "").length() <= limit);
  }

  @Provide
  Arbitrary<String> outputs() {
    return Arbitraries.of("a", "bc", "ü", "🙂", "\n", "\r", "\r\n", "defghij")
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  private static List<String> lines(int limit, String output) {
    return lines(limit, output, Integer.MAX_VALUE);
  }

  private static List<String> lines(int limit, String output, int piece) {
    List<String> found = new ArrayList<>();
    Lines lines = new Lines(limit, found::add);
    byte[] bytes = output.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += Math.min(piece, bytes.length)) {
      byte[] part =
          Arrays.copyOfRange(bytes, from, (int) Math.min(bytes.length, 0L + from + piece));
      lines.accept(part, part.length);
    }
    lines.end();
    return found;
  }
}
