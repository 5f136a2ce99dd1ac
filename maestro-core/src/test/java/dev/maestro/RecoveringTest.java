package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.approval.Answer;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunRecord;
import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.RunIndex;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Capacity;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.WorkspaceCapabilities;
import dev.maestro.workspace.WorkspaceRequest;
import dev.maestro.workspace.Workspaces;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RecoveringTest {

  private static final Actor ANNA = Actor.of("anna");
  private static final Pipeline ONE =
      Pipeline.named("one").step("a", s -> s.code("crowd", "1")).build();

  @TempDir Path directory;

  private final Crowd crowd = new Crowd();
  private final StoreSource store = InMemoryStore.create();

  private MaestroBuilder builder(StoreSource source) {
    return Maestro.builder()
        .store(source)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("crowd", "1", crowd);
  }

  /** Leave a run open as a crash does: the store takes nothing any more. */
  private void crash(Pipeline pipeline, String run, boolean pause) throws Exception {
    AtomicBoolean crashed = new AtomicBoolean();
    StoreSource doomed =
        BrokenStore.of(
            store,
            batch -> {
              if (crashed.get()) {
                throw new StoreException("crashed");
              }
              return Optional.empty();
            });
    try (Maestro maestro = builder(doomed).build()) {
      Run started = maestro.start(pipeline, RunId.of(run), Inputs.none());
      crowd.awaitEntered(1);
      if (pause) {
        started.pause("lunch", ANNA);
      }
      crashed.set(true);
    }
  }

  @Test
  void recoveringTwiceDoesNothingTheSecondTime() throws Exception {
    crash(ONE, "r", false);
    try (Maestro maestro = builder(store).build()) {
      Recovery first = maestro.recover();
      Recovery second = maestro.recover();
      crowd.let(1);

      assertThat(first.runs()).hasSize(1);
      assertThat(first.interrupted()).isEqualTo(1);
      assertThat(second.runs()).isEmpty();
      assertThat(first.runs().get(0).await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(crowd.order()).containsExactly("r/a", "r/a");
    }
  }

  @Test
  void lookingAtARunStartsNothing() throws Exception {
    crash(ONE, "r", false);
    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);
      assertThat(crowd.order()).hasSize(1);

      maestro.recover();
      crowd.let(1);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void whoeverWaitsForARunThatNobodyTakesUpIsToldOnce() throws Exception {
    crash(ONE, "r", false);
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      assertThat(run.await(Duration.ofNanos(1))).isEmpty();
      assertThat(run.await(Duration.ofNanos(1))).isEmpty();
      maestro.recover();
      assertThat(run.await(Duration.ofNanos(1))).isEmpty();
      crowd.let(1);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    } finally {
      System.setErr(before);
    }

    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .filteredOn(line -> line.contains("waits for run"))
        .singleElement()
        .asString()
        .contains("default/r", "left open", "Maestro.recover()");
  }

  @Test
  void startingARunAgainRecoversIt() throws Exception {
    crash(ONE, "r", false);
    crowd.let(1);
    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(maestro.recover().runs()).isEmpty();
    }
  }

  @Test
  void pausedRunsStayPausedUntilResumed() throws Exception {
    crash(ONE, "r", true);
    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.recover().runs().get(0);
      assertThat(run.await().status()).isEqualTo(RunStatus.PAUSED);
      assertThat(crowd.order()).hasSize(1);

      run.resume(ANNA);
      crowd.let(1);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void aRunThatNobodyRecoveredCanBeCancelled() throws Exception {
    crash(ONE, "r", false);
    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      run.cancel("no", ANNA);
      assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
    }
  }

  @Test
  void oneDamagedRunIsRefusedAndOthersGoOn() throws Exception {
    crash(ONE, "good", false);
    RunKey bad = new RunKey(Tenant.DEFAULT, RunId.of("bad"));
    try (Store open = store.open(InstantSource.system())) {
      Instant now = Instant.EPOCH;
      open.commit(
          List.of(
              new Commit(
                  bad,
                  0,
                  open.acquire("x", "y", java.time.Duration.ofDays(1)).orElseThrow().token(),
                  List.of(
                      new Envelope(
                          "from-the-future",
                          99,
                          now,
                          "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8))),
                  new RunIndex(bad, "p", "RUNNING", true, now, now, Map.of()),
                  List.of())));
    }
    crowd.let(1);
    try (Maestro maestro = builder(store).build()) {
      Recovery recovery = maestro.recover();
      assertThat(recovery.refused()).containsOnlyKeys(bad);
      assertThat(recovery.runs().get(0).await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThatThrownBy(() -> maestro.find(bad)).isInstanceOf(StoreException.class);
    }
  }

  @Test
  void waitingRunsAreAnsweredAfterARestartWithoutRecovery() throws Exception {
    Pipeline asking =
        Pipeline.named("asking")
            .step("ask", s -> s.approval("Go?"))
            .step("a", s -> s.code("crowd", "1").after("ask"))
            .build();
    try (Maestro maestro = builder(store).build()) {
      maestro.start(asking, RunId.of("r"), Inputs.none()).await();
    }
    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      run.answer(run.await().questions().get(0).id(), Answer.approve(), ANNA);
      crowd.awaitEntered(1);
      // it is at work here, so there is nothing to recover, and nothing to interrupt
      assertThat(maestro.recover().runs()).isEmpty();
      crowd.let(1);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(crowd.order()).hasSize(1);
    }
  }

  @Test
  void manyParkedRunsComeBack() throws Exception {
    Pipeline asking =
        Pipeline.named("asking")
            .step("ask", s -> s.approval("Go?"))
            .step("a", s -> s.code("crowd", "1").after("ask"))
            .build();
    crowd.let(1_200);
    try (Maestro maestro = builder(store).build()) {
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < 1_200; i++) {
        runs.add(maestro.start(asking, RunId.of("r" + i), Inputs.none()));
      }
      for (Run run : runs) {
        run.answer(run.await().questions().get(0).id(), Answer.approve(), ANNA);
      }
      for (Run run : runs) {
        assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      }
    }
  }

  // ------------------------------------------------------------------ workspaces

  @Test
  void workspacesAreReleasedOnceWhenARunEnds() throws Exception {
    Releases place = new Releases(DirectoryWorkspaces.at(directory));
    crowd.let(1);
    try (Maestro maestro = builder(store).workspaces(place).build()) {
      Run run = maestro.start(ONE, RunId.of("r"), Inputs.none());
      run.await();
      run.snapshot();
      maestro.start(ONE, RunId.of("r"), Inputs.none()).await();
      place.awaitOne();
      maestro.recover();
    }
    assertThat(place.released).containsExactly("r");
    try (Maestro maestro = builder(store).workspaces(place).build()) {
      maestro.recover();
    }
    assertThat(place.released).containsExactly("r");
  }

  @Test
  void workspacesOfARunThatEndedJustBeforeACrashAreReleasedByRecovery() throws Exception {
    Releases place = new Releases(DirectoryWorkspaces.at(directory));
    place.fails = true;
    crowd.let(1);
    try (Maestro maestro = builder(store).workspaces(place).build()) {
      maestro.start(ONE, RunId.of("r"), Inputs.none()).await();
    }
    place.fails = false;
    place.released.clear();
    try (Maestro maestro = builder(store).workspaces(place).build()) {
      maestro.recover();
      assertThat(place.released).containsExactly("r");
      maestro.recover();
      assertThat(place.released).containsExactly("r");
    }
  }

  @Test
  void listenersHearOfRunsInOrderWhateverTheyDo() throws Exception {
    List<RunRecord> heard = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch forEver = new CountDownLatch(1);
    crowd.let(1);
    long last;
    try (Maestro maestro = builder(store).build()) {
      maestro.listen(
          entry -> {
            heard.add(entry);
            Thread.currentThread().interrupt();
            throw new AssertionError("a listener that throws errors and leaves interrupts behind");
          });
      maestro.listen(
          entry -> {
            try {
              forEver.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      RunResult result = maestro.start(ONE, RunId.of("r"), Inputs.none()).await();
      last = result.snapshot().sequence();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      // whoever closes waits two seconds for those who listen, which a busy machine may need
      while (heard.size() < last) {
        Thread.onSpinWait();
      }
    }
    assertThat(heard).extracting(RunRecord::sequence).hasSize((int) last).isSorted();
    assertThat(LeftThreads.named("maestro-listener")).isEmpty();
  }

  /** Workspaces that remember for which runs they were taken away. */
  private static final class Releases implements Workspaces {

    private final Workspaces place;
    private final CountDownLatch one = new CountDownLatch(1);
    private final List<String> released = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean fails;

    Releases(Workspaces place) {
      this.place = place;
    }

    void awaitOne() throws InterruptedException {
      one.await();
    }

    @Override
    public WorkspaceCapabilities capabilities() {
      return place.capabilities();
    }

    @Override
    public Capacity capacity() {
      return place.capacity();
    }

    @Override
    public Opening open(WorkspaceRequest request) throws InterruptedException {
      return place.open(request);
    }

    @Override
    public Merging merge(MergeRequest request) throws InterruptedException {
      return place.merge(request);
    }

    @Override
    public Advance advance(MergeRequest request, Checkpoint before, Checkpoint merged)
        throws InterruptedException {
      return place.advance(request, before, merged);
    }

    @Override
    public void release(RunKey run) {
      released.add(run.run().value());
      one.countDown();
      if (fails) {
        throw new IllegalStateException("busy");
      }
    }

    @Override
    public String description() {
      return place.description();
    }

    @Override
    public Optional<String> startBranch() {
      return place.startBranch();
    }

    @Override
    public void close() {
      place.close();
    }
  }
}
