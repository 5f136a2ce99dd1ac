package dev.maestro.engine;

import static dev.maestro.engine.Begun.key;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ParkedTest {

  private final Parked parked = new Parked(100, 100);

  @Test
  void keepsNoMoreTasksThanItMay() {
    for (int i = 0; i < 1_000; i++) {
      parked.put(run("r" + i, 1 + i % 7));
    }

    int tasks = parked.all().stream().mapToInt(run -> run.state.tasks().size()).sum();
    assertThat(tasks).isBetween(50, 100);
  }

  @Test
  void keepsNoMoreRunsThanItMay() {
    Parked few = new Parked(100, 10);
    for (int i = 0; i < 1_000; i++) {
      few.put(run("r" + i, 1));
    }

    assertThat(few.all()).hasSizeBetween(5, 10);
  }

  @Test
  void aRunWithoutRoomIsNotKept() {
    parked.put(run("small", 3));
    parked.put(run("large", 101));

    assertThat(parked.has(key("large"))).isFalse();
    assertThat(parked.take(key("large"))).isNull();
    assertThat(parked.has(key("small"))).isTrue();
  }

  @Test
  void thoseParkedFirstGoFirst() {
    parked.put(run("a", 40));
    parked.put(run("b", 40));
    parked.put(run("a", 40));

    parked.put(run("c", 40));

    assertThat(parked.has(key("a"))).isTrue();
    assertThat(parked.has(key("b"))).isFalse();
    assertThat(parked.has(key("c"))).isTrue();
  }

  @Test
  void whatIsTakenOutMakesRoom() {
    parked.put(run("a", 60));
    parked.take(key("a"));

    parked.put(run("b", 60));
    parked.put(run("c", 40));

    assertThat(parked.all()).extracting(Live::key).containsExactly(key("b"), key("c"));
  }

  @Test
  void whatIsTakenOutIsThereNoMore() {
    Live run = run("a", 3);
    parked.put(run);

    assertThat(parked.take(key("a"))).isSameAs(run);
    assertThat(parked.has(key("a"))).isFalse();
    assertThat(parked.take(key("a"))).isNull();
  }

  private static Live run(String id, int tasks) {
    return new Live(Begun.run(id, tasks), null);
  }
}
