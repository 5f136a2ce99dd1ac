package dev.maestro.engine;

import static dev.maestro.engine.Begun.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.run.RunSnapshot;
import org.junit.jupiter.api.Test;

class EndedTest {

  private final Ended ended = new Ended(10);

  @Test
  void remembersTheLatestRunsAsFarAsTheyHaveRoomTogether() {
    ended.put(run("a", 4));
    ended.put(run("b", 4));
    ended.put(run("c", 4));

    assertThat(ended.find(key("a"))).isEmpty();
    assertThat(ended.find(key("b"))).isPresent();
    assertThat(ended.find(key("c"))).isPresent();
  }

  @Test
  void aRunThatEndsAgainTakesItsRoomOnce() {
    ended.put(run("a", 4));
    ended.put(run("b", 5));
    RunSnapshot again = run("a", 5);
    ended.put(again);

    assertThat(ended.find(key("a"))).containsSame(again);
    assertThat(ended.find(key("b"))).isPresent();
  }

  @Test
  void aRunWithoutRoomIsNotRemembered() {
    ended.put(run("a", 11));

    assertThat(ended.find(key("a"))).isEmpty();
  }

  private static RunSnapshot run(String id, int tasks) {
    return RunSnapshot.of(Begun.run(id, tasks));
  }
}
