package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.Store;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreDamageTest {

  private static final int EVENTS = 3;

  @TempDir Path directory;

  /** A kill may find a snapshot that was taken after the very last batch. */
  @Test
  void aBatchThatASnapshotProvesIsCutAsIfNoneHadBeenTaken() throws Exception {
    Path store = directory.resolve("store");
    Content.addBystander(store);
    write(store, 0);
    tidy(store);
    assertThat(store.resolve("log/snapshot")).exists();

    StoreDamage damage = new StoreDamage(store, directory.resolve("scratch"), "closed");
    damage.cut(Integer.MAX_VALUE, new Random(1));

    assertThat(damage.tried()).hasSizeGreaterThan(10);
    assertThat(damage.tried())
        .allSatisfy(one -> assertThat(one.ending()).isEqualTo(CrashEnding.SAME));
  }

  @Test
  void aSnapshotOfBeforeStaysWhereItIs() throws Exception {
    Path store = directory.resolve("store");
    write(store, 0);
    tidy(store);
    byte[] before = Files.readAllBytes(store.resolve("log/snapshot"));
    write(store, EVENTS);

    Batches.last(store).forgetProof(store);

    assertThat(store.resolve("log/snapshot")).hasBinaryContent(before);
  }

  private static void write(Path directory, int from) {
    try (Store store = Content.store(directory).open(InstantSource.system())) {
      for (int i = from; i < from + EVENTS; i++) {
        byte[] json = "{\"number\":%d}".formatted(i).getBytes(StandardCharsets.UTF_8);
        Envelope event = new Envelope("event", 1, Instant.EPOCH, json);
        store.commit(List.of(new Commit(Play.RUN, i, 0, List.of(event), null, List.of())));
      }
    }
  }

  private static void tidy(Path directory) {
    try (Store store = Content.store(directory).open(InstantSource.system())) {
      store.maintain();
    }
  }
}
