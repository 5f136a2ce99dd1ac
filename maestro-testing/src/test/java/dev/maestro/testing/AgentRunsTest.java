package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.Capability;
import dev.maestro.agent.ProviderId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.attempt.Interceptor;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agent steps through the real engine. */
@Timeout(300)
class AgentRunsTest {

  private static final Actor ANNA = Actor.of("anna");
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Usage SOME = Usage.of(10, 5, Money.usd("0.01"));

  @TempDir Path directory;

  private Path work;
  private final VirtualTime time = VirtualTime.create();
  private final Disk disk = new Disk(InMemoryStore.create());

  @BeforeEach
  void makeTheDirectory() throws Exception {
    work = Files.createDirectory(directory.resolve("work"));
  }

  private MaestroBuilder builder(StoreSource store, ScriptedAgent agent) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .provider(agent)
        .time(time)
        .random(() -> 0.5)
        .workspaces(DirectoryWorkspaces.at(work));
  }

  private static Pipeline one(Consumer<StepBuilder> more) {
    return Pipeline.named("one")
        .step(
            "a",
            s -> {
              s.agent("engineer").prompt("Do it").backoff(Backoff.NONE);
              more.accept(s);
            })
        .build();
  }

  private RunResult run(ScriptedAgent agent, Pipeline pipeline) throws Exception {
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      return maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  private static ScriptedAgent.Builder agent() {
    return ScriptedAgent.named("scripted");
  }

  // ------------------------------------------------------------------ intent and launch

  @Test
  void withoutAnIntentOnDiskNobodyIsLaunched() throws Exception {
    ScriptedAgent agent = agent().otherwise(Turn.says("done")).build();
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      disk.dieAt(RunEvent.Intent.class);
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      assertThatThrownBy(run::await).isInstanceOf(StoreException.class);
    }
    assertThat(agent.launches()).isEmpty();

    RunResult result = recovered(agent);
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).launches()).isEqualTo(1);
  }

  @Test
  void withoutALaunchOnDiskNobodyGetsAPrompt() throws Exception {
    AtomicInteger prompted = new AtomicInteger();
    ScriptedAgent agent =
        agent().otherwise(Turn.says("done").does((r, l) -> prompted.incrementAndGet())).build();
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      disk.dieAt(RunEvent.Launched.class);
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      assertThatThrownBy(run::await).isInstanceOf(StoreException.class);
    }
    assertThat(prompted).hasValue(0);

    RunResult result = recovered(agent);
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).launches()).isEqualTo(1);
    assertThat(prompted).hasValue(1);
  }

  private RunResult recovered(ScriptedAgent agent) throws Exception {
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      return maestro.recover().runs().get(0).await();
    }
  }

  @Test
  void aCrashInALaunchSpendsItAndTheLastOneAsksAPerson() throws Exception {
    for (int crash = 1; crash <= 2; crash++) {
      // the launch is on disk before the turn begins
      CountDownLatch prompted = new CountDownLatch(1);
      ScriptedAgent hanging = agent().otherwise(Turn.nothing().signals(prompted).hangs()).build();
      try (Maestro maestro = builder(disk.reopened(), hanging).build()) {
        maestro.start(one(s -> s.attempts(2)), RunId.of("r"), Inputs.none());
        prompted.await();
        disk.die();
      }
    }
    ScriptedAgent good = agent().otherwise(Turn.says("done").uses(SOME)).build();
    try (Maestro maestro = builder(disk.reopened(), good).build()) {
      Run run = maestro.recover().runs().get(0);
      RunResult asked = run.await();
      assertThat(asked.questions())
          .singleElement()
          .extracting(Question::kind)
          .isEqualTo(Question.Kind.LAUNCH_AGAIN);
      assertThat(good.launches()).isEmpty();

      run.answer(asked.questions().get(0).id(), Answer.approve(), ANNA);
      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(good.launches()).hasSize(1);
      assertThat(task(result).usage().presumed()).isTrue();
    }
  }

  @Test
  void anEngineThatWasLeftForDeadIsFencedOff() throws Exception {
    // the launch is on disk before the turn begins
    CountDownLatch prompted = new CountDownLatch(1);
    CountDownLatch late = new CountDownLatch(1);
    ScriptedAgent slow =
        agent().otherwise(Turn.says("late").uses(SOME).signals(prompted).waitsFor(late)).build();
    StoreSource store = InMemoryStore.create();
    try (Maestro dead = builder(store, slow).build()) {
      Run abandoned = dead.start(one(s -> s.attempts(2).output("x")), RunId.of("r"), Inputs.none());
      var waiting = abandoned.completion().toCompletableFuture();
      prompted.await();
      ScriptedAgent good = agent().otherwise(Turn.says("good").uses(SOME)).build();
      try (Maestro maestro = builder(store, good).build()) {
        RunResult result = maestro.recover().runs().get(0).await();
        assertThat(result.text("x")).contains("good");
        late.countDown();
        assertThatThrownBy(waiting::get).hasStackTraceContaining("taken over");
        assertThat(result.snapshot().task("a").orElseThrow().attempt()).isEqualTo(2);
      }
    }
  }

  @Test
  void launchesNeverExceedAttempts() throws Exception {
    ScriptedAgent agent = agent().otherwise(Turn.failing(ErrorClass.TRANSIENT, "no luck")).build();
    RunResult result = run(agent, one(s -> s.attempts(3)));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(Reason.ATTEMPTS_EXHAUSTED);
    assertThat(agent.launches()).hasSize(3);
  }

  @Test
  void aProviderThatReportsItsLaunchTwiceFailsItsAttemptAndHangsNothing() throws Exception {
    ScriptedAgent agent =
        agent()
            .otherwise(
                Turn.says("x")
                    .does(
                        (r, listener) ->
                            listener.on(new dev.maestro.agent.AgentEvent.Launched(null))))
            .build();
    RunResult result = run(agent, one(s -> {}));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
  }

  @Test
  void aProviderThatThrowsHasUsedUpNobodyKnowsHowMuch() throws Exception {
    ScriptedAgent agent =
        agent()
            .otherwise(
                Turn.doing(
                    (r, l) -> {
                      throw new IllegalStateException("bug");
                    }))
            .build();
    RunResult result = run(agent, one(s -> {}));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).usage().presumed()).isTrue();
  }

  // ------------------------------------------------------------------ outcomes

  @Test
  void anAgentThatDidNothingIsNotSuccessful() throws Exception {
    RunResult result = run(agent().otherwise(Turn.nothing()).build(), one(s -> {}));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(Reason.NO_OP);
  }

  @Test
  void anAgentMayDoNothingWhereTheStepAllowsIt() throws Exception {
    RunResult result = run(agent().otherwise(Turn.nothing()).build(), one(StepBuilder::allowNoOp));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void anAgentThatOnlyWroteAFileDidSomething() throws Exception {
    RunResult result =
        run(agent().otherwise(Turn.nothing().writes("made", "x")).build(), one(s -> {}));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).evidence()).isEqualTo(dev.maestro.run.Evidence.NONE);
  }

  @Test
  void aQuotaIsWaitedForUntilItIsThereAgain() throws Exception {
    Instant until = VirtualTime.USUAL_START.plus(Duration.ofHours(5));
    ScriptedAgent agent =
        agent().otherwise(Turn.quota(until)).then(Turn.says("done").uses(SOME)).build();
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      CountDownLatch waiting = waiting(maestro);
      Run run = maestro.start(one(s -> s.attempts(2)), RunId.of("r"), Inputs.none());
      waiting.await();
      // the loop answers after it has set its alarm
      run.snapshot();
      assertThat(time.nextAlarm()).contains(until);
      time.moveTo(until.minusSeconds(1));
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.WAITING);
      assertThat(agent.launches()).hasSize(1);
      time.moveTo(until);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  /** {@return opens when a run waits for a person or the time} */
  private static CountDownLatch waiting(Maestro maestro) {
    CountDownLatch waiting = new CountDownLatch(1);
    maestro.listen(
        entry -> {
          if (entry.event() instanceof RunEvent.RunMoved moved && moved.to() == RunStatus.WAITING) {
            waiting.countDown();
          }
        });
    return waiting;
  }

  @Test
  void aWaitThatARuleDemandsCostsNoAttempt() throws Exception {
    Instant until = VirtualTime.USUAL_START.plusSeconds(60);
    ScriptedAgent agent = agent().otherwise(Turn.says("done").uses(SOME)).build();
    Interceptor limit =
        Interceptor.at(
            Place.LIMITS,
            c ->
                time.instant().isBefore(until)
                    ? new Verdict.Wait(Reason.RATE_LIMITED, until)
                    : Verdict.proceed());
    try (Maestro maestro = builder(disk.reopened(), agent).interceptor("limit", limit).build()) {
      CountDownLatch waiting = waiting(maestro);
      Run run = maestro.start(one(s -> s.intercept("limit")), RunId.of("r"), Inputs.none());
      waiting.await();
      assertThat(run.snapshot().task("a").orElseThrow().state()).isEqualTo(TaskState.PAUSED);
      assertThat(agent.launches()).isEmpty();
      time.moveTo(until);
      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(task(result).attempt()).isEqualTo(1);
    }
  }

  @Test
  void theNextAttemptIsToldWhatTheGateSaid() throws Exception {
    ScriptedAgent agent =
        agent()
            .otherwise(Turn.says("bad").uses(SOME).writes("made", "bad").session("s-1"))
            .then(Turn.says("good").uses(SOME).writes("made", "good"))
            .build();
    RunResult result =
        run(
            agent,
            one(
                s ->
                    s.attempts(2)
                        .gate(Gate.command("sh", "-c", "cat made; echo; grep -q good made"))));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    Launch second = agent.launches().get(1);
    assertThat(second.request().prompt())
        .startsWith("Do it")
        .contains("gate-failed")
        .contains("exited with 1")
        .contains("bad");
    assertThat(second.request().resumes()).map(Object::toString).contains("s-1");
    assertThat(task(result).receipts()).singleElement().matches(receipt -> receipt.passed());
  }

  @Test
  void aStepContinuesTheConversationOfAnother() throws Exception {
    Pipeline pipeline =
        Pipeline.named("two")
            .step("a", s -> s.agent("engineer").prompt("Do it"))
            .step("b", s -> s.agent("engineer").prompt("Go on").after("a").continues("a"))
            .build();
    ScriptedAgent agent = agent().otherwise(Turn.says("x").uses(SOME).session("s-7")).build();
    assertThat(run(agent, pipeline).status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(agent.launches("b").get(0).request().resumes())
        .map(Object::toString)
        .contains("s-7");

    ScriptedAgent forgetful =
        agent().otherwise(Turn.says("x")).capabilities(Capability.PROMPT_AFTER_START).build();
    try (Maestro maestro = builder(InMemoryStore.create(), forgetful).build()) {
      assertThatThrownBy(() -> maestro.start(pipeline, RunId.of("s"), Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("step `b` needs session resume; provider `scripted` has none");
    }
  }

  @Test
  void aModelThatItsProviderCannotBeToldIsRefusedBeforeAnythingStarts() throws Exception {
    Path mark = directory.resolve("started");
    CommandAgent agent = CommandAgent.of(ProviderId.of("mine"), "sh", "-c", "touch " + mark);
    Pipeline named =
        Pipeline.named("named")
            .step("a", s -> s.agent("mine").model("m-1").prompt("Do it"))
            .build();
    Pipeline climbing =
        Pipeline.named("climbing")
            .step(
                "a",
                s -> s.agent("mine").prompt("Do it").attempts(2).ladder(Ladder.of("m-2", "m-3")))
            .build();

    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(work))
            .provider(agent)
            .build()) {
      assertThatThrownBy(() -> maestro.start(named, RunId.of("n"), Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining(
              "step `a` asks for model `m-1`; provider `mine` cannot be told which to use");
      assertThatThrownBy(() -> maestro.start(climbing, RunId.of("c"), Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("model `m-2`")
          .hasMessageContaining("model `m-3`");
    }
    assertThat(mark).doesNotExist();
  }

  @Test
  void anOutputThatShouldBeJsonIsTriedAgain() throws Exception {
    ScriptedAgent agent =
        agent()
            .otherwise(Turn.says("not json").uses(SOME))
            .then(Turn.says("```json\n{\"n\": 7}\n```").uses(SOME))
            .build();
    RunResult result =
        run(
            agent,
            one(
                s ->
                    s.attempts(2)
                        .output(
                            dev.maestro.pipeline.Output.json(
                                "x", com.fasterxml.jackson.databind.JsonNode.class))));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(result.text("x")).contains("{\"n\":7}");
    assertThat(agent.launches().get(1).request().prompt()).contains("should be JSON");
  }

  // ------------------------------------------------------------------ stopping

  @Test
  void stopInterruptsABlockedAgentAtOnce() throws Exception {
    ScriptedAgent agent = agent().otherwise(Turn.hanging()).build();
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      agent.awaitLaunch("a", 1, PATIENCE);
      // at once: the time that a cancelled agent has to come to an end does not pass here
      run.stop("fire", ANNA);
      Optional<RunResult> stopped = run.await(PATIENCE);
      assertThat(stopped).isPresent();
      assertThat(stopped.get().status()).isEqualTo(RunStatus.PAUSED);
      assertThat(task(stopped.get()).session()).isEmpty();
    }
  }

  @Test
  void anAgentThatKnowsNoLimitsIsEndedAtItsLimit() throws Exception {
    ScriptedAgent agent =
        agent().otherwise(Turn.hanging()).then(Turn.says("done").uses(SOME)).build();
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      Run run =
          maestro.start(
              one(s -> s.attempts(2).timeout(Duration.ofMinutes(5))), RunId.of("r"), Inputs.none());
      agent.awaitLaunch("a", 1, PATIENCE);
      time.advance(Duration.ofMinutes(6));
      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches().get(1).request().prompt()).contains("took longer than PT5M");
    }
  }

  @Test
  void anAgentThatIgnoresEverythingButInterruptsIsInterruptedWhenCancelled() throws Exception {
    CountDownLatch in = new CountDownLatch(1);
    ScriptedAgent agent =
        agent()
            .otherwise(
                Turn.doing(
                    (r, l) -> {
                      in.countDown();
                      new CountDownLatch(1).await();
                    }))
            .build();
    try (Maestro maestro = builder(disk.reopened(), agent).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      in.await();
      run.cancel("no", ANNA);
      while (!run.completion().toCompletableFuture().isDone()) {
        time.advanceToNextAlarm();
      }
      assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
    }
  }

  @Test
  void closingSpendsTheLaunchThatWasUnderWay() throws Exception {
    ScriptedAgent hanging = agent().otherwise(Turn.hanging()).build();
    try (Maestro maestro = builder(disk.reopened(), hanging).build()) {
      maestro.start(one(s -> s.attempts(2)), RunId.of("r"), Inputs.none());
      hanging.awaitLaunch("a", 1, PATIENCE);
    }
    ScriptedAgent good = agent().otherwise(Turn.says("done").uses(SOME)).build();
    RunResult result = recovered(good);
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).launches()).isLessThanOrEqualTo(2);
    assertThat(task(result).attempt()).isEqualTo(task(result).launches());
  }

  // ------------------------------------------------------------------ secrets

  @Test
  void secretsAreNowhereOnDisk() throws Exception {
    String secret = "tops3cret\"quoted-value";
    ScriptedAgent agent =
        agent()
            .otherwise(Turn.says("the token is " + secret).uses(SOME))
            .on(
                "b",
                Turn.doing(
                    (r, l) -> {
                      throw new IllegalStateException("cannot use " + r.environment().get("TOKEN"));
                    }))
            .on("c", Turn.says("{\"t\": \"tops3cret\\\"quoted-value\"}").uses(SOME))
            .build();
    Pipeline pipeline =
        Pipeline.named("secret")
            .step(
                "a",
                s ->
                    s.agent("x")
                        .prompt("go")
                        .secret("TOKEN")
                        .output("out")
                        .gate(Gate.command("sh", "-c", "echo gate $TOKEN; exit 0")))
            .step("b", s -> s.agent("x").prompt("go").secret("TOKEN"))
            .step(
                "c",
                s ->
                    s.agent("x")
                        .prompt("go")
                        .secret("TOKEN")
                        .output(
                            dev.maestro.pipeline.Output.json(
                                "json", com.fasterxml.jackson.databind.JsonNode.class)))
            .step(
                "d",
                s ->
                    s.command("sh", "-c", "echo out $TOKEN; echo err $TOKEN >&2; exit 3")
                        .secret("TOKEN"))
            .step(
                "e",
                s ->
                    s.command(
                            "sh",
                            "-c",
                            "i=0; while [ $i -lt 300 ]; do printf \"$TOKEN \"; i=$((i+1)); done;"
                                + " exit 3")
                        .secret("TOKEN"))
            .build();
    Path store = directory.resolve("store");
    try (Maestro maestro =
        builder(FileStore.at(store), agent).secrets(name -> Optional.of(secret)).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
      assertThat(result.text("out")).contains("the token is ***");
    }
    try (Stream<Path> files = Files.walk(store)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(List.of("tops3cret", "quoted-value"))
            .as("in %s", file)
            .noneMatch(bytes::contains);
      }
    }
  }

  @Test
  void whatIsSaidOfAFailureIsCutAndHasNoHalfOfASecretInIt() throws Exception {
    String secret = "tops3cret-value";
    String before = "x".repeat(3_990);
    ScriptedAgent agent =
        agent()
            .on("a", Turn.failing(ErrorClass.PERMANENT, before + secret + before))
            .on(
                "b",
                Turn.doing(
                    (r, l) -> {
                      throw new IllegalStateException(before + secret);
                    }))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("go").secret("TOKEN"))
            .step("b", s -> s.agent("x").prompt("go").secret("TOKEN"))
            .build();
    try (Maestro maestro =
        builder(disk.reopened(), agent).secrets(name -> Optional.of(secret)).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(List.of("a", "b"))
          .map(step -> result.snapshot().task(step).orElseThrow().trouble().orElseThrow().message())
          .allSatisfy(message -> assertThat(message).hasSizeLessThan(4_100).contains("***"))
          .allSatisfy(message -> assertThat(message).doesNotContain("tops"));
    }
  }

  // ------------------------------------------------------------------ whoever watches

  @Test
  void watchersHearWhatAgentsSayInOrderWhateverTheyAndOthersDo() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    List<String> heardBesideThem = new CopyOnWriteArrayList<>();
    CountDownLatch all = new CountDownLatch(8);
    CountDownLatch blocked = new CountDownLatch(1);
    Turn turn = Turn.says("done").mentions("one").mentions("two").mentions("three");
    ScriptedAgent agent = agent().on("a", turn).build();

    try (Maestro maestro = builder(InMemoryStore.create(), agent).build()) {
      maestro.watch(
          (attempt, event) -> {
            note(event, heard, all);
            Thread.currentThread().interrupt();
            throw new AssertionError("a watcher that throws errors and leaves interrupts behind");
          });
      maestro.watch(
          (attempt, event) -> {
            blocked.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      maestro.watch((attempt, event) -> note(event, heardBesideThem, all));
      RunResult result = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      all.await();
      blocked.await();
    }
    assertThat(heard).containsExactly("one", "two", "three", "done");
    assertThat(heardBesideThem).containsExactly("one", "two", "three", "done");
    assertThat(Machine.threadsLeft("maestro-stream")).isEmpty();
  }

  private static void note(AgentEvent event, List<String> heard, CountDownLatch all) {
    if (event instanceof AgentEvent.Text said) {
      heard.add(said.text());
      all.countDown();
    }
  }
}
