package dev.maestro.store;

import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.CommitOutcome.Committed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store does when its disk fails. */
final class FileStoreFailureTest {

  @TempDir private Path directory;
  private final SettableTime time = new SettableTime();
  private final FaultyFiles files = new FaultyFiles();
  private final List<Thread> threads = new ArrayList<>();
  private Store store;

  @BeforeEach
  void open() {
    store = FileStore.at(directory).withFiles(files).open(time);
    commit(store, commit(run("a"), 0, 1));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopenOnGoodDisk() {
    store.close();
    store = FileStore.at(directory).open(time);
  }

  @Test
  void isPoisonedByAFailedForceUntilItIsOpenedAgain() {
    files.failForces();

    assertThatThrownBy(() -> commit(store, commit(run("a"), 1, 1)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Input/output error")
        .hasRootCauseMessage("Input/output error");
    assertPoisoned();
    assertThat(store.read(run("a"), 1)).hasSize(1);

    reopenOnGoodDisk();
    int found = store.read(run("a"), 1).size();
    assertThat(found).isBetween(1, 2);
    assertThat(commit(store, commit(run("a"), found, 1))).isEqualTo(new Committed(found + 1));
  }

  @Test
  void isPoisonedByAFullDiskAndLosesNothingThatWasAcknowledged() {
    files.fillDisk();

    assertThatThrownBy(() -> commit(store, commit(run("a"), 1, 1)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("No space left on device");
    assertPoisoned();

    reopenOnGoodDisk();
    assertThat(store.openReport().tornBytes()).isPositive();
    assertThat(store.read(run("a"), 1)).hasSize(1);
    assertThat(commit(store, commit(run("a"), 1, 1))).isEqualTo(new Committed(2));
  }

  @Test
  void showsTheLastBatchOfAKilledProcessOnlyWhenItIsForced() {
    store.close();
    int before = files.forces.get();
    store = FileStore.at(directory).withFiles(files).open(time);

    assertThat(files.forces).hasValue(before + 1);
    assertThat(store.read(run("a"), 1)).hasSize(1);
  }

  @Test
  void cannotBeOpenedOnADiskThatFailsButLater() {
    store.close();
    files.failForces();

    assertThatThrownBy(() -> FileStore.at(directory).withFiles(files).open(time))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be opened")
        .hasMessageContaining("Input/output error");

    reopenOnGoodDisk();
    assertThat(store.read(run("a"), 1)).hasSize(1);
  }

  private void assertPoisoned() {
    for (Runnable write :
        List.<Runnable>of(
            () -> commit(store, commit(run("b"), 0, 1)),
            () -> commit(store, write("spent", 0, "1")),
            () -> store.put(json("x")),
            () -> store.acquire("run/a", "one", Duration.ofMinutes(1)))) {
      assertThatThrownBy(write::run)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("until the store is opened again");
    }
    assertThat(store.record(key("spent"))).isEmpty();
    assertThat(store.read(run("b"), 1)).isEmpty();
  }

  @Test
  void showsNothingThatIsNotDurableYet() {
    files.holdForces();
    CompletableFuture<CommitOutcome> pending = later(() -> commit(store, commit(run("a"), 1, 1)));
    awaitForces(2);

    assertThat(store.read(run("a"), 1)).hasSize(1);

    files.resumeForces();
    assertThat(pending.join()).isEqualTo(new Committed(2));
    assertThat(store.read(run("a"), 1)).hasSize(2);
  }

  @Test
  void forcesOnceForAllWhoWait() {
    files.holdForces();
    List<CompletableFuture<CommitOutcome>> pending = new ArrayList<>();
    pending.add(later(() -> commit(store, commit(run("a"), 1, 1))));
    awaitForces(2);
    for (int i = 0; i < 20; i++) {
      RunDraft draft = new RunDraft("r" + i);
      pending.add(later(() -> commit(store, draft.commit())));
    }
    awaitWaiting(20);
    files.resumeForces();

    assertThat(pending).allSatisfy(p -> assertThat(p.join()).isInstanceOf(Committed.class));
    assertThat(files.forces).hasValue(3);
  }

  @Test
  void tellsAllWhoWaitWhenAForceFails() {
    files.holdForces();
    List<CompletableFuture<CommitOutcome>> pending = new ArrayList<>();
    pending.add(later(() -> commit(store, commit(run("a"), 1, 1))));
    awaitForces(2);
    for (int i = 0; i < 20; i++) {
      RunDraft draft = new RunDraft("r" + i);
      pending.add(later(() -> commit(store, draft.commit())));
    }
    awaitWaiting(20);
    files.failForces();
    files.resumeForces();

    assertThat(pending)
        .allSatisfy(
            p ->
                assertThatThrownBy(p::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(StoreException.class));
    assertThat(files.forces).hasValue(2);
    assertThat(store.read(run("r1"), 1)).isEmpty();
  }

  @Test
  void refusesOnTheGroundOfACommitOnlyWhenThatIsDurable() {
    files.holdForces();
    CompletableFuture<CommitOutcome> first = later(() -> commit(store, commit(run("a"), 1, 1)));
    awaitForces(2);
    CompletableFuture<CommitOutcome> second = later(() -> commit(store, commit(run("a"), 1, 1)));
    awaitWaiting(1);
    assertThat(second).isNotDone();
    files.resumeForces();

    assertThat(first.join()).isEqualTo(new Committed(2));
    assertThat(second.join()).isEqualTo(new CommitOutcome.SequenceConflict(2));
  }

  @Test
  void finishesWhatIsUnderWayBeforeItCloses() {
    files.holdForces();
    CompletableFuture<CommitOutcome> pending = later(() -> commit(store, commit(run("a"), 1, 1)));
    awaitForces(2);
    CompletableFuture<Void> closing =
        later(
            () -> {
              store.close();
              return null;
            });
    awaitWaiting(1);
    files.resumeForces();
    closing.join();

    assertThat(pending.join()).isEqualTo(new Committed(2));
    reopenOnGoodDisk();
    assertThat(store.openReport().isClean()).isTrue();
    assertThat(store.read(run("a"), 1)).hasSize(2);
  }

  private <T> CompletableFuture<T> later(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(work.get());
              } catch (RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    threads.add(thread);
    thread.start();
    return result;
  }

  private void awaitForces(int count) {
    while (files.forces.get() < count) {
      Thread.onSpinWait();
    }
  }

  /** Wait until so many of the threads that came after the first wait for the disk. */
  private void awaitWaiting(int count) {
    while (threads.stream().skip(1).filter(FileStoreFailureTest::waitsForTheDisk).count() < count) {
      Thread.onSpinWait();
    }
  }

  /** {@return whether it has queued what it has; one that waits for the lock has not yet} */
  private static boolean waitsForTheDisk(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
            .map(StackTraceElement::getMethodName)
            .anyMatch(Set.of("awaitDoneOrLead", "awaitUninterruptibly")::contains)
        && thread.getState() == Thread.State.WAITING;
  }

  private record RunDraft(String name) {
    Commit commit() {
      return Fixtures.commit(run(name), 0, 1);
    }
  }
}
