package dev.maestro.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a scenario in which a contestant fails. */
class RefereeTest {

  @TempDir Path directory;

  @Test
  void aPeerThatFailsIsLeftOutAndTheOthersGoOn() throws Exception {
    Contestant maestro = Contestant.of("Maestro", () -> List.of(new Reading("m", "B", 1)));

    List<Row> rows = new Referee(playing(maestro, failing("peer")), Size.TINY).play(directory);

    assertThat(rows).extracting(Row::contestant).containsExactly("Maestro");
  }

  @Test
  void maestroMayNotFail() {
    Referee referee = new Referee(playing(failing("Maestro, in memory")), Size.TINY);

    assertThatThrownBy(() -> referee.play(directory)).hasMessage("it cannot");
  }

  private static Contestant failing(String name) {
    return Contestant.of(
        name,
        () -> {
          throw new IllegalStateException("it cannot");
        });
  }

  private static Scenario playing(Contestant... contestants) {
    return new Scenario() {
      @Override
      public String name() {
        return "a game";
      }

      @Override
      public String question() {
        return "who fails?";
      }

      @Override
      public List<Contestant> contestants(Size size, Path directory) {
        return List.of(contestants);
      }
    };
  }
}
