package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.attempt.CodeStep;
import dev.maestro.attempt.Interceptor;
import dev.maestro.attempt.SecretSource;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.gate.Receipt;
import dev.maestro.gate.TestCounting;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.Workspaces;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class AttemptsTest {

  private static final Actor ANNA = Actor.of("anna");
  private static final Reason RULE = Reason.of("rule");

  @TempDir Path directory;

  private MaestroBuilder builder() {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private static Pipeline one(Consumer<StepBuilder> step) {
    return Pipeline.named("one").step("a", step).build();
  }

  private static RunResult run(MaestroBuilder builder, Pipeline pipeline) throws Exception {
    try (Maestro maestro = builder.build()) {
      return maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  // ------------------------------------------------------------------ code that misbehaves

  @Test
  void anErrorOutOfACodeStepFailsItsTask() throws Exception {
    RunResult result =
        run(
            builder()
                .step(
                    "bad",
                    "1",
                    c -> {
                      throw new StackOverflowError("too deep");
                    }),
            one(s -> s.code("bad", "1")));

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).trouble().orElseThrow().message()).contains("too deep");
  }

  @Test
  void anInterruptedExceptionThatNobodyCausedFailsTheAttemptAndTheNextOneGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RunResult result =
        run(
            builder()
                .step(
                    "odd",
                    "1",
                    c -> {
                      if (calls.incrementAndGet() == 1) {
                        throw new InterruptedException("by nobody");
                      }
                      return "fine";
                    }),
            one(s -> s.code("odd", "1").attempts(2).backoff(Backoff.NONE)));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(calls).hasValue(2);
  }

  @Test
  void aPermanentExceptionIsNotTriedAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RunResult result =
        run(
            builder()
                .step(
                    "bad",
                    "1",
                    c -> {
                      calls.incrementAndGet();
                      throw new PermanentException("no use");
                    }),
            one(s -> s.code("bad", "1").attempts(3).backoff(Backoff.NONE)));

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(calls).hasValue(1);
  }

  @Test
  void aHugeMessageDoesNotGoIntoTheJournalWhole() throws Exception {
    RunResult result =
        run(
            builder()
                .step(
                    "loud",
                    "1",
                    c -> {
                      throw new IllegalStateException("x".repeat(80_000_000));
                    }),
            one(s -> s.code("loud", "1")));

    assertThat(task(result).trouble().orElseThrow().message()).hasSizeLessThan(5_000);
  }

  @Test
  void anOutputThatIsNoJsonFailsTheTask() throws Exception {
    RunResult result =
        run(
            builder().step("odd", "1", c -> new Object()),
            one(s -> s.code("odd", "1").output("x")));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
  }

  /** A pipeline of which a later step has a secret. */
  private static Pipeline knowing(Consumer<StepBuilder> step) {
    return Pipeline.named("knowing")
        .step("a", step)
        .step("b", s -> s.command("true").after("a").secret("TOKEN"))
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noSecretIsInWhatIsThrown(boolean error) throws Exception {
    String told = "the token is hunter2-hunter2";
    CodeStep broken =
        context -> {
          if (error) {
            throw new AssertionError(told);
          }
          throw new IOException(told);
        };

    RunResult result =
        run(
            builder().secrets(name -> Optional.of("hunter2-hunter2")).step("broken", "1", broken),
            knowing(s -> s.code("broken", "1")));

    assertThat(task(result).trouble().orElseThrow().message())
        .contains("the token is ***")
        .doesNotContain("hunter2");
  }

  @Test
  void nothingOfAnErrorIsToldWhereNobodyCanSayWhatIsSecret() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    SecretSource forgetful =
        name -> {
          if (asked.incrementAndGet() > 1) {
            throw new IllegalStateException("locked");
          }
          return Optional.of("hunter2-hunter2");
        };
    CodeStep broken =
        context -> {
          throw new AssertionError("the token is hunter2-hunter2");
        };

    RunResult result =
        run(
            builder().secrets(forgetful).step("broken", "1", broken),
            knowing(s -> s.code("broken", "1")));

    assertThat(task(result).trouble().orElseThrow().message())
        .isEqualTo("java.lang.AssertionError");
  }

  @Test
  void largeOutputsBecomeBlobsAndTemplatesSeeThem() throws Exception {
    String large = "y".repeat(50_000);
    Pipeline pipeline =
        Pipeline.named("large")
            .step("a", s -> s.code("large", "1").output("x"))
            .step(
                "b",
                s ->
                    s.command("sh", "-c", "printf %s \"$1\" | wc -c", "sh", "{{ x }}")
                        .after("a")
                        .output("length"))
            .build();
    try (Maestro maestro = builder().step("large", "1", c -> large).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
      assertThat(result.text("length")).contains("50000");
      assertThat(result.text("x")).contains(large);
    }
  }

  @Test
  void anOutputThatSteersMustBeSmall() throws Exception {
    Pipeline pipeline =
        Pipeline.named("steering")
            .step("a", s -> s.code("large", "1").output("x"))
            .step("b", s -> s.command("true").after("a").when("{{ x }} contains 'y'"))
            .build();
    RunResult result = run(builder().step("large", "1", c -> "y".repeat(9_000)), pipeline);

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).trouble().orElseThrow().message())
        .contains("9002 bytes")
        .contains("8192");
  }

  // ------------------------------------------------------------------ predicates

  @Test
  void aPredicateDecidesWhetherAStepRuns() throws Exception {
    Pipeline pipeline =
        Pipeline.named("when")
            .step("a", s -> s.code("n", "1").when(new Condition.Predicate("no", "1")))
            .step("b", s -> s.code("n", "1").when(new Condition.Predicate("yes", "1")))
            .build();
    RunResult result =
        run(
            builder()
                .step("n", "1", c -> null)
                .predicate("no", "1", c -> false)
                .predicate("yes", "1", c -> true),
            pipeline);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).state()).isEqualTo(TaskState.SKIPPED);
    assertThat(result.snapshot().task("b").orElseThrow().state()).isEqualTo(TaskState.COMPLETED);
  }

  @Test
  void aPredicateThatIsMissingBlocks() throws Exception {
    RunResult result =
        run(
            builder().step("n", "1", c -> null),
            one(s -> s.code("n", "1").when(new Condition.Predicate("gone", "1"))));
    assertThat(task(result).state()).isEqualTo(TaskState.BLOCKED);
    assertThat(task(result).reason()).contains(Reason.CODE_MISSING);
  }

  @Test
  void aPredicateThatThrowsAnErrorBlocksAndCanBeRetried() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    MaestroBuilder builder =
        builder()
            .step("n", "1", c -> null)
            .predicate(
                "bad",
                "1",
                c -> {
                  if (calls.incrementAndGet() == 1) {
                    throw new AssertionError("not today");
                  }
                  return true;
                });
    try (Maestro maestro = builder.build()) {
      Run run =
          maestro.start(
              one(s -> s.code("n", "1").when(new Condition.Predicate("bad", "1"))),
              RunId.of("r"),
              Inputs.none());
      RunResult blocked = run.await();
      assertThat(task(blocked).state()).isEqualTo(TaskState.BLOCKED);
      assertThat(task(blocked).detail()).contains("not today");

      run.retry(TaskId.of("a"), ANNA);
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  // ------------------------------------------------------------------ gates

  @Test
  void aGateInCodeSeesTheFilesAndItsFindingIsTheEvidence() throws Exception {
    GateCheck check =
        subject ->
            Files.exists(subject.directory().resolve("made"))
                ? GateCheck.Finding.pass()
                : GateCheck.Finding.fail("there is no file");
    RunResult result =
        run(
            builder().gate("made", "1", check),
            one(s -> s.command("touch", "made").gate(Gate.code("made", "1"))));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).receipts()).extracting(Receipt::passed).containsExactly(true);
  }

  @Test
  void aGateThatThrowsFailsWithWhatItSaid() throws Exception {
    RunResult result =
        run(
            builder()
                .gate(
                    "bad",
                    "1",
                    subject -> {
                      throw new java.io.IOException("cannot look");
                    }),
            one(s -> s.command("true").gate(Gate.code("bad", "1"))));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(Reason.GATE_FAILED);
    assertThat(task(result).trouble().orElseThrow().excerpt()).contains("cannot look");
  }

  @Test
  void aMissingGateBlocksBeforeAnythingIsDone() throws Exception {
    RunResult result =
        run(builder(), one(s -> s.command("touch", "made").gate(Gate.code("gone", "1"))));
    assertThat(task(result).state()).isEqualTo(TaskState.BLOCKED);
    assertThat(task(result).reason()).contains(Reason.CODE_MISSING);
    assertThat(directory.resolve("made")).doesNotExist();
  }

  @Test
  void aGateThatCannotBeStartedFailsAndSaysSo() throws Exception {
    RunResult result =
        run(builder(), one(s -> s.command("true").gate(Gate.command("no-such-program-here"))));
    assertThat(task(result).reason()).contains(Reason.GATE_FAILED);
    assertThat(task(result).trouble().orElseThrow().excerpt()).contains("no such program");
    assertThat(task(result).detail().orElseThrow())
        .startsWith("the gate 'no-such-program-here' did not pass: cannot start")
        .contains("is it installed and on the PATH?");
  }

  @Test
  void laterGatesDoNotRunAfterOneHasFailed() throws Exception {
    RunResult result =
        run(
            builder(),
            one(
                s ->
                    s.command("true")
                        .gate(Gate.command("false"))
                        .gate(Gate.command("touch", "second"))));
    assertThat(task(result).receipts()).hasSize(1);
    assertThat(directory.resolve("second")).doesNotExist();
  }

  @Test
  void protectingPathsInAPlainDirectoryIsRefusedAtStart() {
    assertThatThrownBy(
            () ->
                run(
                    builder(),
                    one(s -> s.command("true").gate(Gate.command("true").protects("src/**")))))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("protects");
  }

  @Test
  void countingTestsInAPlainDirectoryIsRefusedAtStart() {
    assertThatThrownBy(
            () ->
                run(
                    builder(),
                    one(
                        s ->
                            s.command("true")
                                .gate(
                                    Gate.command("true").keepsTests(TestCounting.junit("*.xml"))))))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("keeps tests");
  }

  @Test
  void aDirectoryThatIsNotThereBlocksAndSaysSo() throws Exception {
    RunResult result =
        run(
            builder().workspaces(DirectoryWorkspaces.at(directory.resolve("gone"))),
            one(s -> s.command("true")));
    assertThat(task(result).state()).isEqualTo(TaskState.BLOCKED);
    assertThat(task(result).detail().orElseThrow()).contains("there is no directory");
  }

  /** Workspaces that cannot be opened the first times. */
  private Workspaces shaky(int times, AtomicInteger opened) {
    Workspaces place = DirectoryWorkspaces.at(directory);
    InvocationHandler handler =
        (proxy, method, arguments) -> {
          if (method.getName().equals("open") && opened.incrementAndGet() <= times) {
            throw new TransientException("locked for a moment");
          }
          return method.invoke(place, arguments);
        };
    return (Workspaces)
        Proxy.newProxyInstance(
            Workspaces.class.getClassLoader(), new Class<?>[] {Workspaces.class}, handler);
  }

  @Test
  void aWorkspaceThatFailsForAMomentCostsNoAttempt() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    RunResult result =
        run(builder().workspaces(shaky(2, opened)), one(s -> s.command("touch", "made")));
    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).attempt()).isEqualTo(1);
    assertThat(opened.get()).isGreaterThan(2);
  }

  @Test
  void aWorkspaceThatKeepsFailingFailsTheAttempt() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    RunResult result =
        run(builder().workspaces(shaky(Integer.MAX_VALUE, opened)), one(s -> s.command("true")));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).detail().orElseThrow()).contains("locked for a moment");
    assertThat(opened).hasValue(3);
  }

  // ------------------------------------------------------------------ what was paid for

  /** Workspaces in which each kind of call fails so many times before it succeeds. */
  private Workspaces busy(int times) {
    Workspaces place = DirectoryWorkspaces.at(directory);
    return proxy(
        Workspaces.class,
        (proxy, method, arguments) ->
            method.getName().equals("open")
                ? new Opening.Opened(busy((Opening.Opened) method.invoke(place, arguments), times))
                : method.invoke(place, arguments));
  }

  private static Workspace busy(Opening.Opened opened, int times) {
    Map<String, Integer> calls = new HashMap<>();
    return proxy(
        Workspace.class,
        (proxy, method, arguments) -> {
          boolean canFail = method.getExceptionTypes().length > 0;
          if (canFail && calls.merge(method.getName(), 1, Integer::sum) <= times) {
            throw new TransientException("locked for a moment");
          } else if (method.getName().equals("close")) {
            throw new TransientException("cannot let go");
          }
          return method.invoke(opened.workspace(), arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @Test
  void workThatIsPaidForOutlastsAWorkspaceThatIsBusyForAMoment() throws Exception {
    Paid paid = new Paid();
    RunResult result =
        run(
            builder().workspaces(busy(2)).provider(paid),
            one(s -> s.agent("a").prompt("p").gate(Gate.command("true")).attempts(3)));

    assertThat(result.status()).as("%s", task(result)).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(paid.launches).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatALaunchHasUsedUpIsKnownWhateverFailsBehindIt(boolean error) throws Exception {
    Interceptor broken =
        Interceptor.at(
            Place.OUTPUT,
            c -> {
              if (error) {
                throw new NoClassDefFoundError("a bug");
              }
              throw new IllegalStateException("a bug");
            });
    RunResult result =
        run(
            builder().provider(new Paid()).interceptor("broken", broken),
            one(s -> s.agent("a").prompt("p").intercept("broken")));

    assertThat(task(result).state()).isEqualTo(TaskState.FAILED);
    assertThat(task(result).trouble().orElseThrow().message()).contains("a bug");
    assertThat(task(result).usage().tokens()).isEqualTo(120);
    assertThat(task(result).session()).contains(SessionId.of("s"));
  }

  @Test
  void whatAHostHasUsedUpIsKnownWhateverFailsBehindIt() throws Exception {
    Interceptor broken =
        Interceptor.at(
            Place.OUTPUT,
            c -> {
              throw new IllegalStateException("a bug");
            });
    try (Maestro maestro = builder().interceptor("broken", broken).build()) {
      Pipeline pipeline =
          one(s -> s.agent("a").prompt("p").output("o").byClaim().intercept("broken"));
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();
      run.claim(TaskId.of("a"), ANNA, Duration.ofHours(1)).orElseThrow().complete("it", Paid.USED);

      assertThat(task(run.await()).usage().tokens()).isEqualTo(120);
    }
  }

  @Test
  void programsEndAtTheirTimeLimit() throws Exception {
    RunResult result =
        run(
            builder(),
            one(s -> s.command("sleep", "1000").timeout(java.time.Duration.ofMillis(300))));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(Reason.TIMEOUT);
  }

  // ------------------------------------------------------------------ interceptors

  private RunResult intercepted(Place place, Verdict verdict) throws Exception {
    return run(
        builder().interceptor("rule", Interceptor.at(place, context -> verdict)),
        one(s -> s.command("touch", "made").intercept("rule")));
  }

  @ParameterizedTest
  @EnumSource(
      value = Place.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ROUTE", "TOOL", "MERGE", "RETRY"})
  void whatMayProceedProceeds(Place place) throws Exception {
    assertThat(intercepted(place, Verdict.proceed()).status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Place.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ROUTE", "TOOL", "MERGE", "RETRY"})
  void whatIsDegradedGoesOn(Place place) throws Exception {
    assertThat(intercepted(place, new Verdict.Degrade(RULE, "less")).status())
        .isEqualTo(RunStatus.SUCCEEDED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Place.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ROUTE", "TOOL", "MERGE", "RETRY"})
  void whatIsRefusedForGoodFails(Place place) throws Exception {
    RunResult result = intercepted(place, new Verdict.Refuse(RULE, "never", false));
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(RULE);
    assertThat(task(result).detail()).contains("never");
  }

  @ParameterizedTest
  @EnumSource(
      value = Place.class,
      names = {"BRIEFING", "GUARDRAILS", "LIMITS", "BUDGET"})
  void whatSomebodyCanChangeBlocksBeforeTheWork(Place place) throws Exception {
    RunResult result = intercepted(place, new Verdict.Refuse(RULE, "not yet", true));
    assertThat(task(result).state()).isEqualTo(TaskState.BLOCKED);
    assertThat(directory.resolve("made")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(
      value = Place.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"ROUTE", "TOOL", "OUTPUT", "MERGE", "RETRY"})
  void aQuestionThatIsAnsweredWithYesLetsItGoOn(Place place) throws Exception {
    Interceptor asks = Interceptor.at(place, c -> new Verdict.Ask(RULE, "May it?"));
    try (Maestro maestro = builder().interceptor("asks", asks).build()) {
      Run run =
          maestro.start(
              one(s -> s.command("sh", "-c", "echo x >> made").intercept("asks")),
              RunId.of("r"),
              Inputs.none());
      RunResult asked = run.await();
      assertThat(asked.status()).isEqualTo(RunStatus.WAITING);
      assertThat(asked.questions()).extracting(Question::text).containsExactly("May it?");

      run.answer(asked.questions().get(0).id(), Answer.approve(), ANNA);
      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(task(result).attempt()).isEqualTo(1);
      assertThat(directory.resolve("made")).content().isEqualTo("x\n");
    }
  }

  @Test
  void aQuestionThatIsAnsweredWithNoFails() throws Exception {
    Interceptor asks = Interceptor.at(Place.BUDGET, c -> new Verdict.Ask(RULE, "May it?"));
    try (Maestro maestro = builder().interceptor("asks", asks).build()) {
      Run run =
          maestro.start(
              one(s -> s.command("true").intercept("asks")), RunId.of("r"), Inputs.none());
      RunResult asked = run.await();
      run.answer(asked.questions().get(0).id(), Answer.reject("too dear"), ANNA);
      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(task(result).detail()).contains("too dear");
      assertThatThrownBy(() -> run.answer(asked.questions().get(0).id(), Answer.approve(), ANNA))
          .isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void anInterceptorThatSaysNothingFailsTheAttempt() throws Exception {
    RunResult result = intercepted(Place.LIMITS, null);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).trouble().orElseThrow().message()).contains("said nothing");
  }

  @Test
  void interceptorsAtOnePlaceAreAskedInTheOrderOfTheStep() throws Exception {
    List<String> asked = new ArrayList<>();
    MaestroBuilder builder = builder();
    for (String name : List.of("x", "y", "z")) {
      builder.interceptor(
          name,
          Interceptor.at(
              Place.LIMITS,
              c -> {
                asked.add(name);
                return name.equals("x")
                    ? new Verdict.Refuse(RULE, "stop", false)
                    : Verdict.proceed();
              }));
    }
    run(builder, one(s -> s.command("true").intercept("z").intercept("x").intercept("y")));
    assertThat(asked).containsExactly("z", "x");
  }

  // ------------------------------------------------------------------ feedback

  @Test
  void codeAndCommandsAreToldWhatShouldBeDifferent() throws Exception {
    Pipeline pipeline =
        Pipeline.named("again")
            .step("code", s -> s.code("say", "1").output("said"))
            .step(
                "command",
                s ->
                    s.command("sh", "-c", "echo \"$MAESTRO_TASK_ID: $MAESTRO_FEEDBACK\"")
                        .output("printed"))
            .step("ok", s -> s.approval("Good?").after("code", "command"))
            .build();
    CodeStep say = c -> c.feedback().map(asked -> asked.text()).orElse("nothing");
    try (Maestro maestro = builder().step("say", "1", say).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      RunResult first = run.await();
      assertThat(first.text("said")).contains("nothing");
      assertThat(first.text("printed")).contains("command:");

      run.rework(TaskId.of("code"), "Say more.", ANNA);
      run.rework(TaskId.of("command"), "Print\nmore.", ANNA);

      RunResult again = run.await();
      assertThat(again.text("said")).contains("Say more.");
      assertThat(again.text("printed")).contains("command: Print\nmore.");
    }
  }
}
