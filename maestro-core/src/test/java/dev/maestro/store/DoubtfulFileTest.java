package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.boundaries;
import static dev.maestro.store.Fixtures.bytes;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.flip;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.log;
import static dev.maestro.store.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log is damaged where a run that lies in a file may have been written to. */
final class DoubtfulFileTest {

  /** So many that a trail is seldom written. */
  private static final int MANY = 3_000;

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private OpenFileStore store;

  private FileStore files() {
    return FileStore.at(directory).withoutUpkeep();
  }

  private void open() {
    store = (OpenFileStore) files().open(time);
  }

  private int batches() {
    return boundaries(bytes(log(directory))).length - 1;
  }

  private void end(String... names) throws IOException {
    for (String name : names) {
      RunIndex ended = index(run(name), "SUCCEEDED", NOW);
      commit(store, new Commit(run(name), 0, 1, Fixtures.events(0, 3), ended, List.of()));
    }
  }

  private void archive() throws IOException {
    store.housekeeper().upkeep().archive(9, () -> true);
  }

  private void writeTo(String name, String state) {
    RunIndex index = index(run(name), state, NOW);
    Commit late = new Commit(run(name), 3, 1, Fixtures.events(3, 1), index, List.of());
    assertThat(commit(store, late)).isEqualTo(new Committed(4));
  }

  private Path file(String name) {
    return directory.resolve("runs/default/" + name + ".jsonl");
  }

  /** Close the store, but leave its log as a crash would, with some of its batches damaged. */
  private void crashWithDamage(int first, int last) throws IOException {
    byte[] log = bytes(log(directory));
    store.close();
    int[] starts = boundaries(log);
    for (int batch = first; batch <= last; batch++) {
      flip(log, starts[batch] + 50);
    }
    Files.write(log(directory), log);
  }

  private void damageWhereARunMayHaveComeBack() throws IOException {
    open();
    List<Commit> many = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      many.add(commit(run("r" + i), 0, 1));
    }
    store.commit(many);
    end("a", "b");
    archive();
    int before = batches();
    writeTo("a", "RUNNING");
    // longer than what every batch tells of
    for (int i = 1; i <= 8; i++) {
      commit(store, commit(run("r2"), i, 1));
    }
    int after = batches();
    commit(store, commit(run("r1"), 1, 1));
    end("c");
    archive();
    commit(store, commit(run("r1"), 2, 1));
    crashWithDamage(before, after - 1);
  }

  @Test
  void isRefusedUnlessItsFileWasWrittenBehindTheDamage() throws IOException {
    damageWhereARunMayHaveComeBack();

    for (int opening = 0; opening < 2; opening++) {
      open();
      assertThat(store.openReport().newNamesRefused()).isTrue();
      assertThat(store.openReport().refusedRuns())
          .contains(run("a"), run("b"))
          .doesNotContain(run("c"));
      for (String name : List.of("a", "b")) {
        assertRefused(run(name));
      }
      assertThat(store.read(run("c"), 1)).hasSize(3);
      assertThat(store.find(RunQuery.of(Tenant.DEFAULT)))
          .extracting(RunIndex::run)
          .containsExactly(run("c"));
      store.close();
    }
  }

  private void assertRefused(RunKey run) {
    assertThatThrownBy(() -> store.read(run, 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(run + " cannot be used")
        .hasMessageContaining("may be older than what was written last")
        .hasMessageContaining("000001.log")
        .hasMessageContaining("FileStore.vouch");
    assertThatThrownBy(() -> store.index(run)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> commit(store, commit(run, 3, 1))).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> commit(store, commit(run, 0, 1))).isInstanceOf(StoreException.class);
  }

  @Test
  void isNamedByVerifyAndLeftAloneByRepair() throws IOException {
    damageWhereARunMayHaveComeBack();

    assertThat(files().verify().findings())
        .filteredOn(finding -> finding.kind() != Kind.LOG)
        .extracting(Finding::kind, Finding::file)
        .containsExactly(tuple(Kind.UNPROVED, file("a")), tuple(Kind.UNPROVED, file("b")));
    Repair repair = files().repair();
    assertThat(repair.done()).isEmpty();
    assertThat(file("a")).exists();
  }

  @Test
  void isUsedAgainOnceSomebodyVouchesForIt() throws IOException {
    damageWhereARunMayHaveComeBack();

    files().vouch(run("b"), "anna has seen its pull request", time);

    assertThat(Files.readString(directory.resolve("audit.jsonl")))
        .contains("run default/b vouched for", "anna has seen");
    for (int opening = 0; opening < 2; opening++) {
      open();
      assertThat(store.read(run("b"), 1)).hasSize(3);
      assertRefused(run("a"));
      store.close();
    }
    open();
    writeTo("b", "SUCCEEDED");
    store.close();
    open();
    assertThat(store.read(run("b"), 1)).hasSize(4);
    assertThat(store.openReport().refusedRuns()).doesNotContain(run("b"));
    store.close();
    assertThat(files().verify().findings())
        .extracting(Finding::kind)
        .containsOnlyOnce(Kind.UNPROVED);
  }

  @Test
  void isNotVouchedForWhereThereIsNoDoubtOrNoWholeFile() throws IOException {
    damageWhereARunMayHaveComeBack();
    Files.write(file("a"), Fixtures.flipped(Files.readAllBytes(file("a")), 400));

    for (String name : List.of("a", "c", "r1", "unknown")) {
      assertThatThrownBy(() -> files().vouch(run(name), "because", time))
          .as(name)
          .isInstanceOf(StoreException.class);
    }
    assertThatThrownBy(() -> files().vouch(run("b"), " ", time))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(directory.resolve("audit.jsonl")).doesNotExist();
  }

  @Test
  void isTakenFromTheLatestFileWhereTheLogHasLostThatThereWasALaterOne() throws IOException {
    open();
    end("a");
    archive();
    int before = batches();
    writeTo("a", "SUCCEEDED");
    archive();
    int after = batches();
    commit(store, commit(run("r"), 0, 1));
    crashWithDamage(before, after - 1);

    open();
    assertThat(store.openReport().damages()).hasSize(1);
    assertThat(store.read(run("a"), 1)).hasSize(4);
    assertThat(store.openReport().lostNames()).isZero();
    assertThat(store.openReport().refusedRuns()).isEmpty();
    store.close();
  }

  @Test
  void isNotFoundByAQueryWhereTheLogKnowsTheRunButLostWhatWasWrittenToItSince() throws IOException {
    open();
    end("a", "b");
    archive();
    int moved = batches();
    writeTo("a", "RUNNING");
    assertThat(batches()).isEqualTo(moved + 2);
    commit(store, commit(run("r"), 0, 1));
    crashWithDamage(moved + 1, moved + 1);

    open();
    assertThat(store.openReport().refusedRuns()).containsExactly(run("a"));
    assertThat(file("a")).exists();
    assertThat(store.find(RunQuery.of(Tenant.DEFAULT)))
        .extracting(RunIndex::run)
        .containsExactly(run("b"));
    store.close();
  }

  @Test
  void doesNotHideThatARunOfTheSameNameWhichWasBegunLaterIsLost() throws IOException {
    open();
    end("a");
    archive();
    store.close();
    store = (OpenFileStore) files().keeping(Retention.everything().atMostRuns(0)).open(time);
    assertThat(store.maintain().removedRuns()).isEqualTo(1);
    int before = batches();
    commit(store, commit(run("a"), 0, 1));
    commit(store, commit(run("r"), 0, 1));
    crashWithDamage(before, before);
    Files.delete(Snapshot.path(directory.resolve("log")));

    open();
    assertThat(store.openReport().lostNames()).isEqualTo(1);
    assertThatThrownBy(() -> store.read(run("a"), 1)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> commit(store, commit(run("a"), 0, 1)))
        .isInstanceOf(StoreException.class);
    assertThat(store.read(run("r"), 1)).hasSize(1);
    store.close();
  }

  @Test
  void leavesTheNameOfARemovedRunFreeWhereSomethingElseIsLost() throws IOException {
    store = (OpenFileStore) files().keeping(Retention.everything().atMostRuns(0)).open(time);
    end("a");
    assertThat(store.maintain().removedRuns()).isEqualTo(1);
    int before = batches();
    commit(store, commit(run("q"), 0, 1));
    commit(store, commit(run("r"), 0, 1));
    crashWithDamage(before, before);
    Files.delete(Snapshot.path(directory.resolve("log")));

    open();
    assertThat(store.openReport().lostNames()).isEqualTo(1);
    assertThat(store.read(run("a"), 1)).isEmpty();
    assertThat(commit(store, commit(run("a"), 0, 1))).isEqualTo(new Committed(1));
    assertThatThrownBy(() -> store.read(run("q"), 1)).isInstanceOf(StoreException.class);
    store.close();
  }

  /** A crash, or somebody who writes, came between the file and the line of the log about it. */
  @Test
  void isNotTakenFromAFileThatTheLogNeverSpokeOf() throws IOException {
    open();
    end("a");
    archive();
    Path placed = Files.copy(file("a"), directory.resolve("placed"));
    store.close();
    directory = Files.createDirectory(directory.resolve("other"));
    open();
    int before = batches();
    end("a");
    writeTo("a", "RUNNING");
    int after = batches();
    commit(store, commit(run("r"), 0, 1));
    crashWithDamage(before, after - 1);
    Files.createDirectories(file("a").resolveSibling(""));
    Files.copy(placed, file("a"));

    open();
    assertThat(store.openReport().refusedRuns()).containsExactly(run("a"));
    assertThatThrownBy(() -> store.read(run("a"), 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("a.jsonl is older than what was written last");
    assertThat(store.find(RunQuery.of(Tenant.DEFAULT))).isEmpty();
    store.close();
  }

  /**
   * It came back into the log as it stood in its file, and a crash came before more was written.
   */
  @Test
  void isTakenFromItsFileWhereTheLogHasLostThatItCameBackAsItWas() throws IOException {
    open();
    end("a");
    int before = batches();
    archive();
    store.housekeeper().upkeep().revive(run("a"));
    int after = batches();
    commit(store, commit(run("r"), 0, 1));
    assertThat(after - before).isEqualTo(2);
    crashWithDamage(before - 1, after - 1);

    open();
    assertThat(store.read(run("a"), 1)).hasSize(3);
    assertThat(store.openReport().refusedRuns()).isEmpty();
    store.close();
  }

  @Test
  void isCountedOnceAmongWhatIsRefused() throws IOException {
    open();
    end("a");
    archive();
    int before = batches();
    writeTo("a", "RUNNING");
    commit(store, commit(run("nameless"), 0, 1));
    int after = batches();
    commit(store, commit(run("r"), 0, 1));
    crashWithDamage(before, after - 1);

    open();
    assertThat(store.openReport().refusedRuns()).containsExactly(run("a"));
    assertThat(store.openReport().lostNames()).isEqualTo(1);
    store.close();
  }
}
