package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The list of runs that have files answers as a map does. */
class RunFilesTest {

  @Property(tries = 200)
  void answersAsAMapDoes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 400) int names) {
    Random random = new Random(seed);
    RunFiles files = new RunFiles(true);
    Map<Long, Integer> expected = new HashMap<>();
    for (int i = 0; i < 600; i++) {
      // few low bits, so that many want the same place
      long hash = (long) random.nextInt(names) << random.nextInt(3) * 2 | 1L << 40;
      if (random.nextInt(3) == 0) {
        files.remove(hash);
        expected.remove(hash);
      } else {
        files.put(hash, i);
        expected.put(hash, i);
      }
    }

    RunFiles copy = files.copy();
    expected.keySet().forEach(files::remove);
    assertThat(files.size()).isZero();
    assertThat(copy.size()).isEqualTo(expected.size());
    Map<Long, Integer> listed = new HashMap<>();
    copy.forEach(listed::put);
    assertThat(listed).isEqualTo(expected);
    expected.forEach(
        (hash, checksum) -> assertThat(copy.checksum(hash)).isEqualTo(OptionalInt.of(checksum)));
    assertThat(copy.has(2)).isFalse();
    assertThat(copy.checksum(2)).isEmpty();
  }
}
