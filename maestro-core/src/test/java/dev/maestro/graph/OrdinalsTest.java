package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OrdinalsTest {

  /** An id whose hash says almost nothing. */
  private record Crowded(int number) {

    @Override
    public int hashCode() {
      return number % 3;
    }
  }

  @Property
  void idsStandWhereTheyCameFirst(@ForAll @Size(max = 300) List<@IntRange(max = 99) Integer> all) {
    Ordinals<Crowded> ordinals = new Ordinals<>();
    Set<Crowded> distinct = new LinkedHashSet<>();

    for (int number : all) {
      Crowded id = new Crowded(number);
      assertThat(ordinals.add(id)).isEqualTo(distinct.add(id));
    }

    assertThat(ordinals.ids()).containsExactlyElementsOf(distinct);
    assertThat(found(ordinals)).isEqualTo(expected(distinct));
  }

  private static int[] found(Ordinals<Crowded> ordinals) {
    Crowded[] sought = IntStream.range(0, 100).mapToObj(Crowded::new).toArray(Crowded[]::new);
    int[] found = new int[101];
    ordinals.ofAll(sought, 100, found, 1);
    for (int i = 0; i < 100; i++) {
      assertThat(ordinals.of(sought[i])).isEqualTo(found[i + 1]);
    }
    return found;
  }

  private static int[] expected(Set<Crowded> distinct) {
    List<Crowded> order = List.copyOf(distinct);
    int[] expected = new int[101];
    for (int i = 0; i < 100; i++) {
      expected[i + 1] = order.indexOf(new Crowded(i));
    }
    return expected;
  }

  @Test
  void growingLosesNothing() {
    Ordinals<Integer> ordinals = new Ordinals<>();

    IntStream.range(0, 10_000).forEach(id -> ordinals.add(id * 4096));

    assertThat(IntStream.range(0, 10_000).allMatch(id -> ordinals.of(id * 4096) == id)).isTrue();
    assertThat(ordinals.of(1)).isEqualTo(Ordinals.NONE);
  }
}
