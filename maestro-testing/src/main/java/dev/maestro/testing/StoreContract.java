package dev.maestro.testing;

import static dev.maestro.testing.StoreSamples.NOW;
import static dev.maestro.testing.StoreSamples.commit;
import static dev.maestro.testing.StoreSamples.event;
import static dev.maestro.testing.StoreSamples.events;
import static dev.maestro.testing.StoreSamples.index;
import static dev.maestro.testing.StoreSamples.json;
import static dev.maestro.testing.StoreSamples.key;
import static dev.maestro.testing.StoreSamples.run;
import static dev.maestro.testing.StoreSamples.texts;
import static dev.maestro.testing.StoreSamples.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.BlobId;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.CommitOutcome.Committed;
import dev.maestro.store.CommitOutcome.Fenced;
import dev.maestro.store.CommitOutcome.RecordConflict;
import dev.maestro.store.CommitOutcome.SequenceConflict;
import dev.maestro.store.Envelope;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Lease;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.store.StoreTransfer;
import dev.maestro.store.StoredEvent;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Priority;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every store does, as tests; extend it for a store of your own.
 *
 * <pre>{@code
 * class MyStoreTest extends StoreContract {
 *   protected Set<Feature> features() {
 *     return Set.of(Feature.REOPENS);
 *   }
 *
 *   protected StoreSource sourceIn(Path directory) {
 *     return MyStore.in(directory);
 *   }
 * }
 * }</pre>
 *
 * <p>What not every store can do is declared; a test of a feature that is not declared is skipped,
 * and says so. The subclass needs a constructor without parameters, and JUnit Jupiter and AssertJ
 * on the class path.
 */
@Timeout(300)
@SuppressWarnings("exports") // of JUnit, which is only there for those who extend this
public abstract class StoreContract {

  private static final RunKey RUN = run("a");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final VirtualTime time = VirtualTime.startingAt(NOW);
  private Path directory;
  private StoreSource source;
  private Store store;

  /** What a store may or may not do. */
  public enum Feature {
    /** What is in it is still there when it was closed and is opened again. */
    REOPENS,
    /** What it reported as done is there after {@code kill -9}; another JVM can open it. */
    SURVIVES_KILL,
    /** Several may have it open at once, and the checks of a commit hold between them. */
    SHARED,
    /** It refuses a second who opens it with a {@link StoreException}. */
    EXCLUSIVE,
    /** It notices bytes that changed where they lie; needs {@link StoreContract#damage}. */
    DETECTS_DAMAGE,
    /** It lists the records of all tenants at once, without which a store cannot be copied. */
    LISTS_RECORDS
  }

  /** Hold a store to what every store does. */
  protected StoreContract() {}

  /** {@return what this store does beyond what each has to} */
  protected abstract Set<Feature> features();

  /**
   * {@return a source of the store in this directory, empty when the directory is} A store that is
   * elsewhere takes the directory as its name. One that only lives as long as its source may be
   * another at every call; no test asks twice in one JVM.
   */
  protected abstract StoreSource sourceIn(Path directory);

  /**
   * Change bytes of this blob where they lie, while the store is closed.
   *
   * <p>Called only where {@link Feature#DETECTS_DAMAGE} is declared.
   */
  protected void damage(Path directory, BlobId blob) throws IOException {
    throw new UnsupportedOperationException("a store that detects damage overrides this");
  }

  @BeforeEach
  final void openStore(@TempDir Path directory) {
    this.directory = directory;
    source = sourceIn(directory);
    store = source.open(time);
  }

  @AfterEach
  final void closeStore() {
    store.close();
    time.close();
  }

  private void require(Feature feature) {
    Assumptions.assumeTrue(
        features().contains(feature), () -> "the store does not declare " + feature);
  }

  /** Close and open, where the store outlives that; what follows holds for any other store too. */
  private void reopen() {
    if (features().contains(Feature.REOPENS)) {
      store.close();
      store = source.open(time);
    }
  }

  @Test
  final void keepsEverythingOverItsClosing() {
    require(Feature.REOPENS);
    commit(store, new Commit(RUN, 0, 1, events(0, 3), index(RUN, "RUNNING", NOW), List.of()));
    commit(store, write("spent", 0, "1"));
    BlobId blob = store.put(json("definition"));

    reopen();

    assertThat(texts(store, RUN)).isEqualTo(texts(events(0, 3)));
    assertThat(store.index(RUN)).contains(index(RUN, "RUNNING", NOW));
    assertThat(store.record(key("spent"))).isPresent();
    assertThat(store.blob(blob)).hasValue(json("definition"));
  }

  @Test
  final void keepsWhatAKilledProcessWasToldIsDone() throws Exception {
    require(Feature.SURVIVES_KILL);
    store.close();
    Process child = startCommitting();
    long acknowledged = 0;
    try {
      BufferedReader lines = child.inputReader(StandardCharsets.UTF_8);
      for (int i = 0; i < 200; i++) {
        String line = lines.readLine();
        assertThat(line).as("the process commits until it is killed").isNotNull();
        acknowledged = Long.parseLong(line);
      }
    } finally {
      child.destroyForcibly().waitFor();
    }

    store = source.open(time);
    List<String> found = texts(store, run("killed"));
    assertThat(store.openReport().damages()).isEmpty();
    assertThat((long) found.size()).isGreaterThanOrEqualTo(acknowledged);
    assertThat(found).isEqualTo(texts(events(0, found.size())));
    assertThat(found.size() % StoreContractMain.EVENTS).as("each commit is whole").isZero();
  }

  private Process startCommitting() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            StoreContractMain.class.getName(),
            getClass().getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  final void checksEachCommitAgainstWhatOthersWrote() {
    require(Feature.SHARED);
    try (Store other = source.open(time)) {
      commit(store, new Commit(RUN, 0, 2, events(0, 1), null, List.of()));
      commit(store, write("spent", 0, "1"));

      assertThat(other.read(RUN, 1)).hasSize(1);
      assertThat(commit(other, new Commit(RUN, 0, 2, events(0, 1), null, List.of())))
          .isEqualTo(new SequenceConflict(1));
      assertThat(commit(other, commit(RUN, 1, 1))).isEqualTo(new Fenced(2));
      assertThat(commit(other, write("spent", 0, "2")))
          .isEqualTo(new RecordConflict(key("spent"), 1));
    }
  }

  @Test
  final void givesALeaseToOneOfAllWhoHaveItOpen() {
    require(Feature.SHARED);
    try (Store other = source.open(time)) {
      Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();

      assertThat(other.acquire("run/a", "two", MINUTE)).isEmpty();
      time.advance(MINUTE);
      assertThat(other.acquire("run/a", "two", MINUTE))
          .hasValueSatisfying(second -> assertThat(second.token()).isGreaterThan(first.token()));
    }
  }

  @Test
  final void refusesASecondWhoOpensItAndGoesOn() {
    require(Feature.EXCLUSIVE);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> sourceIn(directory).open(time)).isInstanceOf(StoreException.class);
    }

    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new Committed(1));
    store.close();
    store = source.open(time);
    assertThat(store.read(RUN, 1)).hasSize(1);
  }

  @Test
  final void handsOutNoBlobThatHasChanged() throws IOException {
    require(Feature.DETECTS_DAMAGE);
    BlobId damaged = store.put(json("definition"));
    BlobId sound = store.put(json("another"));
    store.close();

    damage(directory, damaged);

    store = source.open(time);
    assertThatThrownBy(() -> store.blob(damaged)).isInstanceOf(StoreException.class);
    assertThat(store.blob(sound)).hasValue(json("another"));
  }

  @Test
  final void givesNoTwoOwnersOneTokenWhenItsClockJumps() {
    List<Long> tokens = new ArrayList<>();
    for (int hours : List.of(0, 5, -9, 12, -3)) {
      time.jumpTo(time.instant().plus(Duration.ofHours(hours)));
      store.acquire("run/a", "owner " + hours, MINUTE).ifPresent(l -> tokens.add(l.token()));
    }

    assertThat(tokens).hasSizeGreaterThan(1).isSorted().doesNotHaveDuplicates();
  }

  @Test
  final void returnsNothingForAnUnknownRun() {
    assertThat(store.read(RUN, 1)).isEmpty();
    assertThat(store.index(RUN)).isEmpty();
    assertThat(store.find(RunQuery.allOpen())).isEmpty();
  }

  @Test
  final void opensCleanly() {
    commit(store, commit(RUN, 0, 2));
    reopen();

    assertThat(store.openReport().isClean()).isTrue();
  }

  @Test
  final void numbersEventsFromOneWithoutGaps() {
    assertThat(commit(store, commit(RUN, 0, 2))).isEqualTo(new Committed(2));
    assertThat(commit(store, commit(RUN, 2, 1))).isEqualTo(new Committed(3));
    reopen();

    assertThat(store.read(RUN, 1)).extracting(StoredEvent::sequence).containsExactly(1L, 2L, 3L);
  }

  @Test
  final void keepsEveryPartOfAnEvent() {
    Envelope written = new Envelope("täsk.moved", 300, NOW.minusSeconds(9_999_999_999L), json("ü"));
    commit(store, new Commit(RUN, 0, 0, List.of(written), null, List.of()));
    reopen();

    Envelope read = store.read(RUN, 1).get(0).envelope();
    assertThat(read).usingRecursiveComparison().isEqualTo(written);
  }

  @Test
  final void readsFromASequenceNumberAndNoMoreThanAskedFor() {
    commit(store, commit(RUN, 0, 10));

    assertThat(store.read(RUN, 4, 2)).extracting(StoredEvent::sequence).containsExactly(4L, 5L);
    assertThat(store.read(RUN, 9)).extracting(StoredEvent::sequence).containsExactly(9L, 10L);
    assertThat(store.read(RUN, -5, 1)).extracting(StoredEvent::sequence).containsExactly(1L);
    assertThat(store.read(RUN, 11)).isEmpty();
    assertThat(store.read(RUN, 1, 0)).isEmpty();
  }

  @Test
  final void readsBackALargeEventBetweenSmallOnes() {
    List<Envelope> events = List.of(event("x"), event("y".repeat(300_000)), event("z"));
    commit(store, new Commit(RUN, 0, 0, events, null, List.of()));

    assertThat(texts(store, RUN)).isEqualTo(texts(events));
  }

  @Test
  final void refusesACommitThatExpectsAnotherSequence() {
    commit(store, commit(RUN, 0, 2));

    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new SequenceConflict(2));
    assertThat(commit(store, commit(RUN, 3, 1))).isEqualTo(new SequenceConflict(2));
    assertThat(store.read(RUN, 1)).hasSize(2);
  }

  @Test
  final void refusesAWriterWithALowerToken() {
    commit(store, new Commit(RUN, 0, 7, List.of(event("new owner")), null, List.of()));
    reopen();

    assertThat(commit(store, new Commit(RUN, 1, 6, List.of(event("old")), null, List.of())))
        .isEqualTo(new Fenced(7));
    assertThat(commit(store, new Commit(RUN, 1, 7, List.of(event("same")), null, List.of())))
        .isEqualTo(new Committed(2));
  }

  @Test
  final void fencesOffWithACommitThatHoldsNothingElse() {
    commit(store, new Commit(RUN, 0, 9, List.of(), null, List.of()));
    reopen();

    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new Fenced(9));
  }

  @Test
  final void writesEverythingOfACommitOrNothing() {
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
  final void writesNothingOfACommitThatItsTokenOrItsSequenceRefuses() {
    commit(store, new Commit(RUN, 0, 7, events(0, 1), null, List.of()));
    RunIndex index = index(RUN, "RUNNING", NOW);
    List<RecordWrite> spent = List.of(new RecordWrite(key("spent"), 0, json("1")));

    assertThat(commit(store, new Commit(RUN, 1, 6, events(1, 1), index, spent)))
        .isEqualTo(new Fenced(7));
    assertThat(commit(store, new Commit(RUN, 0, 7, events(0, 1), index, spent)))
        .isEqualTo(new SequenceConflict(1));
    assertThat(commit(store, new Commit(RUN, 0, 7, List.of(), index, spent)))
        .as("one without events")
        .isEqualTo(new SequenceConflict(1));

    reopen();
    assertThat(store.read(RUN, 1)).hasSize(1);
    assertThat(store.index(RUN)).isEmpty();
    assertThat(store.record(key("spent"))).isEmpty();
  }

  @Test
  final void letsALaterCommitOfTheSameCallSeeAnEarlierOne() {
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
  final void doesNothingForNoCommits() {
    assertThat(store.commit(List.of())).isEmpty();
  }

  @Test
  final void keepsTheLatestIndexEntry() {
    commit(store, new Commit(RUN, 0, 0, events(0, 1), index(RUN, "RUNNING", NOW), List.of()));
    commit(store, new Commit(RUN, 1, 0, List.of(), index(RUN, "WAITING", NOW), List.of()));
    commit(store, commit(RUN, 1, 1));
    reopen();

    assertThat(store.index(RUN)).contains(index(RUN, "WAITING", NOW));
  }

  @Test
  final void findsRunsByWhatStandsInTheirIndexEntriesOrderedByTheirStart() {
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
  final void findsRunsByEachConditionAlone() {
    Instant later = NOW.plusSeconds(1);
    RunIndex one =
        new RunIndex(run("a"), "tdd", "SUCCEEDED", false, NOW, later, Map.of("team", "red"));
    RunIndex other =
        new RunIndex(
            run("b"), "docs", "RUNNING", true, later, later.plusSeconds(1), Map.of("team", "blue"));
    for (RunIndex index : List.of(one, other)) {
      commit(store, new Commit(index.run(), 0, 0, List.of(), index, List.of()));
    }
    reopen();

    RunQuery all = RunQuery.all();
    assertThat(store.find(all.pipeline("tdd"))).containsExactly(one);
    assertThat(store.find(all.state(RunStatus.RUNNING))).containsExactly(other);
    assertThat(store.find(all.ended())).containsExactly(one);
    assertThat(store.find(all.startedFrom(later))).containsExactly(other);
    assertThat(store.find(all.startedBefore(later))).containsExactly(one);
    assertThat(store.find(all.updatedFrom(later.plusSeconds(1)))).containsExactly(other);
    assertThat(store.find(all.updatedBefore(later.plusSeconds(1)))).containsExactly(one);
    assertThat(store.find(all.label("team", "blue"))).containsExactly(other);
    assertThat(store.find(all.after(one))).containsExactly(other);
    assertThat(store.find(all.limit(1))).containsExactly(one);
  }

  @Test
  final void findsRunsInTheOrderThatIsAskedForAndPageByPage() {
    RunIndex usual = index(run("a"), "RUNNING", NOW);
    RunIndex failed = index(run("b"), "FAILED", NOW.plusSeconds(1));
    RunIndex urgent =
        new RunIndex(
            run("c"),
            "tdd",
            "WAITING",
            true,
            NOW.plusSeconds(2),
            NOW.plusSeconds(9),
            Map.of("team", "red", "kind", "night"),
            Priority.of(-1));
    for (RunIndex index : List.of(usual, failed, urgent)) {
      commit(store, new Commit(index.run(), 0, 0, List.of(), index, List.of()));
    }
    reopen();

    assertThat(store.find(RunQuery.all().newestFirst())).containsExactly(urgent, failed, usual);
    RunQuery byPriority = RunQuery.all().order(RunQuery.Order.MOST_URGENT_FIRST);
    assertThat(store.find(byPriority.limit(2))).containsExactly(urgent, usual);
    assertThat(store.find(byPriority.limit(2).after(usual))).containsExactly(failed);
    assertThat(store.find(RunQuery.all().state(RunStatus.WAITING).state(RunStatus.FAILED)))
        .containsExactly(failed, urgent);
    assertThat(store.find(RunQuery.all().label("team", "red").label("kind", "night")))
        .containsExactly(urgent);
    assertThat(store.find(RunQuery.all().updatedFrom(NOW.plusSeconds(9)))).containsExactly(urgent);
  }

  @Test
  final void countsTheVersionsOfARecordOverItsDeletion() {
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
  final void listsTheRecordsOfANamespaceByKey() {
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
  final void listsTheRecordsOfAllTenantsSoThatItCanBeCopied() throws IOException {
    require(Feature.LISTS_RECORDS);
    Tenant other = Tenant.of("another");
    BlobId blob = store.put(json("definition"));
    RunIndex index = index(RUN, "RUNNING", NOW);
    commit(store, new Commit(RUN, 0, 1, List.of(event(blob.hex())), index, List.of()));
    for (RecordKey key :
        List.of(
            key("b"),
            key("a"),
            new RecordKey(Tenant.DEFAULT, "breakers", "c"),
            new RecordKey(other, "budget", "d"))) {
      commit(store, Commit.ofRecords(List.of(new RecordWrite(key, 0, json(key.key())))));
    }
    reopen();

    assertThat(store.records())
        .extracting(record -> record.key().key())
        .containsExactly("d", "c", "a", "b");
    try (Store copy = InMemoryStore.create().open(time)) {
      StoreTransfer.Summary copied = StoreTransfer.copy(store, copy);
      assertThat(copied.records()).isEqualTo(4);
      assertThat(copied.blobs()).isEqualTo(1);
      assertThat(StoreTransfer.summary(copy)).isEqualTo(copied);
    }
  }

  @Test
  final void losesNothingWhenItTidiesUp() {
    BlobId blob = store.put(json("definition"));
    RunKey ended = run("ended");
    RunIndex open = index(RUN, "RUNNING", NOW);
    commit(store, new Commit(RUN, 0, 1, List.of(event(blob.hex())), open, List.of()));
    commit(store, new Commit(ended, 0, 1, events(0, 2), index(ended, "SUCCEEDED", NOW), List.of()));
    commit(store, write("spent", 0, "1"));

    store.maintain();

    assertThat(commit(store, commit(RUN, 1, 1))).isEqualTo(new Committed(2));
    reopen();
    assertThat(store.read(RUN, 1)).hasSize(2);
    assertThat(texts(store, ended)).isEqualTo(texts(events(0, 2)));
    assertThat(store.index(ended)).contains(index(ended, "SUCCEEDED", NOW));
    assertThat(store.record(key("spent"))).isPresent();
    assertThat(store.blob(blob)).hasValue(json("definition"));
  }

  @Test
  final void separatesTenants() {
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
  final void keepsBlobsUnderTheirHash() {
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
  final void keepsABlobWhateverIsDoneToTheBytesThatWereHandedOver() {
    byte[] mine = json("definition");
    BlobId id = store.put(mine);

    mine[0]++;
    store.blob(id).orElseThrow()[1]++;

    assertThat(store.blob(id)).hasValue(json("definition"));
  }

  @Test
  final void givesEachLeaseAHigherTokenThanAnyBeforeWhateverItsKey() {
    List<Long> tokens = new ArrayList<>();
    for (String key : List.of("run/b", "run/a", "workspace", "run/b", "run/c")) {
      Lease lease = store.acquire(key, "one", MINUTE).orElseThrow();
      tokens.add(lease.token());
      store.release(lease);
      reopen();
    }

    assertThat(tokens).isSorted().doesNotHaveDuplicates();
  }

  @Test
  final void givesALeaseToOneOfAllThreadsThatAskAtOnce() throws Exception {
    List<Callable<Optional<Lease>>> asking = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      String key = "run/" + i / 8;
      String owner = "owner " + i % 8;
      asking.add(() -> store.acquire(key, owner, MINUTE));
    }

    List<Lease> given = inParallel(8, asking).stream().flatMap(Optional::stream).toList();

    assertThat(given).hasSize(32);
    assertThat(given).extracting(Lease::key).doesNotHaveDuplicates();
    assertThat(given).extracting(Lease::token).doesNotHaveDuplicates();
  }

  @Test
  final void givesALeaseToOneOwnerAtATime() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();

    assertThat(first.until()).isEqualTo(NOW.plus(MINUTE));
    assertThat(store.acquire("run/a", "two", MINUTE)).isEmpty();
    assertThat(store.acquire("run/b", "two", MINUTE)).isPresent();
  }

  @Test
  final void prolongsALeaseThatItsOwnerTakesOnceMore() {
    store.acquire("run/a", "one", MINUTE).orElseThrow();
    time.advance(Duration.ofSeconds(40));
    Lease again = store.acquire("run/a", "one", MINUTE).orElseThrow();
    time.advance(Duration.ofSeconds(40));

    assertThat(again.until()).isEqualTo(NOW.plusSeconds(100));
    assertThat(store.acquire("run/a", "two", MINUTE)).isEmpty();
  }

  @Test
  final void tellsASuccessorOfTheSameNameFromWhoHadTheLeaseBefore() {
    Lease dead = store.acquire("run/a", "one", MINUTE).orElseThrow();
    Lease successor = store.acquire("run/a", "one", MINUTE).orElseThrow();
    store.release(dead);

    assertThat(successor.token()).isGreaterThan(dead.token());
    assertThat(store.acquire("run/a", "two", MINUTE)).isEmpty();
    long token = successor.token();
    assertThat(commit(store, new Commit(RUN, 0, token, List.of(event("new")), null, List.of())))
        .isEqualTo(new Committed(1));
    token = dead.token();
    assertThat(commit(store, new Commit(RUN, 1, token, List.of(event("old")), null, List.of())))
        .isEqualTo(new Fenced(successor.token()));
  }

  @Test
  final void givesAnExpiredLeaseToTheNextOwnerWithAHigherToken() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();
    time.advance(MINUTE);
    reopen();
    Lease second = store.acquire("run/a", "two", MINUTE).orElseThrow();

    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(store.acquire("run/a", "one", MINUTE)).isEmpty();
  }

  @Test
  final void givesAReleasedLeaseToTheNextOwnerWithAHigherToken() {
    Lease first = store.acquire("run/a", "one", MINUTE).orElseThrow();
    store.release(first);
    reopen();
    Lease second = store.acquire("run/a", "two", MINUTE).orElseThrow();
    store.release(first);

    assertThat(second.token()).isGreaterThan(first.token());
    assertThat(store.acquire("run/a", "three", MINUTE)).isEmpty();
  }

  @Test
  final void refusesALeaseThatLastsNoTime() {
    assertThatThrownBy(() -> store.acquire("run/a", "one", Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(commit(store, commit(RUN, 0, 1))).isEqualTo(new Committed(1));
  }

  @Test
  final void letsOnlyOneOfManyWritersAppendAtASequence() throws Exception {
    List<CommitOutcome> outcomes =
        inParallel(8, IntStream.range(0, 64).mapToObj(i -> attempt(commit(RUN, 0, 1))).toList());

    assertThat(outcomes).filteredOn(Committed.class::isInstance).hasSize(1);
    assertThat(outcomes).filteredOn(new SequenceConflict(1)::equals).hasSize(63);
    assertThat(store.read(RUN, 1)).hasSize(1);
  }

  @Test
  final void letsOnlyOneOfManyWritersChangeAVersionOfARecord() throws Exception {
    List<CommitOutcome> outcomes =
        inParallel(
            8, IntStream.range(0, 64).mapToObj(i -> attempt(write("spent", 0, "" + i))).toList());

    assertThat(outcomes).filteredOn(Committed.class::isInstance).hasSize(1);
    assertThat(outcomes).filteredOn(new RecordConflict(key("spent"), 1)::equals).hasSize(63);
    assertThat(store.record(key("spent")).orElseThrow().version()).isEqualTo(1);
  }

  @Test
  final void keepsWhatManyThreadsCommitToManyRunsAtOnce() throws Exception {
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
      assertThat(texts(store, run("r" + i))).isEqualTo(texts(events(0, 2 * commits)));
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
  final void showsACommitWholeOrNotAtAll() throws Exception {
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
  final void showsEventsAndIndexOfACommitTogether() throws Exception {
    AtomicBoolean written = new AtomicBoolean();
    List<Callable<Integer>> work = new ArrayList<>();
    work.add(
        () -> {
          try {
            for (int i = 0; i < 200; i++) {
              RunIndex index = index(RUN, "RUNNING", NOW.plusSeconds(i + 1));
              Commit both = new Commit(RUN, i, 0, events(i, 1), index, List.of());
              assertThat(commit(store, both)).isInstanceOf(Committed.class);
            }
            return 0;
          } finally {
            written.set(true);
          }
        });
    for (int reader = 0; reader < 2; reader++) {
      work.add(
          () -> {
            while (!written.get()) {
              int shown = commitsByIndex();
              int read = shown + store.read(RUN, shown + 1).size();
              assertThat(shown == 0 || store.read(RUN, shown, 1).size() == 1)
                  .as("the last event that the index shows is there")
                  .isTrue();
              assertThat(commitsByIndex())
                  .as("the index shows what was read")
                  .isGreaterThanOrEqualTo(read);
            }
            return 0;
          });
    }

    assertThat(inParallel(3, work)).hasSize(3);
  }

  /** {@return how many commits there were, as the index tells} */
  private int commitsByIndex() {
    return store
        .index(RUN)
        .map(index -> (int) Duration.between(NOW, index.startedAt()).toSeconds())
        .orElse(0);
  }

  @Test
  final void refusesAnythingAfterItWasClosed() {
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
