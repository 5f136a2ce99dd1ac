package dev.maestro.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TableTest {

  /** A key of which many have the same hash. */
  private record Key(int number, int hashes) {
    @Override
    public int hashCode() {
      return number % hashes;
    }
  }

  private record Thing(Key key, String name) {}

  private final Table<Key, Thing> table = new Table<>(Thing::key);

  @Test
  void findsWhatWasPutInAndNothingElse() {
    table.put(thing(1, "one"));

    assertThat(table.get(key(1))).isEqualTo(thing(1, "one"));
    assertThat(table.has(key(2))).isFalse();
  }

  @Test
  void whatHasTheSameKeyTakesThePlace() {
    table.put(thing(1, "one"));

    Thing before = table.put(thing(1, "another"));

    assertThat(before).isEqualTo(thing(1, "one"));
    assertThat(table).containsExactly(thing(1, "another"));
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void clearedItIsEmpty() {
    table.put(thing(1, "one"));

    table.clear();

    assertThat(table).isEmpty();
    assertThat(table.size()).isZero();
    assertThat(table.get(key(1))).isNull();
  }

  @Test
  void hasNoMoreThanThereIs() {
    table.put(thing(1, "one"));
    Iterator<Thing> all = table.iterator();
    all.next();

    assertThat(all.hasNext()).isFalse();
    assertThatThrownBy(all::next).isInstanceOf(NoSuchElementException.class);
  }

  /** Positive numbers are put in, negative ones taken out. */
  @Property
  void isLikeAMap(
      @ForAll @Size(max = 300) List<@IntRange(min = -60, max = 60) Integer> changes,
      @ForAll @IntRange(min = 1, max = 60) int hashes) {
    Table<Key, Thing> table = new Table<>(Thing::key);
    Map<Key, Thing> map = new HashMap<>();
    for (int change : changes) {
      Key key = new Key(Math.abs(change), hashes);
      if (change > 0) {
        Thing thing = new Thing(key, "of " + map.size());
        assertThat(table.put(thing)).isEqualTo(map.put(key, thing));
      } else {
        assertThat(table.remove(key)).isEqualTo(map.remove(key));
      }
    }

    List<Thing> seen = new ArrayList<>();
    table.forEach(seen::add);
    assertThat(table.size()).isEqualTo(map.size());
    assertThat(table).containsExactlyInAnyOrderElementsOf(map.values());
    assertThat(table.stream()).containsExactlyInAnyOrderElementsOf(map.values());
    assertThat(seen).containsExactlyInAnyOrderElementsOf(map.values());
    map.forEach((key, thing) -> assertThat(table.get(key)).isEqualTo(thing));
  }

  private static Key key(int number) {
    return new Key(number, 7);
  }

  private static Thing thing(int number, String name) {
    return new Thing(key(number), name);
  }
}
