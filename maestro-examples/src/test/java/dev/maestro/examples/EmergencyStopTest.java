package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.ProviderId;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.process.Deadline;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stopping at once, with real processes that ignore TERM, and have children that do so too. */
@Timeout(300)
class EmergencyStopTest {

  private static final Actor ANN = Actor.of("ann");
  // on a machine with nothing else to do, KILL comes half a second after the stop
  private static final Duration AT_ONCE = Duration.ofSeconds(4);
  private static final Pipeline PIPELINE =
      Pipeline.named("long")
          .step("work", s -> s.agent("stubborn").prompt("Take your time").attempts(2))
          .build();

  @TempDir Path directory;

  private Path repository;
  private Path pids;
  private final CountDownLatch started = new CountDownLatch(3);

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    pids = Files.createDirectory(directory.resolve("pids"));
    DemoProject.create(repository, "main");
  }

  /** Works for ever the first time it is launched for a run, and does it the second time. */
  private String stubborn() {
    return "cat > /dev/null; if [ -e again ]; then echo done > done.txt; exit; fi; touch again;"
        + " trap '' TERM; echo $$ > "
        + pids
        + "/$$; sh -c 'trap \"\" TERM; echo $$ > "
        + pids
        + "/$$; sleep 1000' & while [ ! -e "
        + pids
        + "/$! ]; do sleep 0.01; done; echo started; wait";
  }

  private Maestro open() {
    return open(stubborn());
  }

  private Maestro open(String script) {
    Maestro maestro =
        Maestro.builder()
            .store(FileStore.at(directory.resolve("store")))
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .provider(CommandAgent.of(ProviderId.of("stubborn"), "sh", "-c", script))
            .build();
    maestro.watch(
        (attempt, event) -> {
          if (event instanceof AgentEvent.Text text && text.text().startsWith("started")) {
            started.countDown();
          }
        });
    return maestro;
  }

  private static List<Run> startThree(Maestro maestro) {
    List<Run> runs = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      runs.add(maestro.start(PIPELINE, RunId.of(name), Inputs.none()));
    }
    return runs;
  }

  @Test
  void noAgentLivesOnAndEachRunCanBeResumed() throws Exception {
    try (Maestro maestro = open()) {
      List<Run> runs = startThree(maestro);
      started.await();
      List<Long> working = working();
      assertThat(working).hasSize(6).allMatch(EmergencyStopTest::isAlive);

      Future<Boolean> gone = soonGone(working);
      maestro.stop("fire", ANN);
      assertThat(gone.get()).isTrue();

      for (Run run : runs) {
        RunResult stopped = run.await();
        assertThat(stopped.status()).isEqualTo(RunStatus.PAUSED);
        assertThat(stopped.snapshot().reason()).isEqualTo(Reason.EMERGENCY_STOP);
        assertThat(stopped.snapshot().task("work").orElseThrow().state())
            .isEqualTo(TaskState.PAUSED);
        assertThat(afterTheStop(run)).as("but what it cost").allMatch(EmergencyStopTest::isACost);
      }
      for (Run run : runs) {
        run.resume(ANN);
        assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      }
    }
  }

  @Test
  void whoeverWasGivenSomeSecondsHasThemNoMore() throws Exception {
    try (Maestro maestro = open()) {
      List<Run> runs = startThree(maestro);
      started.await();
      List<Long> working = working();
      for (Run run : runs) {
        run.cancel("not needed", ANN);
      }

      Future<Boolean> gone = soonGone(working);
      maestro.stop("fire", ANN);
      assertThat(gone.get()).isTrue();
      for (Run run : runs) {
        assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
      }
    }
  }

  /**
   * The order without a clock: a process that stands still cannot act on a TERM that it has, so
   * that TERM can be seen lying there, and nothing but a KILL ends the process.
   */
  @Test
  void termComesFirstAndKillNotBeforeHalfASecond() throws Exception {
    try (Maestro maestro = open("echo $$ > " + pids + "/$$; echo started; sleep 1000")) {
      List<Run> runs = startThree(maestro);
      started.await();
      List<Long> working = working();
      assertThat(working).hasSize(3);
      for (long pid : working) {
        standStill(pid);
        assertThat(hasTerm(status(pid))).isFalse();
      }

      Future<Boolean> gone = soonGone(working);
      long begun = System.nanoTime();
      maestro.stop("fire", ANN);
      Set<Long> told = new HashSet<>();
      while (working.stream().anyMatch(EmergencyStopTest::isAlive)) {
        working.stream().filter(pid -> hasTerm(status(pid))).forEach(told::add);
      }

      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThanOrEqualTo(Duration.ofMillis(500));
      assertThat(gone.get()).isTrue();
      assertThat(told).as("seen with a TERM, and alive").isNotEmpty();
      for (Run run : runs) {
        assertThat(run.await().status()).isEqualTo(RunStatus.PAUSED);
      }
    }
  }

  private static void standStill(long pid) throws Exception {
    new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor();
    while (!status(pid).contains("T (stopped)")) {
      Thread.onSpinWait();
    }
  }

  /** {@return what the system says of a process; nothing when it is gone} */
  private static String status(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/status"));
    } catch (IOException e) {
      // it went before or while its file was being read
      return "";
    }
  }

  /** {@return whether TERM, signal 15, waits to be acted on} */
  private static boolean hasTerm(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("SigPnd:") || line.startsWith("ShdPnd:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> 14 & 1) == 1);
  }

  private List<Long> working() throws IOException {
    try (var files = Files.list(pids)) {
      return files.map(file -> Long.parseLong(file.getFileName().toString())).toList();
    }
  }

  private static List<RunEvent> afterTheStop(Run run) {
    List<RunEvent> after = new ArrayList<>();
    boolean stopped = false;
    for (RunRecord entry : run.journal(1)) {
      if (stopped) {
        after.add(entry.event());
      }
      stopped |= entry.event() instanceof RunEvent.RunMoved moved && moved.to() == RunStatus.PAUSED;
    }
    return after;
  }

  private static boolean isACost(RunEvent event) {
    return event instanceof RunEvent.Acted && event.moves().isEmpty();
  }

  /**
   * {@return whether none of them lives any more, a short time from now at the latest; a machine
   * that stands still meanwhile does not count}
   */
  private static Future<Boolean> soonGone(List<Long> pids) throws InterruptedException {
    CountDownLatch looking = new CountDownLatch(1);
    FutureTask<Boolean> gone =
        new FutureTask<>(
            () -> {
              Deadline soon = Deadline.in(AT_ONCE);
              looking.countDown();
              soon.waitWhile(
                  () -> pids.stream().anyMatch(EmergencyStopTest::isAlive),
                  TimeUnit.NANOSECONDS::sleep);
              return pids.stream().noneMatch(EmergencyStopTest::isAlive);
            });
    new Thread(gone, "looks whether they are gone").start();
    looking.await();
    return gone;
  }

  /** A zombie that nobody has collected yet does not live any more. */
  private static boolean isAlive(long pid) {
    try {
      return !Files.readString(Path.of("/proc/" + pid + "/stat")).matches("(?s).*\\) [ZX] .*");
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      // it went while its file was being read
      return ProcessHandle.of(pid).isPresent();
    }
  }
}
