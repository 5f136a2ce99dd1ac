package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.event;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that has ended is never begun anew because its file is lost. */
final class LostRunFileTest {

  private static final int SEGMENT = 2048;

  @TempDir private Path scratch;
  private final SettableTime time = new SettableTime();
  private Path directory;
  private OpenFileStore store;

  @BeforeEach
  void open() {
    directory = scratch.resolve("store");
    store = (OpenFileStore) files().open(time);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private FileStore files() {
    return FileStore.at(directory).withSegments(SEGMENT).withPreallocation(256).withoutUpkeep();
  }

  private void reopen() {
    store.close();
    open();
    assertThat(store.openReport().isClean()).isTrue();
  }

  private Path log() {
    return directory.resolve("log");
  }

  private Path file(String run) {
    return directory.resolve("runs/default/" + run + ".jsonl");
  }

  private void end(String name, int events) {
    RunIndex ended = index(run(name), "SUCCEEDED", NOW);
    Commit commit = new Commit(run(name), 0, 7, Fixtures.events(0, events), ended, List.of());
    assertThat(commit(store, commit)).isEqualTo(new Committed(events));
  }

  /** Archive some runs and go on until the segments that say so are gone. */
  private void archiveAndForgetTheLog(String... runs) throws IOException {
    for (String run : runs) {
      end(run, 3);
    }
    store.housekeeper().tidy();
    long last = Log.list(log()).last();
    while (Log.list(log()).first() <= last) {
      fill();
      store.housekeeper().tidy();
    }
  }

  private void fill() {
    long version = store.record(Fixtures.key("filler")).map(VersionedRecord::version).orElse(0L);
    store.commit(
        LongStream.range(version, version + 10)
            .mapToObj(at -> Fixtures.write("filler", at, "f".repeat(100)))
            .toList());
  }

  private void assertRefused(String name) {
    List<ThrowingCallable> uses =
        List.of(
            () -> store.index(run(name)),
            () -> store.read(run(name), 1),
            () -> store.read(run(name), 1, 1),
            () -> commit(store, commit(run(name), 0, 1)),
            () -> commit(store, new Commit(run(name), 3, 7, List.of(event("x")), null, List.of())));
    for (ThrowingCallable use : uses) {
      assertThatThrownBy(use)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("run default/" + name)
          .hasMessageContaining("restore " + file(name))
          .hasMessageContaining("FileStore.forget");
    }
  }

  private void assertNothingElseIsHurt() {
    assertThat(store.read(run("b"), 1)).hasSize(3);
    assertThat(store.find(RunQuery.of(Tenant.DEFAULT)))
        .extracting(index -> index.run().run().value())
        .containsExactly("b");
    fill();
    long before = store.read(run("new"), 1).size();
    assertThat(commit(store, commit(run("new"), before, 1))).isInstanceOf(Committed.class);
  }

  private List<Finding> findings() {
    return files().verify().findings();
  }

  @Test
  void isRefusedUntilTheFileIsBackWhateverTheLogStillSays() throws IOException {
    archiveAndForgetTheLog("a", "b");
    Path aside = scratch.resolve("aside");
    Files.move(file("a"), aside);

    for (int opening = 0; opening < 4; opening++) {
      assertRefused("a");
      assertNothingElseIsHurt();
      if (opening == 1) {
        store.close();
        Files.delete(Snapshot.path(log()));
        open();
      } else {
        store.housekeeper().tidy();
        reopen();
      }
    }
    Files.move(aside, file("a"));
    assertThat(store.read(run("a"), 1)).hasSize(3);
    assertThat(findings()).isEmpty();
  }

  @Test
  void isRefusedWhenItIsLostBeforeTheListIsWritten() throws IOException {
    end("a", 3);
    end("b", 3);
    store.housekeeper().upkeep().archive(9, () -> true);
    Files.delete(file("a"));

    assertRefused("a");
    store.close();
    Files.deleteIfExists(Snapshot.path(log()));
    open();
    assertRefused("a");
    archiveAndForgetTheLog("c");
    reopen();
    assertRefused("a");
    assertThat(findings()).extracting(Finding::kind).containsExactly(Kind.MISSING);
  }

  @Test
  void isNamedByVerifyAndLeftByRepair() throws IOException {
    archiveAndForgetTheLog("a", "b");
    archiveAndForgetTheLog("c");
    store.close();
    Files.delete(file("a"));
    Files.delete(file("c"));

    assertThat(findings())
        .extracting(Finding::kind, Finding::file)
        .containsExactlyInAnyOrder(tuple(Kind.MISSING, file("a")), tuple(Kind.MISSING, file("c")));
    assertThat(findings()).anyMatch(finding -> finding.what().contains("run default/a"));
    Repair repair = files().repair();
    assertThat(repair.done()).isEmpty();
    assertThat(repair.left()).containsExactlyInAnyOrderElementsOf(findings());
  }

  @Test
  void isBegunAnewOnlyAfterSomebodyHadItForgotten() throws IOException {
    archiveAndForgetTheLog("a", "b");
    store.close();
    Files.delete(file("a"));

    assertThatThrownBy(() -> files().forget(run("b"), "anna says so", time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is there");
    assertThatThrownBy(() -> files().forget(run("x"), "anna says so", time))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> files().forget(run("a"), " ", time))
        .isInstanceOf(IllegalArgumentException.class);
    files().forget(run("a"), "anna says so", time);

    assertThat(findings()).isEmpty();
    assertThat(Files.readString(directory.resolve("audit.jsonl")))
        .contains("\"what\":\"run default/a\"", "\"why\":\"anna says so\"");
    for (int opening = 0; opening < 2; opening++) {
      open();
      assertThat(store.index(run("a"))).isEmpty();
      store.close();
      Files.deleteIfExists(Snapshot.path(log()));
    }
    open();
    assertThat(commit(store, commit(run("a"), 0, 1))).isEqualTo(new Committed(1));
  }

  @Test
  void isForgottenToWhenItsFileWasSetAside() throws IOException {
    archiveAndForgetTheLog("a", "b");
    store.close();
    Files.write(file("a"), Fixtures.flipped(Files.readAllBytes(file("a")), 100));
    assertThat(files().repair().done()).hasSize(1);
    open();
    assertRefused("a");
    store.close();

    files().forget(run("a"), "anna says so", time);

    open();
    assertThat(store.index(run("a"))).isEmpty();
    assertThat(directory.resolve("quarantine/runs/default/a.jsonl.forgotten")).exists();
  }

  @Test
  void leavesTheBlobsThatItMayName() throws IOException {
    BlobId blob = store.put(Fixtures.json("definition"));
    RunIndex ended = index(run("a"), "SUCCEEDED", NOW);
    commit(store, new Commit(run("a"), 0, 1, List.of(event(blob.hex())), ended, List.of()));
    store.housekeeper().tidy();
    reopen();
    Path aside = scratch.resolve("aside");
    Files.move(file("a"), aside);

    assertThat(store.maintain().deletedBlobs()).isZero();
    Files.move(aside, file("a"));
    assertThat(store.blob(blob)).isPresent();
  }

  @Test
  void isTakenOffTheListWhenItIsRemovedByARule() throws IOException {
    archiveAndForgetTheLog("a", "b");
    store.close();
    try (Store keeping = files().keeping(Retention.everything().atMostRuns(0)).open(time)) {
      assertThat(keeping.maintain().removedRuns()).isEqualTo(2);
    }

    assertThat(findings()).isEmpty();
    open();
    assertThat(store.index(run("a"))).isEmpty();
    assertThat(commit(store, commit(run("a"), 0, 1))).isEqualTo(new Committed(1));
  }

  @Test
  void isNoticedToWhenTheFileIsAnOlderOne() throws IOException {
    archiveAndForgetTheLog("a", "b");
    Path older = Files.copy(file("a"), scratch.resolve("older"));
    commit(store, new Commit(run("a"), 3, 7, List.of(event("late")), null, List.of()));
    store.housekeeper().tidy();
    assertThat(store.read(run("a"), 1)).hasSize(4);
    Files.copy(older, file("a"), StandardCopyOption.REPLACE_EXISTING);

    for (int opening = 0; opening < 2; opening++) {
      assertRefused("a");
      assertNothingElseIsHurt();
      reopen();
    }
    assertThat(findings())
        .extracting(Finding::kind, Finding::file)
        .containsExactly(tuple(Kind.RUN, file("a")));
  }

  /** Who only looks on, and has another file before its eyes than it knows of, has lost nothing. */
  @Test
  void isNoLossWhereAnotherProcessWentOn() throws IOException {
    archiveAndForgetTheLog("a", "b", "c");
    try (Store onlooker = FileStore.readOnly(directory).open(time)) {
      commit(store, new Commit(run("a"), 3, 7, List.of(event("late")), null, List.of()));
      store.housekeeper().tidy();
      Files.delete(file("c"));

      for (String name : List.of("a", "c")) {
        assertThatThrownBy(() -> onlooker.read(run(name), 1))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("open the store anew, for another process may have written");
      }
      assertThat(onlooker.read(run("b"), 1)).hasSize(3);
    }
    try (Store onlooker = FileStore.readOnly(directory).open(time)) {
      assertThat(onlooker.read(run("a"), 1)).hasSize(4);
    }
  }

  @Test
  void isNoticedToWhenTheFileIsOfAnotherRun() throws IOException {
    archiveAndForgetTheLog("a", "b");
    Files.copy(file("b"), file("a"), StandardCopyOption.REPLACE_EXISTING);

    assertRefused("a");
    assertNothingElseIsHurt();
    assertThat(findings()).extracting(Finding::file).containsExactly(file("a"));
  }

  @Test
  void isNoticedToWhenTheFileIsCutShort() throws IOException {
    archiveAndForgetTheLog("a", "b");
    byte[] bytes = Files.readAllBytes(file("a"));
    Files.write(file("a"), Arrays.copyOf(bytes, bytes.length - 120));

    assertThatThrownBy(() -> store.read(run("a"), 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file("a").toString());
  }

  @Test
  void isBuiltFromWhatIsThereWhereAnEarlierVersionKeptNoList() throws IOException {
    archiveAndForgetTheLog("a", "b");
    store.close();
    Files.delete(RunFileList.path(log()));
    Files.delete(Snapshot.path(log()));
    LogBase base = LogBase.read(log()).orElseThrow();
    new LogBase(base.segment(), base.batch(), base.token(), false).write(log());

    open();
    assertThat(store.openReport().isClean()).isTrue();
    Files.delete(file("a"));
    assertRefused("a");
    archiveAndForgetTheLog("c");
    reopen();
    assertRefused("a");
  }

  @Test
  void refusesUnknownNamesWhereTheListItselfIsLost() throws IOException {
    archiveAndForgetTheLog("a", "b");
    store.close();
    Files.delete(RunFileList.path(log()));
    open();
    assertThat(store.openReport().isClean()).isTrue();
    assertThat(findings()).extracting(Finding::kind).containsExactly(Kind.LOG);
    store.close();
    Files.delete(Snapshot.path(log()));
    Files.delete(file("a"));

    open();
    assertThat(store.openReport().damages())
        .extracting(Damage::file)
        .containsExactly(RunFileList.path(log()));
    assertThat(store.read(run("b"), 1)).hasSize(3);
    fill();
    assertThatThrownBy(() -> commit(store, commit(run("a"), 0, 1)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(RunFileList.path(log()).toString());
  }

  @Test
  void isNotMissedAtAnyPointOfACrash() throws IOException {
    store.close();
    CrashingFiles crashing = new CrashingFiles(directory, scratch.resolve("crashes"));
    store =
        (OpenFileStore)
            FileStore.at(directory)
                .withSegments(SEGMENT)
                .withPreallocation(256)
                .withoutUpkeep()
                .withFiles(crashing)
                .open(time);
    archiveAndForgetTheLog("a", "b");
    commit(store, new Commit(run("a"), 3, 7, List.of(event("late")), null, List.of()));
    archiveAndForgetTheLog("c");
    store.close();

    List<Path> copies = crashing.copies();
    assertThat(copies).hasSizeGreaterThan(8);
    for (int i = 0; i < copies.size(); i++) {
      directory = copies.get(i);
      assertLosesNoRun();
      if (i + 1 < copies.size()) {
        // what is done in between, in its order
        assertLosesNoRunWith("runs", copies.get(i + 1));
        assertLosesNoRunWith("log/archived", copies.get(i + 1));
        assertLosesNoRunWith("log/base", copies.get(i + 1));
      }
    }
    directory = scratch.resolve("store");
    open();
  }

  private void assertLosesNoRunWith(String part, Path later) throws IOException {
    if (Files.exists(later.resolve(part))) {
      CrashingFiles.copy(later.resolve(part), directory.resolve(part));
      assertLosesNoRun();
    }
  }

  /** Take each run's file away in turn: the run has to be in the log, or to be refused. */
  private void assertLosesNoRun() throws IOException {
    for (boolean withSnapshot : new boolean[] {true, false}) {
      if (!withSnapshot) {
        Files.deleteIfExists(Snapshot.path(log()));
      }
      for (String name : List.of("a", "b", "c")) {
        long before = length(name);
        if (before > 0 && Files.exists(file(name))) {
          Path aside = Files.move(file(name), scratch.resolve("aside"));
          assertThat(length(name)).isIn(-1L, before);
          Files.move(aside, file(name));
        }
        assertThat(length(name)).isEqualTo(before);
      }
    }
    assertThat(findings()).extracting(Finding::kind).isSubsetOf(Kind.TORN);
  }

  /** {@return how many events a run has, or -1 when it is refused} */
  private long length(String name) {
    try (Store open = FileStore.readOnly(directory).open(time)) {
      assertThat(open.openReport().damages()).isEmpty();
      return open.read(run(name), 1).size();
    } catch (StoreException e) {
      assertThat(e).hasMessageContaining("FileStore.forget");
      return -1;
    }
  }

  /**
   * Copies the store whenever its log is written or forced, as a crash at that moment leaves it.
   */
  private static final class CrashingFiles implements LogFile.Opener {

    private final Path store;
    private final Path copies;
    private int count;

    CrashingFiles(Path store, Path copies) {
      this.store = store;
      this.copies = copies;
    }

    @Override
    public LogFile open(Path path, boolean writable) throws IOException {
      LogFile file = ChannelFile.open(path, writable);
      return new LogFile() {
        @Override
        public int read(ByteBuffer buffer, long position) throws IOException {
          return file.read(buffer, position);
        }

        @Override
        public void write(ByteBuffer buffer, long position) throws IOException {
          file.write(buffer, position);
        }

        @Override
        public void force() throws IOException {
          copy();
          file.force();
        }

        @Override
        public long size() throws IOException {
          return file.size();
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    }

    private void copy() throws IOException {
      copy(store, copies.resolve(Integer.toString(1_000 + ++count)));
    }

    static void copy(Path from, Path to) throws IOException {
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : files.toList()) {
          Path target = to.resolve(from.relativize(file).toString());
          if (Files.isDirectory(file)) {
            Files.createDirectories(target);
          } else {
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }

    List<Path> copies() throws IOException {
      try (Stream<Path> all = Files.list(copies)) {
        return all.sorted().toList();
      }
    }
  }
}
