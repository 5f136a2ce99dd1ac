package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.maestro.process.Cancellation.Mode;
import dev.maestro.process.ProcessResult.Ending;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How processes end, and that nothing of them is left; limits and grace are moved by hand. */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class ProcessEndingTest {

  /** A child that ignores TERM, and so do its children. */
  private static final String STUBBORN = "trap '' TERM; echo ready; while :; do sleep 1; done";

  /** A child that would end by itself only long after the test. */
  private static final String PATIENT = "echo ready; exec sleep 600";

  private final HandTime time = new HandTime();
  private final ProcessRunner runner = new ProcessRunner(time);
  private final ProcessTable table = ProcessTable.ofThisMachine();
  private final List<Running> started = new ArrayList<>();
  @TempDir Path directory;

  @AfterEach
  void endWhatAFailedTestLeft() {
    started.forEach(child -> child.cancellation.cancel(Mode.EMERGENCY));
    started.forEach(child -> Waiting.forAll(List.of(child.thread), Duration.ofSeconds(30)));
  }

  @Test
  void aChildThatTakesTooLongIsEnded() {
    Running child = start(sh(PATIENT).timeLimit(Duration.ofMinutes(10)));
    child.recorder.awaitLine(0);

    time.advance(Duration.ofMinutes(10).minusMillis(1));
    assertThat(child.result).isNotDone();
    time.advance(Duration.ofMillis(1));

    assertThat(child.await().ending()).isEqualTo(Ending.TIMED_OUT);
    assertThat(child.await().knownExitCode()).hasValue(128 + 15);
    assertThat(child.await().elapsed()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void aChildThatIsSilentForTooLongIsEnded() {
    Running child =
        start(
            sh("echo out; read x; echo err >&2; read x; sleep 600")
                .keepInputOpen()
                .inactivityLimit(Duration.ofMinutes(2)));
    child.recorder.awaitLine(0);

    time.advance(Duration.ofSeconds(119));
    child.recorder.input().write("\n");
    child.recorder.awaitErrorLine(0);
    time.advance(Duration.ofSeconds(119));
    assertThat(child.result).isNotDone();
    time.advance(Duration.ofSeconds(1));

    assertThat(child.await().ending()).isEqualTo(Ending.INACTIVE);
  }

  @Test
  void aGracefulCancellationClosesAnOpenStdinAndWaits() {
    Running child =
        start(
            sh("echo ready; cat > /dev/null; echo saved; exit 4")
                .keepInputOpen()
                .timeLimit(Duration.ofHours(1)));
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.GRACEFUL);

    assertThat(child.await().ending()).isEqualTo(Ending.CANCELLED);
    assertThat(child.await().knownExitCode()).hasValue(4);
    assertThat(child.recorder.lines()).containsExactly("ready", "saved");
  }

  @Test
  void afterTheGraceTermComes() throws Exception {
    Running child = start(sh(PATIENT).keepInputOpen());
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.GRACEFUL);
    time.awaitAlarms(1);
    time.advance(Duration.ofMillis(4_999));
    assertThat(child.result).isNotDone();
    time.advance(Duration.ofMillis(1));

    assertThat(child.await().ending()).isEqualTo(Ending.CANCELLED);
    assertThat(child.await().knownExitCode()).hasValue(128 + 15);
  }

  @Test
  void aChildWhoseStdinHasEndedGetsTermAndThenItsGrace() {
    Running child =
        start(sh("trap 'echo saved; exit 9' TERM; echo ready; while :; do sleep 0.01; done"));
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.GRACEFUL);

    assertThat(child.await().ending()).isEqualTo(Ending.CANCELLED);
    assertThat(child.await().knownExitCode()).hasValue(9);
    assertThat(child.recorder.lines()).containsExactly("ready", "saved");
  }

  @Test
  void aChildThatIgnoresTermIsKilledWhenItsGraceIsOver() throws Exception {
    Running child = start(sh(STUBBORN));
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.GRACEFUL);
    time.awaitAlarms(1);
    assertThat(child.result).isNotDone();
    time.advance(Duration.ofSeconds(5));

    assertThat(child.await().knownExitCode()).hasValue(128 + 9);
  }

  @Test
  void aPromptThatNobodyReadsIsNotCutOffForAHint() throws Exception {
    Running child =
        start(
            sh("trap '' TERM; echo ready; while :; do sleep 1; done").input("x".repeat(10 << 20)));
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.GRACEFUL);
    time.awaitAlarms(1);
    time.advance(Duration.ofSeconds(5));

    assertThat(child.await().knownExitCode()).hasValue(128 + 9);
  }

  @Test
  void anEmergencySendsTermAtOnce() {
    Running child =
        start(
            sh("trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.01; done")
                .keepInputOpen());
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.EMERGENCY);

    assertThat(child.await().ending()).isEqualTo(Ending.CANCELLED);
    assertThat(child.await().knownExitCode()).hasValue(9);
    assertThat(child.recorder.lines()).containsExactly("ready", "told");
  }

  @Test
  void anEmergencyKillsAfterHalfASecondWithoutAnyClock() {
    Running child = start(sh(STUBBORN));
    child.recorder.awaitLine(0);
    long before = System.nanoTime();
    // a machine that stands still meanwhile uses up none of it
    Deadline soon = Deadline.in(ProcessTree.TERM_PATIENCE.multipliedBy(10));

    child.cancellation.cancel(Mode.EMERGENCY);
    soon.waitWhile(() -> !child.result.isDone(), TimeUnit.NANOSECONDS::sleep);

    assertThat(child.result).isDone();
    assertThat(child.await().knownExitCode()).hasValue(128 + 9);
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isGreaterThanOrEqualTo(ProcessTree.TERM_PATIENCE);
  }

  @Test
  void aGracefulCancellationCanBecomeAnEmergency() throws Exception {
    Running child = start(sh(PATIENT).keepInputOpen());
    child.recorder.awaitLine(0);

    child.cancellation.cancel(Mode.GRACEFUL);
    time.awaitAlarms(1);
    child.cancellation.cancel(Mode.EMERGENCY);

    assertThat(child.await().ending()).isEqualTo(Ending.CANCELLED);
    assertThat(time.alarms()).isZero();
  }

  @Test
  void cancelledWhileItIsBeingRecordedItGetsNoInput() throws Exception {
    CancellationSource cancellation = new CancellationSource();
    List<String> lines = new ArrayList<>();

    ProcessResult result =
        runner.run(
            sh("read prompt && echo \"$prompt\"; sleep 600").input("paid work\n").build(),
            new ProcessListener() {
              @Override
              public void started(ProcessIdentity identity) {
                cancellation.cancel(Mode.GRACEFUL);
              }

              @Override
              public void line(String line) {
                lines.add(line);
              }
            },
            cancellation);

    assertThat(result.ending()).isEqualTo(Ending.CANCELLED);
    assertThat(lines).isEmpty();
  }

  @Test
  void anInterruptEndsTheTreeFirst() throws Exception {
    Running child = start(sh("sleep 600 & echo $!; exec sleep 600"));
    long grandchild = Long.parseLong(child.recorder.awaitLine(0));

    child.thread.interrupt();

    assertThat(child.awaitFailure()).isInstanceOf(InterruptedException.class);
    assertGone(child.recorder.identity().pid(), grandchild);
  }

  @Test
  void anInterruptedThreadStartsNothing() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> runner.run(sh("touch ran").build(), line -> {}, Cancellation.never()))
        .isInstanceOf(InterruptedException.class);
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  @Test
  void aListenerThatThrowsAtTheStartEndsTheTree() {
    long[] pid = new long[1];

    assertThatThrownBy(
            () ->
                runner.run(
                    sh(PATIENT).build(),
                    new ProcessListener() {
                      @Override
                      public void started(ProcessIdentity identity) {
                        pid[0] = identity.pid();
                        throw new IllegalStateException("journal is full");
                      }

                      @Override
                      public void line(String line) {}
                    },
                    Cancellation.never()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("journal is full");
    assertGone(pid[0]);
  }

  @Test
  void aListenerThatThrowsAtALineEndsTheTreeAndHearsNoMore() {
    List<String> heard = new ArrayList<>();

    assertThatThrownBy(
            () ->
                runner.run(
                    sh("echo $$; echo more; exec sleep 600").build(),
                    line -> {
                      heard.add(line);
                      throw new IllegalStateException("no");
                    },
                    Cancellation.never()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no");
    assertThat(heard).hasSize(1);
    assertGone(Long.parseLong(heard.get(0)));
  }

  @Test
  void aListenerThatHangsIsInterruptedWhenTheTimeIsUp() throws Exception {
    CountDownLatch listening = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Thread clock =
        new Thread(
            () -> {
              Waits.forLatch(listening);
              time.advance(Duration.ofMinutes(1));
            });
    clock.start();

    ProcessResult result =
        runner.run(
            sh("echo line; exec sleep 600").timeLimit(Duration.ofMinutes(1)).build(),
            line -> {
              listening.countDown();
              Waits.forLatch(never);
            },
            Cancellation.never());

    assertThat(result.ending()).isEqualTo(Ending.TIMED_OUT);
    clock.join();
  }

  @Test
  void allThatLeavesTheTreeGoesWithIt() {
    Running child =
        start(
            sh(
                "setsid sh -c 'echo $$; exec sleep 600' & "
                    + "(sh -c 'echo $$; exec sleep 600' &) ; "
                    + "(setsid sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 1; done' &) ; "
                    + "exec sleep 600"));
    List<Long> pids = pids(child, 3);

    child.cancellation.cancel(Mode.EMERGENCY);

    assertThat(child.await().survivors()).isEmpty();
    assertGone(pids);
  }

  @Test
  void aDescendantWithoutTheMarkerIsFoundByItsParents() {
    Running child =
        start(sh("env -i sh -c 'env -i setsid sh -c \"echo \\$\\$; exec sleep 600\"; :' & wait"));
    List<Long> pids = pids(child, 1);

    child.cancellation.cancel(Mode.EMERGENCY);

    assertThat(child.await().survivors()).isEmpty();
    assertGone(pids);
  }

  @Test
  void aDescendantWithoutTheMarkerGoesThoughItsParentEndedGracefully() {
    Running child =
        start(sh("env -i sh -c 'echo $$; exec sleep 600' & read go; exit 4").keepInputOpen());
    List<Long> pids = pids(child, 1);

    child.cancellation.cancel(Mode.GRACEFUL);

    assertThat(child.await().knownExitCode()).hasValue(4);
    assertThat(child.await().survivors()).isEmpty();
    assertGone(pids);
  }

  @Test
  void nothingOutlivesAChildThatExitedByItself() {
    Running child =
        start(
            sh("sh -c 'echo $$; exec sleep 600' & (setsid sh -c 'echo $$; exec sleep 600' &) ; "
                    + "read go; exit 3")
                .keepInputOpen());
    List<Long> pids = pids(child, 2);

    child.recorder.input().close();

    assertThat(child.await().ending()).isEqualTo(Ending.EXITED);
    assertThat(child.await().knownExitCode()).hasValue(3);
    assertGone(pids);
  }

  @Test
  void anOutputHeldOpenByAStrangerIsReportedAndGivenUp() {
    Running child =
        start(
            sh("(env -i setsid sh -c 'echo $$; exec sleep 600' &) ; read go; exit 3")
                .keepInputOpen());
    long stranger = pids(child, 1).get(0);

    child.recorder.input().close();

    assertThat(child.await().knownExitCode()).hasValue(3);
    assertThat(child.await().survivors())
        .extracting(ProcessIdentity::pid, ProcessIdentity::marker)
        .containsExactly(tuple(stranger, ""));
    assertThat(table.find(stranger)).isPresent();
    assertThat(threadsOf(child)).isEmpty();
    ProcessHandle.of(stranger).ifPresent(ProcessHandle::destroyForcibly);
  }

  @Test
  void aHundredStartsAndKillsLeaveNothing() {
    List<Long> pids = new ArrayList<>();
    for (int n = 0; n < 100; n++) {
      Running child =
          start(sh("sleep 600 & echo $!; setsid sleep 600 & echo $!; echo $$; exec sleep 600"));
      pids.addAll(pids(child, 3));

      child.cancellation.cancel(Mode.EMERGENCY);

      assertThat(child.await().survivors()).isEmpty();
    }
    assertGone(pids);
  }

  @Test
  void aHundredExitsWithHastyChildrenLeaveNothing() {
    for (int n = 0; n < 100; n++) {
      Running child = start(sh("(setsid sleep 600 &) ; sleep 600 & exit 0"));

      assertThat(child.await().isCleanExit()).isTrue();
      String marker = child.recorder.identity().marker();
      assertThat(ProcessTree.ofBearers(table, Set.of(marker), List.of()).members()).isEmpty();
    }
  }

  @Test
  void withoutProcTheTreeIsFoundByParents() {
    ProcessRunner portable = new ProcessRunner(time, new PortableProcessTable());
    Running child =
        Running.start(
            portable, sh("setsid sh -c 'echo $$; exec sleep 600' & exec sleep 600").build());
    List<Long> pids = pids(child, 1);

    child.cancellation.cancel(Mode.EMERGENCY);

    assertThat(child.await().ending()).isEqualTo(Ending.CANCELLED);
    assertGone(pids);
  }

  private Running start(ProcessSpec.Builder spec) {
    Running child = Running.start(runner, spec.build());
    started.add(child);
    return child;
  }

  private static List<Long> pids(Running child, int count) {
    child.recorder.awaitLine(count - 1);
    return child.recorder.lines().stream().map(Long::valueOf).toList();
  }

  private static List<String> threadsOf(Running child) {
    String prefix = "maestro-process-" + child.recorder.identity().pid();
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }

  private void assertGone(Long... pids) {
    assertGone(List.of(pids));
  }

  private void assertGone(List<Long> pids) {
    assertThat(pids.stream().map(table::find).flatMap(Optional::stream)).isEmpty();
  }

  private ProcessSpec.Builder sh(String script) {
    return ProcessSpec.builder(directory, List.of("sh", "-c", script));
  }
}
