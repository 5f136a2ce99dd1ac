package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.store.FileStore;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the engine does when the place of its store fails under it; docs/durability.md says why. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class StoreFaultsTest {

  private static final RunId RUN = RunId.of("r");

  @TempDir Path directory;

  private final Map<String, Integer> done = new ConcurrentHashMap<>();
  private final CountDownLatch inside = new CountDownLatch(1);
  private final CountDownLatch leave = new CountDownLatch(1);

  private MaestroBuilder builder(Path store, int output) {
    return Maestro.builder()
        .store(FileStore.at(store))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step(
            "work",
            "1",
            c -> {
              String task = c.attempt().task().value();
              done.merge(task, 1, Integer::sum);
              return task + "x".repeat(output);
            })
        .step(
            "wait",
            "1",
            c -> {
              done.merge(c.attempt().task().value(), 1, Integer::sum);
              inside.countDown();
              leave.await();
              return "y".repeat(20_000);
            });
  }

  private static Pipeline chain(int steps) {
    PipelineBuilder pipeline = Pipeline.named("chain");
    for (int i = 1; i <= steps; i++) {
      int number = i;
      pipeline.step(
          "s" + i,
          s -> {
            s.code("work", "1").output("o" + number);
            if (number > 1) {
              s.after("s" + (number - 1));
            }
          });
    }
    return pipeline.build();
  }

  private static Pipeline waiting() {
    return Pipeline.named("waiting")
        .step("first", s -> s.code("work", "1"))
        .step("wait", s -> s.code("wait", "1").after("first").output("y"))
        .step("last", s -> s.code("work", "1").after("wait"))
        .build();
  }

  /** Small outputs fill the log, large ones the blobs. */
  @ParameterizedTest
  @CsvSource({"7000, 300", "60000, 40"})
  void onAFullDiskTheEngineStopsAndTheNextOneGoesOnWhereThereIsRoom(int output, int steps)
      throws Exception {
    Path place = directory.resolve("disk");
    try (Machine.SmallDisk disk = Machine.SmallDisk.mounted(place, "1m")) {
      try (Maestro maestro = builder(place.resolve("store"), output).build()) {
        Run run = maestro.start(chain(steps), RUN, Inputs.none());

        assertThatThrownBy(run::await)
            .isInstanceOf(StoreException.class)
            .hasStackTraceContaining("No space left on device");
        assertThatThrownBy(() -> maestro.start(chain(1), RunId.of("other"), Inputs.none()))
            .isInstanceOf(StoreException.class);
      }
      assertThat(done).hasSizeBetween(5, steps - 1);

      disk.resize("64m");
      try (Maestro maestro = builder(place.resolve("store"), output).build()) {
        maestro.recover();
        RunResult result = maestro.start(chain(steps), RUN, Inputs.none()).await();

        assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      }
    }
    assertThat(done).hasSize(steps);
    assertThat(done.values().stream().filter(times -> times > 1))
        .as("only what was at work when the disk was full may be done again")
        .hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void inADirectoryTurnedReadOnlyTheEngineStopsAndTheNextOneGoesOnLater() throws Exception {
    Path store = directory.resolve("store");
    try (Maestro maestro = builder(store, 10).build()) {
      Run run = maestro.start(waiting(), RUN, Inputs.none());
      inside.await();
      try (Machine.Frozen frozen = Machine.Frozen.below(store)) {
        leave.countDown();

        assertThatThrownBy(run::await)
            .isInstanceOf(StoreException.class)
            .hasStackTraceContaining("Operation not permitted");
        assertThat(frozen).isNotNull();
      }
    }
    try (Machine.Frozen frozen = Machine.Frozen.below(store)) {
      assertThat(frozen).isNotNull();
      assertThatThrownBy(() -> builder(store, 10).build())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("cannot be opened");
    }
    try (Maestro maestro = builder(store, 10).build()) {
      maestro.recover();
      assertThat(maestro.start(waiting(), RUN, Inputs.none()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
    assertThat(done).containsEntry("first", 1).containsEntry("last", 1);
  }

  @Test
  void whenItsDirectoryIsDeletedTheEngineSaysSoAndStops() throws Exception {
    Path store = directory.resolve("store");
    try (Maestro maestro = builder(store, 10).build()) {
      Run run = maestro.start(waiting(), RUN, Inputs.none());
      inside.await();
      delete(store);
      leave.countDown();

      assertThatThrownBy(run::await).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> maestro.start(waiting(), RunId.of("other"), Inputs.none()))
          .isInstanceOf(StoreException.class);
    }

    assertThat(done).doesNotContainKey("last");
    try (Maestro maestro = builder(store, 10).build()) {
      assertThat(maestro.find(RUN)).isEmpty();
    }
  }

  @Test
  void ofSeveralJvmsThatRaceForOneStoreOneGetsItAndTheOthersAreToldWho() throws Exception {
    for (int round = 0; round < 2; round++) {
      List<Process> racers = new ArrayList<>();
      try {
        for (int i = 0; i < 3; i++) {
          racers.add(Machine.jvm(FaultyMain.class, "64m", "open", directory.toString()));
        }
        Process winner = null;
        List<String> refusals = new ArrayList<>();
        for (Process racer : racers) {
          String line = firstLine(racer);
          if (line.startsWith("open")) {
            assertThat(winner).as("only one has it open").isNull();
            winner = racer;
          } else {
            refusals.add(line);
          }
        }

        assertThat(winner).isNotNull();
        String owner = "process " + winner.pid() + " on host";
        assertThat(refusals)
            .hasSize(2)
            .allSatisfy(line -> assertThat(line).startsWith("refused").contains(owner));
      } finally {
        // one after kill -9 of whoever had it open
        for (Process racer : racers) {
          racer.destroyForcibly().waitFor();
        }
      }
    }
  }

  private static String firstLine(Process process) throws IOException {
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    return lines.readLine();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
