package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.Decision;
import dev.maestro.run.EventEncoder;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunState;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.store.Commit;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is decided goes to the store, which takes only so much at once. */
class BatchTest {

  private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");
  private static final Pipeline PIPELINE =
      Pipeline.named("p").step("a", s -> s.code("c", "1")).build();
  private static final Actor ANN = Actor.of("ann");
  private static final String MUCH = "x".repeat(5 * 1024 * 1024);

  @TempDir Path directory;

  private Batch batch(Store store) {
    Shared shared = new Shared(store, SharedLimits.NONE, DirectoryWorkspaces.at(directory));
    return new Batch(new EventEncoder(), shared);
  }

  private static RunInput start(String run, int labels) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < labels; i++) {
      all.put("label" + i, MUCH);
    }
    return new RunInput.Start(
        NOW,
        new RunKey(Tenant.DEFAULT, RunId.of(run)),
        ANN,
        BlobId.of(new byte[0]),
        "hash",
        Map.<String, Value>of(),
        all);
  }

  @Test
  void whatIsTooLargeIsRefusedAndLeavesTheRunAsItWas() {
    try (Store store = InMemoryStore.create().open(InstantSource.fixed(NOW))) {
      Batch batch = batch(store);
      Live run = new Live(RunState.before(PIPELINE), null);

      Decision refused = batch.decide(run, start("r", 5));
      assertThat(refused)
          .isInstanceOfSatisfying(
              Decision.Refused.class, why -> assertThat(why.code()).isEqualTo("too-large"));
      assertThat(run.state.exists()).isFalse();
      assertThat(batch.commits()).isEmpty();
      assertThat(batch.isFull()).isFalse();

      assertThat(batch.decide(run, start("r", 1))).isInstanceOf(Decision.Accepted.class);
      assertThat(run.state.status()).isEqualTo(RunStatus.RUNNING);
      assertThat(batch.commits()).hasSize(1);
    }
  }

  @Test
  void aBatchIsFullLongBeforeWhatStillComesIsMoreThanTheStoreTakes() {
    try (Store store = InMemoryStore.create().open(InstantSource.fixed(NOW))) {
      Batch batch = batch(store);

      batch.decide(new Live(RunState.before(PIPELINE), null), start("r", 1));
      assertThat(batch.isFull()).isFalse();
      batch.decide(new Live(RunState.before(PIPELINE), null), start("s", 1));
      assertThat(batch.isFull()).isTrue();
      // what is full is written before the next input; that, and a launch at last, are one each
      assertThat(Batch.FULL + 2L * Batch.LARGEST).isLessThan(Commit.LARGEST);
    }
  }
}
