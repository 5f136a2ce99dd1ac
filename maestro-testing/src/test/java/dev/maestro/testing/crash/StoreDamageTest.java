package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreDamageTest {

  @TempDir Path directory;

  @Test
  void aBatchThatASnapshotProvesIsCutAsIfNoneHadBeenTaken() throws Exception {
    Path store = killed(3, 0);

    StoreDamage damage = new StoreDamage(store, directory.resolve("scratch"), "killed");
    damage.cut(Integer.MAX_VALUE, new Random(1));

    assertThat(damage.tried()).hasSizeGreaterThan(10);
    assertThat(damage.tried())
        .allSatisfy(one -> assertThat(one.ending()).isEqualTo(CrashEnding.SAME));
  }

  @Test
  void aSnapshotOfBeforeTheLastBatchStays() throws Exception {
    Path store = killed(3, 1);

    Batches.last(store).forgetProof(store);

    assertThat(store.resolve("log/snapshot")).exists();
  }

  /** {@return a store as a kill leaves it: after some events a snapshot, and then more events} */
  private Path killed(int before, int after) throws IOException {
    Path alive = directory.resolve("alive");
    Path killed = directory.resolve("killed");
    Content.addBystander(alive);
    try (Store store = Content.store(alive).open(InstantSource.system())) {
      for (int i = 0; i < before; i++) {
        store.commit(List.of(event(i)));
      }
      store.maintain();
      for (int i = before; i < before + after; i++) {
        store.commit(List.of(event(i)));
      }
      Place.copy(alive, killed);
    }
    return killed;
  }

  private static Commit event(int sequence) {
    byte[] json = "{\"number\":%d}".formatted(sequence).getBytes(StandardCharsets.UTF_8);
    Envelope event = new Envelope("event", 1, Instant.EPOCH, json);
    return new Commit(Play.RUN, sequence, 0, List.of(event), null, List.of());
  }
}
