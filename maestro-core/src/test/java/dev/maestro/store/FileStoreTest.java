package dev.maestro.store;

import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.OpenHandles;
import dev.maestro.store.CommitOutcome.Committed;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a store in files does beyond the contract of stores, which maestro-testing holds it to. */
final class FileStoreTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();

  private Path place() {
    return directory.resolve("store");
  }

  private Store open() {
    return FileStore.at(place()).open(time);
  }

  @Test
  void touchesNothingUntilItIsOpened() {
    FileStore.at(place());

    assertThat(place()).doesNotExist();
  }

  @Test
  void hidesItselfFromGitUnlessSomebodyWantsOtherwise() throws Exception {
    open().close();
    assertThat(place().resolve(".gitignore")).hasContent("*");

    Files.delete(place().resolve(".gitignore"));
    open().close();
    assertThat(place().resolve(".gitignore")).doesNotExist();
  }

  @Test
  void hidesNothingElseFromGit() throws Exception {
    Files.createDirectories(place().resolve("src"));
    open().close();
    assertThat(place().resolve(".gitignore")).doesNotExist();
  }

  @Test
  void refusesASecondOpeningInTheSameProcessAndStaysLocked() {
    try (Store store = open()) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(this::open)
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("this very process")
            .hasMessageContaining("process " + ProcessHandle.current().pid() + " on host");
      }
      assertThat(commit(store, commit(run("a"), 0, 1))).isEqualTo(new Committed(1));
    }
    assertThatCode(() -> open().close()).doesNotThrowAnyException();
  }

  @Test
  void voidsTheLeasesOfWhoeverHadItOpenBefore() {
    Lease before;
    try (Store store = open()) {
      before = store.acquire("run/a", "one", Duration.ofDays(1)).orElseThrow();
    }
    try (Store store = open()) {
      Lease after = store.acquire("run/a", "two", Duration.ofDays(1)).orElseThrow();

      assertThat(after.token()).isGreaterThan(before.token());
    }
  }

  @Test
  void isNotHinderedByTheOwnersFileOfAProcessThatWasKilled() throws IOException {
    open().close();
    Files.writeString(place().resolve("owner"), "1\nelsewhere\n2026-01-01T00:00:00Z\n");

    assertThatCode(() -> open().close()).doesNotThrowAnyException();
    assertThat(place().resolve("owner")).doesNotExist();
  }

  @Test
  void showsToOneWhoOnlyReadsWhatIsDurableAndChangesNothing() throws IOException {
    try (Store store = open()) {
      commit(store, commit(run("a"), 0, 2));
      commit(store, write("spent", 0, "1"));
      BlobId blob = store.put(json("blob"));
      Set<String> before = listing();

      try (Store reader = FileStore.readOnly(place()).open(time)) {
        assertThat(reader.read(run("a"), 1)).hasSize(2);
        assertThat(reader.record(key("spent"))).isPresent();
        assertThat(reader.blob(blob)).isPresent();
        assertThatThrownBy(() -> commit(reader, commit(run("a"), 2, 1)))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("read only");
        assertThatThrownBy(() -> reader.put(json("x"))).isInstanceOf(StoreException.class);
      }

      assertThat(listing()).isEqualTo(before);
      assertThat(commit(store, commit(run("a"), 2, 1))).isEqualTo(new Committed(3));
    }
  }

  @Test
  void cannotOnlyBeReadWhereThereIsNone() {
    assertThatThrownBy(() -> FileStore.readOnly(place()).open(time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("there is no store in");
    assertThat(place()).doesNotExist();
  }

  @Test
  void saysThatAStoreIsADirectory() throws IOException {
    Files.writeString(place(), "");

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the store in "
                + place()
                + " cannot be opened: that is a file, and a store a directory");
  }

  @Test
  void saysWhichFileIsInItsWay() throws IOException {
    Files.writeString(place(), "");
    Path inside = place().resolve("store");

    assertThatThrownBy(() -> FileStore.at(inside).open(time))
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the store in "
                + inside
                + " cannot be opened: "
                + place()
                + " is a file where a directory is needed");
  }

  @Test
  void saysWhatItsUserMayNotOpen() {
    assertThat(StoreOpener.reason(new AccessDeniedException("/var/store/lock")))
        .isEqualTo("/var/store/lock may not be read or written by the user of this process");
  }

  @Test
  void saysWhereNoFormatIsNamed() throws IOException {
    open().close();
    Files.writeString(place().resolve("format"), "garbage\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessage(place().resolve("format") + " names no format; restore the store from a copy");
  }

  @Test
  void saysWhichVersionReadsANewerFormat() throws IOException {
    open().close();
    Files.writeString(place().resolve("format"), "format=7\nsince=3.1.0\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("format 7, which Maestro 3.1.0 and later can read");
    assertThat(place().resolve("owner")).doesNotExist();
  }

  @Test
  void doesNotStartAnewWhenItsLogIsGone() throws IOException {
    open().close();
    Files.delete(Fixtures.log(place()));

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("000001.log is missing");
  }

  @Test
  void refusesAFileThatIsNoLog() throws IOException {
    open().close();
    Files.writeString(Fixtures.log(place()), "something else".repeat(50));

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is no log of Maestro");
  }

  @Test
  void namesTheFileOfABlobThatHasChangedAndMendsItWhenItIsPutAgain() throws IOException {
    byte[] bytes = json("definition");
    try (Store store = open()) {
      BlobId id = store.put(bytes);
      Path file = place().resolve("blobs").resolve(id.hex().substring(0, 2)).resolve(id.hex());
      Files.write(file, Fixtures.flipped(bytes, 3));

      assertThatThrownBy(() -> store.blob(id))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(file.toString());
      store.put(bytes);
      assertThat(store.blob(id)).hasValue(bytes);
    }
  }

  @Test
  void commitsOnAnInterruptedThreadAndKeepsTheInterrupt() {
    try (Store store = open()) {
      commit(store, commit(run("a"), 0, 1));
      Thread.currentThread().interrupt();

      assertThat(commit(store, commit(run("a"), 1, 1))).isEqualTo(new Committed(2));
      assertThat(store.put(json("x"))).isNotNull();
      assertThat(store.read(run("a"), 1)).hasSize(2);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void isNotHurtByThreadsThatAreInterruptedWhileTheyCommit() throws InterruptedException {
    try (Store store = open()) {
      List<Thread> writers =
          Stream.of("a", "b", "c").map(name -> new Thread(() -> commitMany(store, name))).toList();
      writers.forEach(Thread::start);
      while (writers.stream().anyMatch(Thread::isAlive)) {
        writers.forEach(Thread::interrupt);
        Thread.yield();
      }

      for (String name : List.of("a", "b", "c")) {
        assertThat(store.read(run(name), 1)).hasSize(100);
      }
    }
  }

  private static void commitMany(Store store, String name) {
    for (int i = 0; i < 100; i++) {
      commit(store, commit(run(name), i, 1));
      store.read(run(name), 1);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void leavesNoHandleAndNoThreadBehind() throws IOException {
    useAndClose();
    List<String> handles = handlesOn(directory);
    Set<Thread> threads = threads();
    for (int i = 0; i < 50; i++) {
      useAndClose();
    }

    assertThat(handles).isEmpty();
    assertThat(handlesOn(place())).isEmpty();
    assertThat(threads).containsAll(threads());
  }

  /** {@return those of Maestro: the platform begins and ends some of its own whenever it likes} */
  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("maestro-"))
        .collect(Collectors.toSet());
  }

  private void useAndClose() {
    try (Store store = open()) {
      RunIndex index = index(run("a"), "RUNNING", time.instant());
      int size = store.read(run("a"), 1).size();
      commit(store, new Commit(run("a"), size, 1, List.of(Fixtures.event("x")), index, List.of()));
      store.put(json("x" + size));
    }
  }

  private List<String> handlesOn(Path place) throws IOException {
    return OpenHandles.list().stream()
        .filter(handle -> handle.startsWith(place.toString()))
        .toList();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void noticesThatItsDirectoryWasDeleted() throws IOException {
    try (Store store = open()) {
      commit(store, commit(run("a"), 0, 1));
      Fixtures.delete(place());

      assertThatThrownBy(() -> commit(store, commit(run("a"), 1, 1)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("deleted or replaced while in use");
      assertThatThrownBy(() -> commit(store, commit(run("b"), 0, 1)))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> store.put(json("x"))).isInstanceOf(StoreException.class);
      assertThat(store.read(run("a"), 1)).hasSize(1);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void noticesThatAnotherStoreHasTakenItsPlace() throws IOException {
    try (Store store = open()) {
      commit(store, commit(run("a"), 0, 1));
      Files.move(place(), directory.resolve("elsewhere"));
      try (Store other = open()) {
        assertThatThrownBy(() -> commit(store, commit(run("a"), 1, 1)))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("deleted or replaced while in use");
        assertThat(commit(other, commit(run("a"), 0, 1))).isEqualTo(new Committed(1));
      }
    }
  }

  @Test
  void saysSoWhereNoDirectoryCanBe() throws IOException {
    Files.writeString(place(), "a file");

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(place().toString())
        .hasMessageContaining("cannot be opened");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void saysSoWhereNothingCanBeWritten() {
    // Not even root can create files there.
    assertThatThrownBy(() -> FileStore.at(Path.of("/proc/self/task/store")).open(time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be opened");
  }

  @Test
  void refusesACommitThatIsTooLong() {
    try (Store store = open()) {
      byte[] half = new byte[Commit.LARGEST / 2 + 1];
      Envelope event = new Envelope("big", 1, time.instant(), half);
      Commit commit = new Commit(run("a"), 0, 1, List.of(event, event), null, List.of());

      assertThatThrownBy(() -> commit(store, commit))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("blobs");
      assertThat(commit(store, commit(run("a"), 0, 1))).isEqualTo(new Committed(1));
    }
  }

  @Test
  void writesALongListOfCommitsInMoreThanOneBatch() {
    byte[] json = new byte[1024 * 1024];
    Envelope event = new Envelope("big", 1, time.instant(), json);
    List<Commit> commits =
        Stream.iterate(0, i -> i + 1)
            .limit(12)
            .map(i -> new Commit(run("a"), i, 1, List.of(event), null, List.of()))
            .toList();
    try (Store store = open()) {
      assertThat(store.commit(commits)).hasSize(12).contains(new Committed(12));
    }
    try (Store store = open()) {
      assertThat(store.openReport().isClean()).isTrue();
      assertThat(store.read(run("a"), 1)).hasSize(12);
    }
  }

  @Test
  void writesTheLogAheadBySmallStepsAtFirst() {
    try (Store store = open()) {
      commit(store, commit(run("a"), 0, 1));
    }
    assertThat(Fixtures.log(place()).toFile().length()).isBetween(1L, 1L << 20);
  }

  private Set<String> listing() throws IOException {
    try (Stream<Path> files = Files.walk(place())) {
      return files
          .map(file -> file + " " + file.toFile().length() + " " + file.toFile().lastModified())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
