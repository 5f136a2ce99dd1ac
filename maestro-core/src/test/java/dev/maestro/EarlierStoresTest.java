package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.approval.Answer;
import dev.maestro.store.FileStore;
import dev.maestro.store.Store;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores that earlier versions have made can be opened, and their runs go on.
 *
 * @see StoreOfThisVersionMain
 */
@Timeout(300)
class EarlierStoresTest {

  @TempDir Path directory;

  private Path store(String version) throws IOException, URISyntaxException {
    Path kept = Path.of(getClass().getResource("stores/" + version).toURI());
    try (Stream<Path> files = Files.walk(kept)) {
      files.forEach(file -> copy(file, directory.resolve(kept.relativize(file).toString())));
    }
    return directory.resolve("store");
  }

  private static void copy(Path from, Path to) {
    try {
      if (Files.isDirectory(from)) {
        Files.createDirectories(to);
      } else {
        Files.copy(from, to);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"format-2", "format-2-short-moves", "format-2-lists-runs"})
  void holdWhatWasWrittenDownWhenTheyWereMade(String version) throws Exception {
    Path store = store(version);
    List<String> expected = Files.readAllLines(directory.resolve("expected.txt"));

    assertThat(FileStore.at(store).verify().findings()).isEmpty();
    try (Store open = FileStore.at(store).open(() -> Instant.EPOCH)) {
      assertThat(open.openReport().isClean()).isTrue();
      assertThat(StoreOfThisVersionMain.describe(open)).isEqualTo(expected);
    }
    Files.delete(store.resolve("log/snapshot"));
    try (Store open = FileStore.readOnly(store).open(() -> Instant.EPOCH)) {
      assertThat(open.openReport().isClean()).isTrue();
      assertThat(StoreOfThisVersionMain.describe(open)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"format-2", "format-2-short-moves", "format-2-lists-runs"})
  void haveRunsThatAreUnderstoodAndGoOn(String version) throws Exception {
    FileStore store = FileStore.at(store(version));
    try (Maestro maestro = StoreOfThisVersionMain.open(store, directory.resolve("work"))) {
      RunResult greeting = maestro.find(RunId.of("greeting-7")).orElseThrow().await();
      assertThat(greeting.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(greeting.text("text")).contains(StoreOfThisVersionMain.LONG_TEXT);
      assertThat(maestro.find(RunId.of("failing")).orElseThrow().await().status())
          .isEqualTo(RunStatus.FAILED);

      maestro.recover();
      Run asking = maestro.find(RunId.of("Asking")).orElseThrow();
      RunResult waiting = asking.await();
      assertThat(waiting.questions()).hasSize(1);
      asking.answer(waiting.questions().get(0).id(), Answer.approve(), Actor.of("anna"));
      assertThat(asking.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }
}
