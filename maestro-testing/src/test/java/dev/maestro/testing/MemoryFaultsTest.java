package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What happens when memory runs out, and that nothing an agent prints uses it up. */
@EnabledOnOs(OS.LINUX)
class MemoryFaultsTest {

  private static final String LINES = "yes 0123456789012345678901234567890123456789012345678901234";

  private static final Duration TOO_LONG = Duration.ofMinutes(4);

  @TempDir Path directory;

  @Test
  @Timeout(300)
  void anErrorThrownByACodeStepIsTheFailureOfThatStepAndOfNothingElse() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("bad", s -> s.code("bad", "1"))
            .step("good", s -> s.code("good", "1"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .workspaces(DirectoryWorkspaces.at(directory))
            .step(
                "bad",
                "1",
                c -> {
                  throw new OutOfMemoryError("Java heap space");
                })
            .step("good", "1", c -> "fine")
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      Task bad = result.snapshot().task("bad").orElseThrow();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(bad.state()).isEqualTo(TaskState.FAILED);
      assertThat(bad.trouble().orElseThrow().message()).contains("OutOfMemoryError");
      assertThat(result.snapshot().task("good").orElseThrow().state())
          .isEqualTo(TaskState.COMPLETED);
      assertThat(
              maestro
                  .start(
                      Pipeline.named("q").step("good", s -> s.code("good", "1")).build(),
                      RunId.of("q"),
                      Inputs.none())
                  .await()
                  .status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  /** Who is hit when the heap is full is chance; that the JVM hangs or the store lies is not. */
  @Test
  @Tag("torture")
  @Timeout(300)
  void whenTheHeapIsFullStepsFailOrTheEngineStopsAndNothingThatWasDoneIsDoneAgain()
      throws Exception {
    List<String> said = run("32m", "hog", directory.toString());

    assertThat(said).hasSize(3).endsWith("closed");
    assertThat(said.get(0)).isIn("FAILED", "refused");
    assertThat(said.get(1)).isIn("SUCCEEDED", "refused");
    Map<String, Long> before = done();
    try (Maestro maestro = FaultyMain.builder(directory).step("hog", "1", c -> "full").build()) {
      maestro.recover();
      RunResult result = maestro.start(FaultyMain.HOGS, FaultyMain.RUN, Inputs.none()).await();

      assertThat(result.status()).isIn(RunStatus.FAILED, RunStatus.SUCCEEDED);
      if (said.get(0).equals("FAILED")) {
        assertThat(done()).isEqualTo(before);
      }
      assertThat(maestro.start(FaultyMain.SMALL, FaultyMain.NEXT, Inputs.none()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
    try (Store store = FileStore.at(directory.resolve("store")).open(InstantSource.system())) {
      assertThat(store.openReport().isClean()).isTrue();
    }
  }

  private Map<String, Long> done() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("done"))) {
      return files
          .map(file -> file.getFileName().toString().replaceAll("\\..*", ""))
          .collect(Collectors.groupingBy(task -> task, Collectors.counting()));
    }
  }

  @Test
  @Timeout(300)
  void anAgentThatFloodsIsReadToItsEndInASmallHeap() throws Exception {
    assertFloodIsBounded(30_000_000);
  }

  @Test
  @Tag("torture")
  @Timeout(300)
  void anAgentThatFloods500MegabytesIsReadToItsEndInASmallHeap() throws Exception {
    assertFloodIsBounded(500_000_000);
  }

  private void assertFloodIsBounded(int bytes) throws Exception {
    List<String> said =
        run(
            "48m",
            "flood",
            directory.toString(),
            "cat > /dev/null; " + LINES + " | head -c " + bytes);

    assertThat(said).hasSize(2).startsWith("SUCCEEDED");
    assertThat(Integer.parseInt(said.get(1))).isBetween(1, 5_000_000);
  }

  @Test
  @Timeout(300)
  void aSingleEndlessLineIsCutInASmallHeap() throws Exception {
    List<String> said =
        run(
            "48m",
            "flood",
            directory.toString(),
            "cat > /dev/null; head -c 60000000 /dev/zero | tr '\\0' x");

    assertThat(said).hasSize(2).startsWith("SUCCEEDED");
    assertThat(Integer.parseInt(said.get(1))).isBetween(1, 5_000_000);
  }

  private static List<String> run(String heap, String... arguments) throws Exception {
    Process jvm = Machine.jvm(FaultyMain.class, heap, arguments);
    try {
      assertThat(jvm.waitFor(TOO_LONG.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
      return new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } finally {
      jvm.destroyForcibly().waitFor();
    }
  }
}
