package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.run.RunEvent;
import dev.maestro.task.RunStatus;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A JVM is killed with {@code kill -9} right after an answer: none is lost, none is asked for
 * twice.
 */
@Timeout(300)
class AnswerKillTest {

  private static final int ALL = 3;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void whatWasAnsweredIsAnswered(int answers) throws Exception {
    killAfter(answers);

    try (Maestro maestro = AnsweredMain.builder(directory, context -> "").build()) {
      maestro.recover();
      Run run = maestro.find(AnsweredMain.RUN).orElseThrow();
      List<String> people = List.of("ann", "ben", "ben");
      for (String who : people.subList(answers, ALL)) {
        AnsweredMain.answer(run, who);
      }

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(count(run, RunEvent.Asked.class)).isEqualTo(2);
      assertThat(count(run, RunEvent.Answered.class)).isEqualTo(ALL);
    }
  }

  private static long count(Run run, Class<? extends RunEvent> type) {
    return run.journal(1).stream().filter(entry -> type.isInstance(entry.event())).count();
  }

  private void killAfter(int answers) throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                AnsweredMain.class.getName(),
                directory.toString(),
                Integer.toString(answers))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(jvm.inputReader().readLine()).isEqualTo("answered");
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }
}
