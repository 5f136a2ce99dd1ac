package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The end of a stream is kept, whatever its size, with a mark where something was cut off. */
class TailTest {

  @Property
  void keepsTheEnd(
      @ForAll @AlphaChars String first,
      @ForAll @AlphaChars String second,
      @ForAll @IntRange(min = 0, max = 20) int capacity) {
    String all = first + second;

    int cut = Math.max(0, all.length() - capacity);
    String mark = cut > 0 ? "…" : "";
    assertThat(tail(capacity, first, second)).isEqualTo(mark + all.substring(cut));
  }

  @Test
  void beginsWithAWholeCharacter() {
    assertThat(tail(5, "🙂ab🙂")).isEqualTo("…b🙂");
    assertThat(tail(3, "🙂")).isEqualTo("…");
  }

  private static String tail(int capacity, String... texts) {
    Tail tail = new Tail(capacity);
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      tail.append(bytes, bytes.length);
    }
    return tail.text();
  }
}
