package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Model;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ScriptedAgentTest {

  private static final Usage USAGE = Usage.of(10, 2, Money.usd("0.03"));
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final RecordingListener listener = new RecordingListener();
  private Requests requests;

  @BeforeEach
  void requests() {
    requests = new Requests(directory);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void saysWritesAndUsesWhatIsWrittenDown() throws Exception {
    AgentReply reply =
        run(
            Turn.says("done")
                .mentions("looking")
                .writes("src/deep/A.java", "class A {}")
                .usesTool("test", "{}", "ok")
                .uses(USAGE)
                .session("s1"));

    assertThat(reply).isEqualTo(new AgentReply("done", null, USAGE, SessionId.of("s1")));
    assertThat(directory.resolve("src/deep/A.java")).hasContent("class A {}");
    assertThat(listener.events())
        .containsExactly(
            new AgentEvent.Launched(null),
            new AgentEvent.SessionStarted(SessionId.of("s1")),
            new AgentEvent.Text("looking"),
            new AgentEvent.ToolUse("use-1", "test", "{}"),
            new AgentEvent.ToolResult("use-1", true, "ok"),
            new AgentEvent.Text("done"),
            new AgentEvent.UsageReported(USAGE),
            new AgentEvent.Completed("done"));
  }

  @Test
  void takesTheTurnOfTheAttemptAndKeepsTheLast() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("green", Turn.says("one"))
            .then(Turn.says("two"))
            .build();

    assertThat(IntStream.of(1, 2, 3).mapToObj(attempt -> say(agent, attempt)))
        .containsExactly("one", "two", "two");
  }

  @Test
  void prefersTheTaskToTheRoleAndThatToTheRest() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .onRole("tester", Turn.says("role"))
            .otherwise(Turn.says("rest"))
            .on("red", Turn.says("task"))
            .build();

    assertThat(run(agent, requests.role("red", "tester")).text()).isEqualTo("task");
    assertThat(run(agent, requests.role("other", "tester")).text()).isEqualTo("role");
    assertThat(run(agent, requests.role("other", "engineer")).text()).isEqualTo("rest");
  }

  @Test
  void failsWhereNothingIsWrittenDown() throws Exception {
    AgentReply reply = run(ScriptedAgent.named("scripted").build(), requests.role("red", "tester"));

    assertThat(reply.failure())
        .isEqualTo(
            Failure.of(
                ErrorClass.PERMANENT, "`scripted` has no script for task `red` (role `tester`)"));
  }

  @Test
  void failsAsToldAndReportsIt() throws Exception {
    Failure failure = Failure.of(ErrorClass.CONTEXT_OVERFLOW, "too long");

    assertThat(run(Turn.failing(failure).uses(USAGE))).isEqualTo(AgentReply.failed(failure, USAGE));
    assertThat(listener.events()).endsWith(new AgentEvent.Failed(failure));
  }

  @Test
  void hitsAQuotaUntilAnInstant() throws Exception {
    Instant until = Instant.parse("2026-01-01T05:00:00Z");

    Failure failure = run(Turn.quota(until)).problem().orElseThrow();

    assertThat(failure.errorClass()).isEqualTo(ErrorClass.QUOTA_EXHAUSTED);
    assertThat(failure.knownEnd()).contains(until);
  }

  @Test
  void liesWithoutTouchingAnything() throws Exception {
    AgentReply reply = run(Turn.lying());

    assertThat(reply.isCompleted()).isTrue();
    assertThat(reply.text()).isNotBlank();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void doesNothingAtAll() throws Exception {
    assertThat(run(Turn.nothing())).isEqualTo(AgentReply.completed("", Usage.NONE));
  }

  @Test
  void doesNotTellItsUsageWhereNobodyKnows() throws Exception {
    assertThat(run(Turn.says("done").usesUnknown()).knownUsage()).isEmpty();
  }

  @Test
  void hangsUntilCancelled() throws Exception {
    CancellationSource cancellation = new CancellationSource();
    ScriptedAgent agent = ScriptedAgent.named("scripted").otherwise(Turn.hanging()).build();
    Future<AgentReply> launch =
        threads.submit(() -> agent.run(requests.task("red", 1), listener, cancellation));
    agent.awaitLaunch("red", 1, PATIENCE);

    cancellation.cancel(Cancellation.Mode.GRACEFUL);

    assertThat(launch.get().problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.CANCELLED);
    assertThat(launch.get().knownUsage()).isEmpty();
  }

  @Test
  void stopsHangingWhenInterrupted() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    ScriptedAgent agent =
        ScriptedAgent.named("scripted").otherwise(Turn.nothing().signals(hanging).hangs()).build();
    Future<AgentReply> launch = threads.submit(() -> run(agent, requests.task("red", 1)));
    hanging.await();

    threads.shutdownNow();

    assertThatThrownBy(launch::get).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void waitsForTheTestAndGoesOn() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    Turn turn = Turn.says("on").signals(waiting).waitsFor(latch).writes("after", "x");
    Future<AgentReply> launch = threads.submit(() -> run(turn));
    waiting.await();

    assertThat(directory.resolve("after")).doesNotExist();
    latch.countDown();

    assertThat(launch.get().text()).isEqualTo("on");
    assertThat(directory.resolve("after")).exists();
  }

  @Test
  void stopsBeforeTheNextActWhenCancelled() throws Exception {
    CancellationSource cancellation = new CancellationSource();
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .otherwise(
                Turn.says("done")
                    .writes("before", "x")
                    .does((request, hears) -> cancellation.cancel(Cancellation.Mode.EMERGENCY))
                    .writes("after", "x"))
            .build();

    AgentReply reply = agent.run(requests.task("red", 1), listener, cancellation);

    assertThat(reply.problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.CANCELLED);
    assertThat(directory.resolve("before")).exists();
    assertThat(directory.resolve("after")).doesNotExist();
  }

  @Test
  void deletesFiles() throws Exception {
    Files.writeString(directory.resolve("old"), "x");

    run(Turn.says("gone").deletes("old").deletes("never there"));

    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void asksAndObeysTheAnswer() throws Exception {
    Turn turn =
        Turn.says("done")
            .asks(
                "write",
                "{}",
                (request, hears) -> Files.writeString(request.directory().resolve("f"), "x"));
    RecordingListener strict = new RecordingListener(PermissionDecision.deny("not today"));

    agent(turn).run(requests.task("red", 1), strict, Cancellation.never());
    assertThat(directory).isEmptyDirectory();
    assertThat(strict.events()).contains(new AgentEvent.ToolResult("use-1", false, "not today"));

    run(turn);
    assertThat(directory.resolve("f")).exists();
  }

  @Test
  void runsCodeAndLetsItsExceptionsOut() {
    Turn turn =
        Turn.doing(
            (request, hears) -> {
              throw new IllegalStateException("bug in " + request.attempt().task());
            });

    assertThatThrownBy(() -> run(turn)).hasMessage("bug in red");
  }

  @Test
  void stopsWhenTheListenerThrows() {
    ScriptedAgent agent = agent(Turn.says("done").writes("f", "x"));

    assertThatThrownBy(
            () ->
                agent.run(
                    requests.task("red", 1),
                    event -> {
                      throw new IllegalStateException("disk full");
                    },
                    Cancellation.never()))
        .hasMessage("disk full");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void goesOnInTheSessionItResumes() throws Exception {
    AgentReply reply = run(agent(Turn.says("on")), requests.resuming("red", "s7"));

    assertThat(reply.session()).isEqualTo(SessionId.of("s7"));
  }

  @Test
  void remembersItsLaunchesAndWhenTheyWere() throws Exception {
    try (VirtualTime time = VirtualTime.create()) {
      ScriptedAgent agent =
          ScriptedAgent.named("scripted").otherwise(Turn.says("x")).time(time).build();
      run(agent, requests.task("red", 1));
      time.advance(Duration.ofSeconds(5));
      run(agent, requests.task("green", 2));

      assertThat(agent.launches()).extracting(Launch::task).containsExactly("red", "green");
      Launch green = agent.launches("green").get(0);
      assertThat(green.attempt()).isEqualTo(2);
      assertThat(green.at()).isEqualTo(VirtualTime.USUAL_START.plusSeconds(5));
      assertThat(green.request().prompt()).isEqualTo("the prompt");
    }
  }

  @Test
  void losesPatienceWithALaunchThatDoesNotCome() {
    assertThatThrownBy(() -> agent(Turn.nothing()).awaitLaunch("red", 1, Duration.ofMillis(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("task `red` was launched 0 times, not 1, within PT0.001S");
  }

  @Test
  void canWhatItIsToldItCan() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .otherwise(Turn.says("x"))
            .capabilities(Capability.MCP)
            .models(new Model("m-1", "M"))
            .build();

    run(agent, requests.task("red", 1));

    assertThat(agent.capabilities().all()).containsExactly(Capability.MCP);
    assertThat(agent.models()).containsExactly(new Model("m-1", "M"));
    assertThat(agent.detect().present()).isTrue();
    assertThat(listener.events()).doesNotContain(new AgentEvent.Launched(null));
  }

  @Test
  void servesManyTasksAtOnce() throws Exception {
    CountDownLatch all = new CountDownLatch(8);
    ScriptedAgent agent =
        agent(
            Turn.says("x")
                .does(
                    (request, hears) -> {
                      all.countDown();
                      all.await();
                    }));
    Callable<AgentReply> launch = () -> run(agent, requests.task("red", 1));

    for (Future<AgentReply> each :
        threads.invokeAll(IntStream.range(0, 8).mapToObj(number -> launch).toList())) {
      assertThat(each.get().isCompleted()).isTrue();
    }
    assertThat(agent.launches()).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x",
        "a/../../x",
        "/x",
        "a//x",
        "./x",
        "",
        "a\\..\\x",
        "C:x",
        ".git/config",
        "a/.GIT/x"
      })
  void refusesToWriteOutsideTheWorkspace(String path) {
    assertThatThrownBy(() -> Turn.says("x").writes(path, "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Turn.says("x").deletes(path))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesToFollowASymbolicLink(@TempDir Path elsewhere) throws IOException {
    Files.createSymbolicLink(directory.resolve("link"), elsewhere);

    assertThatThrownBy(() -> run(Turn.says("x").writes("link/f", "x")))
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("link/f");
    assertThat(elsewhere).isEmptyDirectory();
  }

  private String say(ScriptedAgent agent, int attempt) {
    try {
      return run(agent, requests.task("green", attempt)).text();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private AgentReply run(Turn turn) throws InterruptedException {
    return run(agent(turn), requests.task("red", 1));
  }

  private AgentReply run(ScriptedAgent agent, AgentRequest request) throws InterruptedException {
    return agent.run(request, listener, Cancellation.never());
  }

  private static ScriptedAgent agent(Turn turn) {
    return ScriptedAgent.named("scripted").otherwise(turn).build();
  }
}
