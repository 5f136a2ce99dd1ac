package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

class ExcerptTest {

  @Property(tries = 300)
  void showsAllThatFitsAndElseTheBeginningAndTheEnd(
      @ForAll @Size(max = 30) List<@NotEmpty String> pieces,
      @ForAll @IntRange(min = 2, max = 60) int limit) {
    Excerpt excerpt = new Excerpt(limit);
    String whole = String.join("", pieces);

    pieces.forEach(excerpt::add);

    int half = limit / 2;
    if (whole.length() <= 2 * half) {
      assertThat(excerpt.text()).isEqualTo(whole);
    } else {
      int missing = whole.length() - 2 * half;
      assertThat(excerpt.text())
          .startsWith(whole.substring(0, half))
          .endsWith(whole.substring(whole.length() - half))
          .contains("…\n[" + missing + " of " + whole.length() + " characters left out]\n…");
    }
  }
}
