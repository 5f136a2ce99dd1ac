package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.SharedBudgets;
import dev.maestro.run.EventEncoder;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunEvent;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.task.Amount;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedTest {

  private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

  private final Store store = InMemoryStore.create().open(InstantSource.fixed(NOW));
  private final ProviderLimits limits = ProviderLimits.NONE.rate(9, Duration.ofHours(1));
  private final Shared shared =
      new Shared(
          store,
          new SharedLimits(SharedBudgets.NONE, Map.of("p", limits), null),
          DirectoryWorkspaces.at(Path.of("none")));
  private final Batch batch = new Batch(new EventEncoder(), shared);

  private Batch.Part launches(String run, Instant at) {
    Batch.Part part = batch.touch(new Live(Begun.run(run, 1), null));
    RunEvent.Intent intent =
        new RunEvent.Intent(at, TaskId.of("s0"), 1, "p", null, "head", "prompt", null, true);
    LedgerLine line = new LedgerLine(LedgerLine.Kind.RESERVED, intent, Amount.NONE, null);
    Batch.Taken taken = new Batch.Taken(List.of(), List.of(line), at);
    part.takes(taken);
    shared.reserve(part.run(), part, taken);
    return part;
  }

  @Test
  void whatOtherRunsOfATurnHaveToldOfAProviderIsWrittenWithoutTheRunThatIsLost() {
    Batch.Part lost = launches("one", NOW);
    launches("two", NOW.plusSeconds(1));
    assertThat(lost.traffic()).hasSize(1);
    lost.run().lost = true;
    shared.forget(lost.run().key(), lost);

    List<RecordWrite> writes = shared.ofProviders(lost, batch.parts());

    assertThat(writes).hasSize(1);
    assertThat(new String(writes.get(0).json(), StandardCharsets.UTF_8))
        .contains("10:00:01Z")
        .doesNotContain("10:00:00Z");
  }
}
