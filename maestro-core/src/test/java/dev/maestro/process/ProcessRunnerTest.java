package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.OpenHandles;
import dev.maestro.process.ProcessResult.Ending;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What goes into a process and what comes out of it; how it ends is told elsewhere. */
@Timeout(300)
class ProcessRunnerTest {

  private final Time time = Time.system();
  private final ProcessRunner runner = new ProcessRunner(time);
  private final Recorder recorder = new Recorder();
  @TempDir Path directory;

  @AfterEach
  void closeTheClock() {
    time.close();
  }

  @Test
  void handsOnLinesInOrderAndTheExitCode() throws Exception {
    ProcessResult result = run(sh("echo one; echo two; echo three; exit 7").build());

    assertThat(recorder.lines()).containsExactly("one", "two", "three");
    assertThat(result.ending()).isEqualTo(Ending.EXITED);
    assertThat(result.knownExitCode()).hasValue(7);
    assertThat(result.isCleanExit()).isFalse();
    assertThat(result.survivors()).isEmpty();
  }

  @Test
  void aProcessThatEndsAtOnceIsACleanExit() throws Exception {
    ProcessResult result = run(ProcessSpec.of(directory, "true"));

    assertThat(result.isCleanExit()).isTrue();
    assertThat(recorder.identity().marker()).isNotEmpty();
  }

  @Test
  void handsOnHalfALineWithoutItsEnd() throws Exception {
    run(sh("printf 'whole\\nhalf'").build());

    assertThat(recorder.lines()).containsExactly("whole", "half");
  }

  @Test
  void worksInItsDirectory() throws Exception {
    run(sh("pwd -P").build());

    assertThat(recorder.lines()).containsExactly(directory.toRealPath().toString());
  }

  @Test
  void noShellReadsTheArguments() throws Exception {
    run(ProcessSpec.of(directory, "printf", "%s\n", "$(id) `id`; \"two words\" *"));

    assertThat(recorder.lines()).containsExactly("$(id) `id`; \"two words\" *");
  }

  @Test
  void bytesThatAreNotUtf8AreReplaced() throws Exception {
    run(sh("printf 'gr\\303\\274n \\377 \\303\\n'").build());

    assertThat(recorder.lines()).containsExactly("grün \uFFFD \uFFFD");
  }

  @Test
  void handsOnErrorLinesAndKeepsTheEndOfThem() throws Exception {
    ProcessResult result = run(sh("echo out; seq 1 1000 >&2").errorTail(10).build());

    assertThat(result.errorTail()).isEqualTo("…\n999\n1000\n");
    assertThat(recorder.errorLines()).hasSize(1000).contains("1", "1000");
    assertThat(recorder.lines()).containsExactly("out");
  }

  @Test
  void cutsALineThatIsTooLongAndGoesOnBehindIt() throws Exception {
    ProcessResult result =
        run(sh("head -c 100000 /dev/zero | tr '\\0' x; echo; echo next").lineLimit(10).build());

    assertThat(recorder.lines()).containsExactly("xxxxxxxxxx" + Lines.CUT, "next");
    assertThat(result.linesCut()).isEqualTo(1);
  }

  @Test
  void aLineOfHalfAGigabyteTakesNoMemory() throws Exception {
    long before = usedMemory();
    List<Integer> lengths = new ArrayList<>();

    runner.run(
        sh("head -c 536870912 /dev/zero").build(),
        line -> lengths.add(line.length()),
        Cancellation.never());

    assertThat(lengths).containsExactly((1 << 20) + Lines.CUT.length());
    assertThat(usedMemory() - before).isLessThan(64 << 20);
  }

  @Test
  void aFloodOfLinesIsHandedOnWholeAndTakesNoMemory() throws Exception {
    long before = usedMemory();
    AtomicLong bytes = new AtomicLong();

    runner.run(
        sh("yes 'a line like many others' | head -c 157286400; echo flood >&2").build(),
        line -> bytes.addAndGet(line.length() + 1),
        Cancellation.never());

    assertThat(bytes.get()).isGreaterThanOrEqualTo(157286400);
    assertThat(usedMemory() - before).isLessThan(64 << 20);
  }

  @Test
  void handsOverItsInputAndThenTheEnd() throws Exception {
    String prompt = "Grüße 🙂 ".repeat(200_000);

    run(sh("cat > received; echo done").input(prompt).build());

    assertThat(recorder.lines()).containsExactly("done");
    assertThat(directory.resolve("received")).hasContent(prompt);
  }

  @Test
  void withoutInputStdinIsAtItsEnd() throws Exception {
    run(sh("cat; echo end").build());

    assertThat(recorder.lines()).containsExactly("end");
  }

  @Test
  void aChildThatNeverReadsItsInputIsNoError() throws Exception {
    ProcessResult result = run(sh("echo busy; exit 3").input("x".repeat(10 << 20)).build());

    assertThat(result.ending()).isEqualTo(Ending.EXITED);
    assertThat(result.knownExitCode()).hasValue(3);
  }

  @Test
  void aChildThatClosesItsInputEarlyGoesOn() throws Exception {
    ProcessResult result =
        run(sh("exec 0<&-; echo still; exit 0").input("x".repeat(10 << 20)).build());

    assertThat(result.isCleanExit()).isTrue();
    assertThat(recorder.lines()).containsExactly("still");
  }

  @Test
  void aChildThatClosesItsOutputEarlyIsWaitedFor() throws Exception {
    ProcessResult result =
        run(
            sh("echo first; exec 1>&- 2>&-; while [ ! -e go ]; do sleep 0.01; done; exit 5")
                .build(),
            new ProcessListener() {
              @Override
              public void line(String line) {
                touch("go");
              }
            });

    assertThat(result.knownExitCode()).hasValue(5);
  }

  @Test
  void noByteOfInputIsReadBeforeTheListenerKnowsTheProcess() throws Exception {
    List<String> heard = new ArrayList<>();
    run(
        sh("head -n 1 > /dev/null; ls").input("prompt\n").build(),
        new ProcessListener() {
          @Override
          public void started(ProcessIdentity identity) {
            assertThat(ProcessHandle.of(identity.pid())).isPresent();
            touch("recorded");
          }

          @Override
          public void line(String line) {
            heard.add(line);
          }
        });

    assertThat(heard).containsExactly("recorded");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theIdentityIsWhatTheSystemSays() throws Exception {
    run(
        sh("read x; echo $$; echo $MAESTRO_MARKER; cat /proc/sys/kernel/random/boot_id; "
                + "cut -d' ' -f22 /proc/$$/stat")
            .input("go\n")
            .build());

    ProcessIdentity identity = recorder.identity();
    assertThat(recorder.lines())
        .containsExactly(
            String.valueOf(identity.pid()),
            identity.marker(),
            identity.bootId(),
            String.valueOf(identity.startTicks()));
  }

  @Test
  void everyProcessHasItsOwnMarker() throws Exception {
    run(sh("echo $MAESTRO_MARKER").build());
    run(sh("echo $MAESTRO_MARKER").build());

    assertThat(recorder.lines()).doesNotHaveDuplicates().hasSize(2);
  }

  @Test
  void stdinCanBeKeptOpenForAConversation() throws Exception {
    Running child =
        Running.start(
            runner,
            sh("while read line; do echo \"you said $line\"; done; echo bye")
                .input("first\n")
                .keepInputOpen()
                .build());

    assertThat(child.recorder.awaitLine(0)).isEqualTo("you said first");
    assertThat(child.recorder.input().write("second\n")).isTrue();
    assertThat(child.recorder.awaitLine(1)).isEqualTo("you said second");
    child.recorder.input().close();

    assertThat(child.await().isCleanExit()).isTrue();
    assertThat(child.recorder.lines()).endsWith("bye");
    assertThat(child.recorder.input().write("third\n")).isFalse();
  }

  @Test
  void aProgramThatIsNotThereIsAPermanentFailure() {
    assertThatThrownBy(() -> run(ProcessSpec.of(directory, "no-such-program", "secret")))
        .isInstanceOf(ProcessStartException.class)
        .hasMessage(
            "cannot start 'no-such-program': there is no such program; is it installed and on the PATH?");
  }

  @Test
  void aDirectoryThatIsNotThereIsAPermanentFailure() {
    Path nowhere = directory.resolve("nowhere");

    assertThatThrownBy(() -> run(ProcessSpec.of(nowhere, "true")))
        .isInstanceOf(ProcessStartException.class)
        .hasMessageContaining("there is no directory " + nowhere);
  }

  @Test
  void theHostsSecretsAreNotSeenUnlessTheyAreNamed() throws Exception {
    List<String> names = namesSeenBelowAHostWith("SOME_API_KEY", "LC_ALL", "XDG_DATA_HOME");

    assertThat(names)
        .contains("PATH", "LC_ALL", "XDG_DATA_HOME", "MAESTRO_MARKER", "SET_BY_SPEC")
        .doesNotContain("SOME_API_KEY");
    assertThat(names)
        .allMatch(
            name ->
                List.of("SET_BY_SPEC", "MAESTRO_MARKER", "PWD", "SHLVL", "_", "OLDPWD")
                        .contains(name)
                    || ProcessSpec.INHERITED_BY_DEFAULT.contains(name)
                    || name.startsWith("LC_")
                    || name.startsWith("XDG_"));
  }

  @Test
  void aNestedMarkerKeepsTheOuterOne() throws Exception {
    ProcessSpec host = host("names", "sh", "-c", "echo $MAESTRO_MARKER").build();

    run(host);

    assertThat(recorder.lines().get(0)).startsWith(recorder.identity().marker() + ",");
  }

  @Test
  void runsInParallel() throws Exception {
    List<Running> children =
        IntStream.range(0, 20)
            .mapToObj(
                n -> Running.start(runner, sh("cat; echo " + n).input("input " + n + "\n").build()))
            .toList();

    for (int n = 0; n < children.size(); n++) {
      assertThat(children.get(n).await().isCleanExit()).isTrue();
      assertThat(children.get(n).recorder.lines()).containsExactly("input " + n, "" + n);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void leavesNoThreadAndNoHandle() throws Exception {
    ProcessSpec spec =
        sh("cat > /dev/null; echo x; echo y >&2; sleep 600 & exit 1")
            .input("prompt")
            .timeLimit(Duration.ofMinutes(5))
            .inactivityLimit(Duration.ofMinutes(1))
            .build();
    run(spec);
    List<String> handles = handles();

    for (int n = 0; n < 20; n++) {
      run(spec);
      assertThat(threads()).isEmpty();
      // some that others have left may go meanwhile, as the collector comes to them
      assertThat(handles()).isSubsetOf(handles).hasSizeLessThanOrEqualTo(handles.size());
    }
  }

  @Test
  void cancelledBeforehandItIsNotStarted() throws Exception {
    CancellationSource cancelled = new CancellationSource();
    cancelled.cancel(Cancellation.Mode.GRACEFUL);

    ProcessResult result = runner.run(sh("touch ran").build(), recorder, cancelled);

    assertThat(result.ending()).isEqualTo(Ending.CANCELLED);
    assertThat(result.knownExitCode()).isEmpty();
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  private List<String> namesSeenBelowAHostWith(String... variables) throws Exception {
    ProcessSpec.Builder host = host("names", "env");
    Arrays.stream(variables).forEach(name -> host.variable(name, "canary"));
    run(host.variable("HOME", "/nowhere").build());
    return recorder.lines().stream().map(line -> line.split("=", 2)[0]).toList();
  }

  private ProcessSpec.Builder host(String... arguments) {
    return ProcessSpec.builder(directory, HostMain.command(directory, arguments));
  }

  private ProcessResult run(ProcessSpec spec) throws InterruptedException {
    return run(spec, recorder);
  }

  private ProcessResult run(ProcessSpec spec, ProcessListener listener)
      throws InterruptedException {
    return runner.run(spec, listener, Cancellation.never());
  }

  private ProcessSpec.Builder sh(String script) {
    return ProcessSpec.builder(directory, List.of("sh", "-c", script));
  }

  private void touch(String name) {
    try {
      Files.write(directory.resolve(name), "x".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static long usedMemory() {
    Runtime runtime = Runtime.getRuntime();
    runtime.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** {@return the pipes and process files that this JVM holds open; others come and go at will} */
  private static List<String> handles() throws IOException {
    return OpenHandles.list().stream()
        .filter(handle -> handle.startsWith("pipe:") || handle.startsWith("/proc/"))
        .filter(handle -> !handle.endsWith("/fd")) // the directory that is being listed
        .toList();
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("maestro-process"))
        .toList();
  }
}
