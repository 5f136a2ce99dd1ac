package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.flipped;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on their way from one store to another. */
final class StoreTransferTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private Store files;
  private Store memory;
  private BlobId blob;

  @BeforeEach
  void open() {
    files = FileStore.at(directory.resolve("a")).open(time);
    memory = InMemoryStore.create().open(time);
    BlobId inner = files.put(json("inner"));
    blob = files.put(json(inner.hex()));
    fill("ended", 1_200, false);
    fill("open", 3, true);
    commit(files, Fixtures.write("spent", 0, "1"));
    commit(files, Fixtures.write("spent", 1, "2"));
    files.maintain();
  }

  @AfterEach
  void close() {
    files.close();
    memory.close();
  }

  private void fill(String name, int events, boolean open) {
    RunIndex index =
        new RunIndex(run(name), "tdd", "S", open, NOW, NOW, Map.of("team", "blue", "x", "y"));
    commit(files, new Commit(run(name), 0, 4, Fixtures.events(0, events), null, List.of()));
    Envelope last = Fixtures.event(blob.hex());
    commit(files, new Commit(run(name), events, 4, List.of(last), index, List.of()));
  }

  private byte[] exported(Store store, String name) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StoreTransfer.exportRun(store, run(name), out);
    return out.toByteArray();
  }

  @Test
  void copiesAWholeStoreSoThatCountsAndHashesAreEqual() throws IOException {
    StoreTransfer.Summary copied = StoreTransfer.copy(files, memory);

    assertThat(copied.runs()).isEqualTo(2);
    assertThat(copied.events()).isEqualTo(1_205);
    assertThat(copied.records()).isEqualTo(1);
    assertThat(copied.blobs()).isEqualTo(2);
    assertThat(StoreTransfer.summary(memory)).isEqualTo(copied);
    assertThat(StoreTransfer.copy(files, memory)).as("again").isEqualTo(copied);
    try (Store back = FileStore.at(directory.resolve("b")).open(time)) {
      assertThat(StoreTransfer.copy(memory, back)).isEqualTo(copied);
      assertThat(StoreTransfer.summary(back)).isEqualTo(copied);
    }
  }

  /**
   * A run that ends between two looks at it is taken out as it was before or after, not as both.
   */
  @Test
  void exportsARunThatEndsMeanwhileAsItWasAtOneMoment() throws IOException {
    for (int looks = 1; looks <= 3; looks++) {
      AtomicInteger left = new AtomicInteger(looks);
      String name = "late-" + looks;
      fill(name, 3, true);
      Store moving =
          (Store)
              Proxy.newProxyInstance(
                  Store.class.getClassLoader(),
                  new Class<?>[] {Store.class},
                  (proxy, method, arguments) -> {
                    if (left.decrementAndGet() == 0) {
                      RunIndex ended = Fixtures.index(run(name), "SUCCEEDED", NOW);
                      List<Envelope> end = List.of(Fixtures.event("the end"));
                      commit(files, new Commit(run(name), 4, 4, end, ended, List.of()));
                    }
                    return method.invoke(files, arguments);
                  });

      byte[] bytes = exported(moving, name);

      StoreTransfer.importRun(memory, new ByteArrayInputStream(bytes));
      boolean open = memory.index(run(name)).orElseThrow().open();
      assertThat(memory.read(run(name), 1)).hasSize(open ? 4 : 5);
    }
  }

  @Test
  void exportsAndImportsARunWithoutLoss() throws IOException {
    for (String name : List.of("ended", "open")) {
      byte[] bytes = exported(files, name);

      assertThat(StoreTransfer.importRun(memory, new ByteArrayInputStream(bytes)))
          .isEqualTo(run(name));
      assertThat(texts(memory, run(name))).isEqualTo(texts(files, run(name)));
      assertThat(memory.index(run(name))).isEqualTo(files.index(run(name)));
      assertThat(memory.blob(blob)).isPresent();
      assertThat(exported(memory, name)).isEqualTo(bytes);
    }
  }

  @Test
  void goesOnWhereAnImportWasBrokenOff() throws IOException {
    byte[] bytes = exported(files, "ended");
    byte[] half = Arrays.copyOf(bytes, bytes.length * 2 / 3);
    assertThatThrownBy(() -> StoreTransfer.importRun(memory, new ByteArrayInputStream(half)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("damage in what is imported");
    assertThat(memory.find(RunQuery.of(run("x").tenant()))).isEmpty();

    StoreTransfer.importRun(memory, new ByteArrayInputStream(bytes));
    StoreTransfer.importRun(memory, new ByteArrayInputStream(bytes));
    assertThat(exported(memory, "ended")).isEqualTo(bytes);
  }

  @Test
  void refusesWhatHasChangedOnTheWay() throws IOException {
    byte[] bytes = exported(files, "open");
    for (int at = 0; at < bytes.length; at += 11) {
      byte[] changed = flipped(bytes, at);
      Store target = InMemoryStore.create().open(time);
      assertThatThrownBy(() -> StoreTransfer.importRun(target, new ByteArrayInputStream(changed)))
          .isInstanceOf(StoreException.class);
      assertThat(target.find(RunQuery.of(run("x").tenant()))).isEmpty();
    }
  }

  @Test
  void refusesAnotherRunOfTheSameName() throws IOException {
    byte[] bytes = exported(files, "open");
    commit(memory, new Commit(run("open"), 0, 1, List.of(Fixtures.event("x")), null, List.of()));

    assertThatThrownBy(() -> StoreTransfer.importRun(memory, new ByteArrayInputStream(bytes)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("another run");
  }

  @Test
  void saysThatThereIsNoSuchRun() {
    assertThatThrownBy(() -> exported(files, "nobody"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("there is no run default/nobody");
  }
}
