package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run whose agent, a real process, misbehaves; docs/durability.md says why. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class AgentFaultsTest {

  private static final RunId RUN = RunId.of("r");
  private static final Actor ANNA = Actor.of("anna");

  /** Every process of a test has it in its environment, whatever else it does to hide. */
  private final String word = "FAULT=" + UUID.randomUUID();

  @TempDir Path directory;

  private MaestroBuilder builder(String script) {
    String hidden = "export " + word + "; " + script;
    return Maestro.builder()
        .store(InMemoryStore.create())
        .discoverNothing()
        .provider(CommandAgent.of(ProviderId.of("agent"), "sh", "-c", hidden))
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private static Pipeline one(UnaryOperator<StepBuilder> more) {
    return Pipeline.named("one")
        .step("a", s -> more.apply(s.agent("engineer").prompt("Do it").output("said")))
        .build();
  }

  private RunResult run(String script, UnaryOperator<StepBuilder> more) throws Exception {
    try (Maestro maestro = builder(script).build()) {
      return maestro.start(one(more), RUN, Inputs.none()).await();
    }
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  @Test
  void oneThatHangsIsEndedAtItsLimitAndTheStepFails() throws Exception {
    RunResult result = run("cat > /dev/null; sleep 1000", s -> s.timeout(Duration.ofMillis(500)));

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).trouble().orElseThrow().errorClass()).isEqualTo(ErrorClass.TIMEOUT);
    assertThat(Machine.processesWith(word)).isEmpty();
  }

  @Test
  void oneThatFallsSilentIsEndedAndTriedAgainAsOftenAsAllowed() throws Exception {
    String script = "cat > /dev/null; echo x >> launches; echo begun; sleep 1000";
    Path launches = Files.createFile(directory.resolve("launches"));
    // on a busy machine the agent may not have come to its first word yet
    for (Duration silence = Duration.ofMillis(500);
        Files.readAllLines(launches).size() < 2;
        silence = silence.multipliedBy(3)) {
      Files.writeString(launches, "");
      Duration limit = silence;

      RunResult result = run(script, s -> s.inactivity(limit).attempts(2).backoff(Backoff.NONE));

      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(task(result).launches()).isEqualTo(2);
      assertThat(Files.readAllLines(launches)).hasSizeLessThanOrEqualTo(2);
      assertThat(Machine.processesWith(word)).isEmpty();
    }
  }

  @Test
  void oneThatIgnoresTermIsKilledInAnEmergencyWithAllItsChildren() throws Exception {
    String script =
        "trap '' TERM INT HUP; cat > /dev/null; sleep 1000 & setsid sleep 1000 & (sleep 1000 &);"
            + " touch ready; while :; do sleep 1000; done";
    try (Maestro maestro = builder(script).build()) {
      Run run = maestro.start(one(s -> s), RUN, Inputs.none());
      awaitFile(directory.resolve("ready"));
      // a shell that has forked has not become another program yet
      awaitProcesses(4);

      run.stop("fire", ANNA);

      RunResult stopped = run.await();
      assertThat(stopped.snapshot().task("a").orElseThrow().state()).isEqualTo(TaskState.PAUSED);
      awaitNobody();
    }
  }

  @Test
  void grandchildrenThatLeaveItsSessionEndWithIt() throws Exception {
    RunResult result =
        run(
            "cat > /dev/null; mkfifo away;"
                + " setsid sh -c 'sleep 1000 & echo gone > away; exec sleep 1000' > /dev/null 2>&1 &"
                + " (sleep 1000 > /dev/null 2>&1 &); read word < away; rm away; echo done $word",
            s -> s);

    assertThat(result.text("said")).contains("done gone");

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(Machine.processesWith(word)).isEmpty();
  }

  @Test
  void halfALineOfJsonIsTextAndUsageStaysUnknown() throws Exception {
    RunResult result =
        run("cat > /dev/null; printf '@maestro {\"usage\":{\"input\":5,\"out'", s -> s);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(result.text("said")).contains("@maestro {\"usage\":{\"input\":5,\"out");
    assertThat(task(result).usage().inputTokens()).isZero();
  }

  @Test
  void bytesThatAreNoTextAreReadAllTheSame() throws Exception {
    RunResult result = run("cat > /dev/null; printf 'a\\377\\000b\\n'", s -> s);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(result.text("said")).hasValueSatisfying(said -> assertThat(said).startsWith("a"));
  }

  @Test
  void exitCodeZeroAfterHavingDoneNothingIsNoSuccess() throws Exception {
    RunResult result = run("cat > /dev/null", s -> s.attempts(2).backoff(Backoff.NONE));

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).state()).isEqualTo(TaskState.FAILED);
    assertThat(task(result).launches()).isEqualTo(2);
    assertThat(task(result).trouble().orElseThrow().reason()).isEqualTo(Reason.NO_OP);
  }

  @Test
  void oneThatNeverReadsItsPromptAndOneThatClosesItsOutputDoNotHang() throws Exception {
    Pipeline huge =
        Pipeline.named("huge")
            .step("a", s -> s.agent("engineer").prompt("{{ text }}").output("said"))
            .build();
    try (Maestro maestro =
        builder(
                "exec 0<&-; mkfifo door; echo said; exec 1>&- 2>&-; read word < door; rm door;"
                    + " exit 0")
            .build()) {
      CountDownLatch heard = new CountDownLatch(1);
      maestro.watch(
          (attempt, event) -> {
            if (event instanceof AgentEvent.Text) {
              heard.countDown();
            }
          });
      Run run = maestro.start(huge, RUN, Inputs.of("text", "x".repeat(1_000_000)));
      heard.await();
      // waits for it to read, which it does only once its output is closed
      Files.writeString(directory.resolve("door"), "go\n", StandardOpenOption.WRITE);
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("said")).contains("said");
    }
  }

  /** Trees of four, two of which have left their parents and their session. */
  @Test
  void aHundredStartsAndKillsLeaveNobody() throws Exception {
    String script =
        "cat > /dev/null; sleep 1000 & setsid sleep 1000 & (sleep 1000 &); echo ready; wait";
    try (Maestro maestro = builder(script).slots(1).build()) {
      Set<String> ready = new HashSet<>();
      Object lock = new Object();
      maestro.watch(
          (attempt, event) -> {
            synchronized (lock) {
              ready.add(attempt.key().run().value());
              lock.notifyAll();
            }
          });
      for (int i = 0; i < 100; i++) {
        String id = "r" + i;
        Run run = maestro.start(one(s -> s), RunId.of(id), Inputs.none());
        synchronized (lock) {
          while (!ready.contains(id)) {
            lock.wait(30_000);
          }
        }
        if (i % 2 == 0) {
          run.cancel("enough", ANNA);
        } else {
          run.stop("fire", ANNA);
        }
        run.await();
      }
    }

    assertThat(Machine.processesWith(word)).isEmpty();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  /** Here the parent dies, and the next one has to find what it left. */
  @Test
  @Tag("torture")
  @Timeout(1_200)
  void aHundredJvmsKilledWithTheirAgentsAtWorkLeaveNobodyAfterRecovery() throws Exception {
    String script =
        "export "
            + word
            + "; cat > /dev/null; sleep 1000 & setsid sleep 1000 & echo ready; touch ready; wait";
    for (int i = 0; i < 100; i++) {
      Path place = Files.createDirectory(directory.resolve("p" + i));
      Process jvm = Machine.jvm(FaultyMain.class, "64m", "flood", place.toString(), script);
      try {
        awaitFile(place.resolve("ready"));
      } finally {
        jvm.destroyForcibly().waitFor();
      }
      assertThat(Machine.processesWith(word)).isNotEmpty();

      try (Maestro maestro =
          FaultyMain.builder(place)
              .provider(CommandAgent.of(ProviderId.of("flooder"), "true"))
              .build()) {
        maestro.recover();
        assertThat(Machine.processesWith(word)).as("after kill %d", i).isEmpty();
      }
    }
  }

  private void awaitProcesses(int number) throws Exception {
    while (Machine.processesWith(word).size() < number) {
      Thread.onSpinWait();
    }
  }

  /** Waits for the operating system, which takes a moment to end what was killed. */
  private void awaitNobody() throws Exception {
    for (long pid : Machine.processesWith(word)) {
      ProcessHandle.of(pid)
          .ifPresent(process -> process.onExit().orTimeout(120, TimeUnit.SECONDS).join());
    }
    assertThat(Machine.processesWith(word)).isEmpty();
  }

  private static void awaitFile(Path file) throws Exception {
    try (var watch = file.getFileSystem().newWatchService()) {
      file.getParent().register(watch, java.nio.file.StandardWatchEventKinds.ENTRY_CREATE);
      while (!Files.exists(file)) {
        var key = watch.poll(10, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    }
  }

  /** Not one thread, handle or file more after a thousand openings than after the first. */
  @Test
  @Timeout(1_200)
  void openingAndClosingAThousandTimesLeavesNothing() throws Exception {
    Path store = directory.resolve("store");
    open(store, 0);
    open(store, 1);
    List<String> handles = ours(store);
    int open = Machine.handles().size();
    Set<String> files = files(store);

    for (int i = 2; i < 1_000; i++) {
      open(store, i % 2);
    }

    assertThat(ours(store)).isEqualTo(handles).isEmpty();
    assertThat(Machine.handles()).hasSizeLessThanOrEqualTo(open + 2);
    assertThat(files(store)).isEqualTo(files);
    assertThat(Machine.threadsLeft("maestro-")).isEmpty();
  }

  /** Open, do something or look at what was done, and close. */
  private void open(Path store, int run) throws Exception {
    try (Maestro maestro =
        builder("true").store(FileStore.at(store)).step("ok", "1", c -> "ok").build()) {
      maestro.listen(entry -> {});
      Pipeline pipeline = Pipeline.named("p").step("a", s -> s.code("ok", "1")).build();
      assertThat(maestro.start(pipeline, RunId.of("r" + run), Inputs.none()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  private static List<String> ours(Path store) throws IOException {
    return Machine.handles().stream().filter(h -> h.startsWith(store.toString())).toList();
  }

  private static Set<String> files(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      return files.map(Path::toString).collect(Collectors.toSet());
    }
  }
}
