package dev.maestro.store;

import static dev.maestro.store.Fixtures.NOW;
import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.event;
import static dev.maestro.store.Fixtures.events;
import static dev.maestro.store.Fixtures.index;
import static dev.maestro.store.Fixtures.json;
import static dev.maestro.store.Fixtures.key;
import static dev.maestro.store.Fixtures.run;
import static dev.maestro.store.Fixtures.text;
import static dev.maestro.store.Fixtures.texts;
import static dev.maestro.store.Fixtures.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.store.CommitOutcome.Fenced;
import dev.maestro.store.CommitOutcome.RecordConflict;
import dev.maestro.store.CommitOutcome.SequenceConflict;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. */
abstract class StoreContract {

  private static final RunKey RUN = run("a");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  final SettableTime time = new SettableTime();
  private StoreSource source;
  private Store store;

  /** {@return a source of empty stores, which keep what is in them when they are closed} */
  abstract StoreSource newSource();

  @BeforeEach
  void openStore() {
    source = newSource();
    store = source.open(time);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void reopen() {
    store.close();
    store = source.open(time);
  }

  @Test
  void returnsNothingForAnUnknownRun() {
    assertThat(store.read(RUN, 1)).isEmpty();
    assertThat(store.index(RUN)).isEmpty();
    assertThat(store.find(RunQuery.allOpen())).isEmpty();
  }

  @Test
  void opensCleanly() {
    commit(store, commit(RUN, 0, 2));
    reopen();

    assertThat(store.openReport().isClean()).isTrue();
  }

  @Test
  void numbersEventsFromOneWithoutGaps() {
    assertThat(commit(store, commit(RUN, 0, 2))).isEqualTo(new Committed(2));
    assertThat(commit(store, commit(RUN, 2, 1))).isEqualTo(new Committed(3));
    reopen();

    assertThat(store.read(RUN, 1)).extracting(StoredEvent::sequence).containsExactly(1L, 2L, 3L);
  }

  @Test
  void keepsEveryPartOfAnEvent() {
    Envelope written = new Envelope("täsk.moved", 300, NOW.minusSeconds(9_999_999_999L), json("ü"));
    commit(store, new Commit(RUN, 0, 0, List.of(written), null, List.of()));
    reopen();

    Envelope read = store.read(RUN, 1).get(0).envelope();
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
  }

  @Test
  void readsFromASequenceNumberAndNoMoreThanAskedFor() {
    commit(store, commit(RUN, 0, 10));

    assertThat(store.read(RUN, 4, 2)).extracting(StoredEvent::sequence).containsExactly(4L, 5L);
    assertThat(store.read(RUN, 9)).extracting(StoredEvent::sequence).containsExactly(9L, 10L);
    assertThat(store.read(RUN, -5, 1)).extracting(StoredEvent::sequence).containsExactly(1L);
    assertThat(store.read(RUN, 11)).isEmpty();
    assertThat(store.read(RUN, 1, 0)).isEmpty();
  }

  @Test
  void readsBackALargeEventBetweenSmallOnes() {
    List<Envelope> events = List.of(event("x"), event("y".repeat(300_000)), event("z"));
    commit(store, new Commit(RUN, 0, 0, events, null, List.of()));

    assertThat(texts(store, RUN))
        .isEqualTo(events.stream().map(event -> text(event.json())).toList());
  }

  @Test
  void refusesACommitThatExpectsAnotherSequence() {
    commit(store, commit(RUN, 0, 2));

    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new SequenceConflict(2));
    assertThat(commit(store, commit(RUN, 3, 1))).isEqualTo(new SequenceConflict(2));
    assertThat(store.read(RUN, 1)).hasSize(2);
  }

  @Test
  void refusesAWriterWithALowerToken() {
    commit(store, new Commit(RUN, 0, 7, List.of(event("new owner")), null, List.of()));
    reopen();

    assertThat(commit(store, new Commit(RUN, 1, 6, List.of(event("old")), null, List.of())))
        .isEqualTo(new Fenced(7));
    assertThat(commit(store, new Commit(RUN, 1, 7, List.of(event("same")), null, List.of())))
        .isEqualTo(new Committed(2));
  }

  @Test
  void fencesOffWithACommitThatHoldsNothingElse() {
    commit(store, new Commit(RUN, 0, 9, List.of(), null, List.of()));
    reopen();

    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new Fenced(9));
  }

  @Test
  void writesEverythingOfACommitOrNothing() {
    commit(store, write("spent", 0, "1"));
    Commit conflicting =
        new Commit(
            RUN,
            0,
            1,
            events(0, 1),
            index(RUN, "RUNNING", NOW),
            List.of(
                new RecordWrite(key("other"), 0, json("x")),
                new RecordWrite(key("spent"), 0, json("2"))));

    assertThat(commit(store, conflicting)).isEqualTo(new RecordConflict(key("spent"), 1));

    assertThat(store.read(RUN, 1)).isEmpty();
    assertThat(store.index(RUN)).isEmpty();
    assertThat(store.record(key("other"))).isEmpty();
  }

  @Test
  void letsALaterCommitOfTheSameCallSeeAnEarlierOne() {
    List<CommitOutcome> outcomes =
        store.commit(
            List.of(
                commit(RUN, 0, 1), commit(RUN, 0, 1), commit(RUN, 1, 2), commit(run("b"), 0, 1)));

    assertThat(outcomes)
        .containsExactly(
            new Committed(1), new SequenceConflict(1), new Committed(3), new Committed(1));
    assertThat(texts(store, RUN)).hasSize(3);
  }

  @Test
  void doesNothingForNoCommits() {
    assertThat(store.commit(List.of())).isEmpty();
  }

  @Test
  void keepsTheLatestIndexEntry() {
    commit(store, new Commit(RUN, 0, 0, events(0, 1), index(RUN, "RUNNING", NOW), List.of()));
    commit(store, new Commit(RUN, 1, 0, List.of(), index(RUN, "WAITING", NOW), List.of()));
    commit(store, commit(RUN, 1, 1));
    reopen();

    assertThat(store.index(RUN)).contains(index(RUN, "WAITING", NOW));
  }

  @Test
  void findsRunsByWhatStandsInTheirIndexEntriesOrderedByTheirStart() {
    RunIndex late = index(run("a"), "RUNNING", NOW.plusSeconds(2));
    RunIndex early = index(run("c"), "SUCCEEDED", NOW);
    RunIndex alsoLate = index(run("b"), "RUNNING", NOW.plusSeconds(2));
    for (RunIndex index : List.of(late, early, alsoLate)) {
      commit(store, new Commit(index.run(), 0, 0, List.of(), index, List.of()));
    }
    reopen();

    assertThat(store.find(RunQuery.of(Tenant.DEFAULT))).containsExactly(early, late, alsoLate);
    assertThat(store.find(RunQuery.allOpen())).containsExactly(late, alsoLate);
    assertThat(
            store.find(
                RunQuery.all()
                    .pipeline("tdd")
                    .startedFrom(NOW)
                    .startedBefore(NOW.plusSeconds(1))
                    .label("team", "blue")))
        .containsExactly(early);
    assertThat(store.find(RunQuery.of(Tenant.of("other")))).isEmpty();
  }

  @Test
  void countsTheVersionsOfARecordOverItsDeletion() {
    commit(store, write("spent", 0, "1"));
    commit(store, write("spent", 1, "2"));
    commit(store, write("spent", 2, null));
    reopen();
    assertThat(store.record(key("spent"))).isEmpty();

    assertThat(commit(store, write("spent", 3, "4")))
        .isEqualTo(new RecordConflict(key("spent"), 0));
    assertThat(commit(store, write("spent", 0, "4"))).isEqualTo(new Committed(0));
    reopen();
    VersionedRecord record = store.record(key("spent")).orElseThrow();
    assertThat(record.version()).isEqualTo(4);
    assertThat(record.json()).isEqualTo(json("4"));
  }

  @Test
  void listsTheRecordsOfANamespaceByKey() {
    for (String key : List.of("b", "a\tb", "c", "a", "ä")) {
      commit(store, write(key, 0, key));
    }
    commit(store, write("c", 1, null));
    RecordKey elsewhere = new RecordKey(Tenant.DEFAULT, "budgets", "a");
    commit(store, Commit.ofRecords(List.of(new RecordWrite(elsewhere, 0, json("x")))));
    reopen();

    assertThat(store.records(Tenant.DEFAULT, "budget"))
        .extracting(record -> record.key().key())
        .containsExactly("a", "a\tb", "b", "ä");
  }

  @Test
  void separatesTenants() {
    Tenant other = Tenant.of("other");
    RunKey same = new RunKey(other, RunId.of("a"));
    commit(store, commit(RUN, 0, 2));
    commit(store, write("spent", 0, "mine"));

    assertThat(commit(store, commit(same, 0, 1))).isEqualTo(new Committed(1));
    assertThat(store.read(same, 1)).hasSize(1);
    assertThat(store.record(new RecordKey(other, "budget", "spent"))).isEmpty();
    assertThat(store.records(other, "budget")).isEmpty();
  }

  @Test
  void keepsBlobsUnderTheirHash() {
    byte[] bytes = json("definition");
    BlobId id = store.put(bytes);
    assertThat(store.put(bytes.clone())).isEqualTo(id);
    reopen();

    assertThat(id).isEqualTo(BlobId.of(bytes));
    assertThat(store.blob(id)).hasValueSatisfying(read -> assertThat(read).isEqualTo(bytes));
    assertThat(store.blob(BlobId.of(json("unknown")))).isEmpty();
    assertThat(store.blob(store.put(new byte[0]))).hasValue(new byte[0]);
  }

  @Test
  void givesALeaseToOneOwnerAtATime() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();

    assertThat(first.until()).isEqualTo(NOW.plus(MINUTE));
    assertThat(store.acquire("run/a", "two", MINUTE)).isEmpty();
    assertThat(store.acquire("run/b", "two", MINUTE)).isPresent();
  }

  @Test
  void renewsALeaseWithTheSameToken() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();
    time.move(Duration.ofSeconds(40));
    Lease renewed = store.acquire("run/a", "one", MINUTE).orElseThrow();
    time.move(Duration.ofSeconds(40));

    assertThat(renewed.token()).isEqualTo(first.token());
    assertThat(store.acquire("run/a", "two", MINUTE)).isEmpty();
  }

  @Test
  void givesAnExpiredLeaseToTheNextOwnerWithAHigherToken() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();
    time.move(MINUTE);
    reopen();
    Lease second = store.acquire("run/a", "two", MINUTE).orElseThrow();

    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(store.acquire("run/a", "one", MINUTE)).isEmpty();
  }

  @Test
  void givesAReleasedLeaseToTheNextOwnerWithAHigherToken() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();
    store.release(first);
    reopen();
    Lease second = store.acquire("run/a", "two", MINUTE).orElseThrow();
    store.release(first);

    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(store.acquire("run/a", "three", MINUTE)).isEmpty();
  }

  @Test
  void refusesALeaseThatLastsNoTime() {
    assertThatThrownBy(() -> store.acquire("run/a", "one", Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new Committed(1));
  }

  @Test
  void letsOnlyOneOfManyWritersAppendAtASequence() throws Exception {
    List<CommitOutcome> outcomes =
        inParallel(8, IntStream.range(0, 64).mapToObj(i -> attempt(commit(RUN, 0, 1))).toList());

    assertThat(outcomes).filteredOn(Committed.class::isInstance).hasSize(1);
    assertThat(outcomes).filteredOn(new SequenceConflict(1)::equals).hasSize(63);
    assertThat(store.read(RUN, 1)).hasSize(1);
  }

  @Test
  void keepsWhatManyThreadsCommitToManyRunsAtOnce() throws Exception {
    int runs = 32;
    int commits = 40;
    List<Callable<Integer>> writers = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      RunKey run = run("r" + i);
      writers.add(() -> writeInSequence(run, commits));
    }

    assertThat(inParallel(runs, writers)).containsOnly(2 * commits);

    reopen();
    for (int i = 0; i < runs; i++) {
      assertThat(texts(store, run("r" + i)))
          .isEqualTo(events(0, 2 * commits).stream().map(e -> text(e.json())).toList());
    }
  }

  /** Commit, and see at once what was committed; {@return how many events there are} */
  private int writeInSequence(RunKey run, int commits) {
    for (int i = 0; i < commits; i++) {
      assertThat(commit(store, commit(run, 2L * i, 2))).isEqualTo(new Committed(2L * i + 2));
      assertThat(store.read(run, 2L * i + 1)).hasSize(2);
    }
    return store.read(run, 1).size();
  }

  @Test
  void showsACommitWholeOrNotAtAll() throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    work.add(
        () -> {
          for (int i = 0; i < 200; i++) {
            List<RecordWrite> both =
                List.of(
                    new RecordWrite(key("left"), i, json("" + i)),
                    new RecordWrite(key("right"), i, json("" + i)));
            assertThat(commit(store, Commit.ofRecords(both))).isInstanceOf(Committed.class);
          }
          return 0;
        });
    for (int reader = 0; reader < 3; reader++) {
      work.add(
          () -> {
            for (int i = 0; i < 2_000; i++) {
              List<VersionedRecord> both = store.records(Tenant.DEFAULT, "budget");
              assertThat(both.stream().map(VersionedRecord::version).distinct().count())
                  .isLessThanOrEqualTo(1);
            }
            return 0;
          });
    }

    assertThat(inParallel(4, work)).hasSize(4);
  }

  @Test
  void refusesAnythingAfterItWasClosed() {
    store.close();
    store.close();

    assertThatThrownBy(() -> commit(store, commit(RUN, 0, 1))).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.read(RUN, 1)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.find(RunQuery.allOpen())).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.put(json("x"))).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> store.acquire("a", "b", MINUTE)).isInstanceOf(StoreException.class);
  }

  private Callable<CommitOutcome> attempt(Commit commit) {
    return () -> commit(store, commit);
  }

  private static <T> List<T> inParallel(int threads, List<Callable<T>> work) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> future : executor.invokeAll(work)) {
        results.add(future.get());
      }
      return results;
    } finally {
      executor.shutdownNow();
    }
  }
}
