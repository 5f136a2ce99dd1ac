package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two engines on one store, each with runs of its own, which share what stands above runs. */
@Timeout(60)
class TwoEnginesTest {

  private static final ScriptedAgent AGENT =
      ScriptedAgent.named("scripted")
          .on("hangs", Turn.hanging())
          .otherwise(Turn.says("done"))
          .build();
  private static final Pipeline PIPELINE =
      Pipeline.named("p")
          .step("a", s -> s.agent("x").prompt("do it").evalGate(EvalGate.scoredBy("quality")))
          .build();

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();
  private final Disk disk = new Disk(store);

  private Maestro engine(String name) throws Exception {
    return Maestro.builder()
        .discoverNothing()
        .owner(name)
        .store(disk.reopened())
        .workspaces(DirectoryWorkspaces.at(Files.createDirectories(directory.resolve(name))))
        .provider(AGENT)
        .judge("quality", context -> 0.9)
        .limit(AGENT.id(), ProviderLimits.NONE.rate(1_000, Duration.ofHours(1)))
        .build();
  }

  private static void completes(Maestro engine, String run) throws Exception {
    assertThat(engine.start(PIPELINE, RunId.of(run), Inputs.none()).await().status())
        .isEqualTo(RunStatus.SUCCEEDED);
  }

  /**
   * Each has read the records before the other writes them, so that every second commit meets it.
   */
  @Test
  void aRecordThatTheOtherHasWrittenTakesNoRunFromItsEngine() throws Exception {
    try (Maestro one = engine("one");
        Maestro other = engine("other")) {
      for (int i = 0; i < 4; i++) {
        completes(one, "one-" + i);
        completes(other, "other-" + i);
      }

      Baseline baseline = one.baselines().get(0);
      assertThat(baseline.scores())
          .as("no score of the other is lost")
          .extracting(score -> score.run().value())
          .containsExactly(
              "one-0", "other-0", "one-1", "other-1", "one-2", "other-2", "one-3", "other-3");
      assertThat(begun().split("Z\"", -1)).as("no launch of the other is forgotten").hasSize(9);
    }
  }

  @Test
  void aStopOfEverythingNamesWhatAnotherEngineDrives() throws Exception {
    Pipeline hanging =
        Pipeline.named("hanging").step("hangs", s -> s.agent("x").prompt("wait")).build();
    try (Maestro one = engine("one");
        Maestro other = engine("other")) {
      Run run = one.start(hanging, RunId.of("far"), Inputs.none());
      AGENT.awaitLaunch("hangs", 1, Duration.ofSeconds(30));

      assertThatThrownBy(() -> other.stop("fire"))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("default/far");
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);

      one.stop("fire");
      assertThat(run.await().status()).isEqualTo(RunStatus.PAUSED);
    }
  }

  private String begun() {
    try (Store open = store.open(VirtualTime.create())) {
      return open.records().stream()
          .filter(record -> record.key().namespace().equals("provider"))
          .map(record -> new String(record.json(), StandardCharsets.UTF_8))
          .findFirst()
          .orElseThrow();
    }
  }
}
