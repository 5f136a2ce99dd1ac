package dev.maestro.engine;

import static dev.maestro.engine.Begun.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DuesTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Dues dues = new Dues();
  private final Hold a = new Hold(key("a"));
  private final Hold b = new Hold(key("b"));

  @Test
  void whatIsSetAnewIsDueOnlyThen() {
    dues.set(a, NOON);
    dues.set(a, NOON.plusSeconds(1));

    assertThat(dues.first()).contains(NOON.plusSeconds(1));
    assertThat(dues.takeDue(NOON)).isNull();
    assertThat(dues.takeDue(NOON.plusSeconds(1))).isSameAs(a);
    assertThat(dues.first()).isEmpty();
  }

  @Test
  void oneNanosecondCounts() {
    dues.set(a, NOON.plusNanos(2));
    dues.set(b, NOON.plusNanos(1));

    assertThat(dues.takeDue(NOON.plusNanos(1))).isSameAs(b);
    assertThat(dues.takeDue(NOON.plusNanos(1))).isNull();
  }

  @Test
  void tellsWhetherWhatIsClearedWasThere() {
    dues.set(a, NOON);

    assertThat(dues.clear(a)).isTrue();
    assertThat(dues.clear(a)).isFalse();
    assertThat(dues.first()).isEmpty();
  }

  /** Each change is of the run of its place modulo seventeen; negative ones clear it. */
  @Property
  void comeInTheOrderInWhichTheyAreDue(
      @ForAll @Size(max = 200) List<@IntRange(min = -20, max = 60) Integer> changes) {
    Dues dues = new Dues();
    List<Hold> holds = IntStream.range(0, 17).mapToObj(i -> new Hold(key("r" + i))).toList();
    Map<Hold, Instant> expected = new HashMap<>();
    for (int i = 0; i < changes.size(); i++) {
      Hold hold = holds.get(i * i % 17);
      Instant at = NOON.plusMillis(500L * changes.get(i));
      if (changes.get(i) < 0) {
        assertThat(dues.clear(hold)).isEqualTo(expected.remove(hold) != null);
      } else {
        dues.set(hold, at);
        expected.put(hold, at);
      }
      assertThat(dues.first()).isEqualTo(expected.values().stream().min(Comparator.naturalOrder()));
    }

    List<Hold> taken = new ArrayList<>();
    for (Hold hold = dues.takeDue(NOON.plusSeconds(60));
        hold != null;
        hold = dues.takeDue(NOON.plusSeconds(60))) {
      taken.add(hold);
    }
    assertThat(taken)
        .containsExactlyElementsOf(
            expected.keySet().stream()
                .sorted(
                    Comparator.<Hold, Instant>comparing(expected::get)
                        .thenComparing(hold -> hold.run.toString()))
                .toList());
  }
}
