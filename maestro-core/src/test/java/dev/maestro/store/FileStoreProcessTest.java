package dev.maestro.store;

import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.events;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.text;
import static dev.maestro.store.Fixtures.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several processes and one store. */
final class FileStoreProcessTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private Process child;

  @AfterEach
  void endChild() throws InterruptedException {
    if (child != null) {
      child.destroyForcibly().waitFor();
    }
  }

  @Test
  void refusesASecondProcessAndNamesTheFirst() throws Exception {
    child = StoreChild.start("hold", directory);
    assertThat(child.inputReader().readLine()).isEqualTo("open");

    assertThatThrownBy(() -> FileStore.at(directory).open(time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("process " + child.pid() + " on host");

    child.outputWriter().close();
    assertThat(child.waitFor()).isZero();
    FileStore.at(directory).open(time).close();
  }

  @Test
  void staysLockedForOthersAfterASecondOpeningWasRefusedHere() throws Exception {
    try (Store store = FileStore.at(directory).open(time)) {
      assertThatThrownBy(() -> FileStore.at(directory).open(time))
          .isInstanceOf(StoreException.class);
      try (Store reader = FileStore.readOnly(directory).open(time)) {
        assertThat(reader.find(RunQuery.allOpen())).isEmpty();
      }

      child = StoreChild.start("hold", directory);
      assertThat(child.inputReader().readLine())
          .contains("process " + ProcessHandle.current().pid() + " on host");
      commit(store, commit(run("a"), 0, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 50, 700})
  void keepsEverythingThatAKilledProcessHasAcknowledged(int acknowledgements) throws Exception {
    child = StoreChild.start("commit", directory);
    Map<String, Integer> acknowledged = new HashMap<>();
    BufferedReader lines = child.inputReader();
    assertThat(lines.readLine()).isEqualTo("open");
    for (int i = 0; i < acknowledgements; i++) {
      note(lines.readLine(), acknowledged);
    }
    readOnlySees(acknowledged);
    // Unlike the process itself, its handle leaves what is still in the pipe.
    child.toHandle().destroyForcibly();
    lines.lines().filter(line -> line.matches("[a-d] [0-9]+")).forEach(l -> note(l, acknowledged));
    child.waitFor();

    try (Store store = FileStore.at(directory).open(time)) {
      assertThat(store.openReport().damages()).isEmpty();
      acknowledged.forEach((name, count) -> assertHolds(store, name, count));
    }
  }

  private void readOnlySees(Map<String, Integer> acknowledged) throws IOException {
    try (Store reader = FileStore.readOnly(directory).open(time)) {
      assertThat(reader.openReport().damages()).isEmpty();
      acknowledged.forEach((name, count) -> assertHolds(reader, name, count));
    }
  }

  private static void assertHolds(Store store, String name, int count) {
    List<String> found = texts(store, run(name));
    assertThat(found)
        .hasSizeGreaterThanOrEqualTo(count)
        .isEqualTo(events(0, found.size()).stream().map(e -> text(e.json())).toList());
    assertThat(found.size() % 3).as("a commit of three events is whole").isZero();
  }

  private static void note(String line, Map<String, Integer> acknowledged) {
    String[] words = line.split(" ");
    acknowledged.put(words[0], Integer.valueOf(words[1]));
  }
}
