package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.ModelNames;
import dev.maestro.agent.Persona;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.Thinking;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.Judgment;
import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who carries out a step, when whoever should cannot, and what is asked before a run starts. */
@Timeout(300)
class FallbackRunTest {

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final ScriptedAgent second = agent("second").build();
  private final ScriptedAgent third = agent("third").build();

  private static ScriptedAgent.Builder agent(String id) {
    return ScriptedAgent.named(id).otherwise(Turn.says("done by " + id).session("of-" + id));
  }

  private MaestroBuilder maestro(ScriptedAgent... agents) {
    MaestroBuilder builder =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .time(time)
            .workspaces(DirectoryWorkspaces.at(directory));
    List.of(agents).forEach(builder::provider);
    return builder;
  }

  private static Pipeline one(Consumer<StepBuilder> step) {
    return Pipeline.named("p")
        .step(
            "a",
            s -> {
              s.agent("first").prompt("do it").attempts(3);
              step.accept(s);
            })
        .build();
  }

  private static List<String> fallbacks(Run run) {
    return run.judgments().stream()
        .flatMap(judged -> judged.judgments().stream())
        .filter(judgment -> judgment.rule().equals(Fallback.RULE))
        .map(Judgment::detail)
        .toList();
  }

  private static List<String> launchedOn(Run run) {
    return run.journal(1).stream()
        .filter(record -> record.event() instanceof RunEvent.Intent)
        .map(record -> ((RunEvent.Intent) record.event()).provider())
        .toList();
  }

  // ------------------------------------------------------------------ when a run goes on

  @Test
  void whoeverIsNotInstalledIsPassedOverAndTheJournalSaysWhy() throws Exception {
    ScriptedAgent first = agent("first").installation(Installation.missing("install it")).build();
    ScriptedAgent out = agent("second").installation(Installation.signedOut("1", "log in")).build();
    try (Maestro maestro = maestro(first, out, third).build()) {
      Run run =
          maestro.start(one(s -> s.fallback("second", "third")), RunId.of("r"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(launchedOn(run)).containsExactly("third");
      assertThat(fallbacks(run))
          .containsExactly(
              "there is no `first` on this machine: install it; falls back to second",
              "nobody is signed in to `second`: log in; falls back to third");
      assertThat(first.launches()).isEmpty();
    }
  }

  @Test
  void aProviderThatIsNotHereIsFallenBackFrom() throws Exception {
    Persona persona = Persona.named("first").provider(ProviderId.of("absent"));
    try (Maestro maestro = maestro(second).persona(persona).build()) {
      Run run = maestro.start(one(s -> s.fallback("second")), RunId.of("r"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(fallbacks(run).get(0)).contains("`absent`, which is not here", "to second");
    }
  }

  @Test
  void aQuotaThatIsUsedUpSendsTheTaskToTheNextRouteAtOnceAndWithoutItsSession() throws Exception {
    ScriptedAgent first =
        agent("first")
            .otherwise(Turn.quota(time.instant().plus(Duration.ofHours(5))).session("mine"))
            .build();
    try (Maestro maestro = maestro(first, second).build()) {
      Run run = maestro.start(one(s -> s.fallback("second")), RunId.of("r"), Inputs.none());

      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(launchedOn(run)).containsExactly("first", "second");
      assertThat(second.launches().get(0).request().session()).isNull();
      assertThat(fallbacks(run)).singleElement().asString().contains("`first` takes nothing");
      assertThat(result.snapshot().task("a").orElseThrow().launches()).isEqualTo(2);
    }
  }

  @Test
  void whereEveryRouteIsClosedTheTaskWaitsForTheOneThatOpensFirst() throws Exception {
    ScriptedAgent first =
        agent("first")
            .otherwise(Turn.quota(time.instant().plus(Duration.ofHours(5))))
            .then(Turn.says("back"))
            .build();
    ScriptedAgent closed =
        agent("second")
            .otherwise(Turn.quota(time.instant().plus(Duration.ofHours(2))))
            .then(Turn.quota(time.instant().plus(Duration.ofHours(2))))
            .then(Turn.says("open again"))
            .build();
    try (Maestro maestro = maestro(first, closed).build()) {
      CountDownLatch waits = new CountDownLatch(1);
      maestro.listen(
          record -> {
            if (record.event().moves().stream().anyMatch(this::waitsForLater)) {
              waits.countDown();
            }
          });
      Run run = maestro.start(one(s -> s.fallback("second")), RunId.of("r"), Inputs.none());
      waits.await();

      assertThat(run.snapshot().task("a").orElseThrow().state()).isEqualTo(TaskState.PAUSED);
      time.advance(Duration.ofHours(2));
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(launchedOn(run)).containsExactly("first", "second", "second");
    }
  }

  private boolean waitsForLater(Move move) {
    return move.to() == TaskState.PAUSED
        && move.until() != null
        && move.until().isAfter(time.instant());
  }

  @Test
  void nothingIsLookedForOrWrittenWhereNothingIsSwitchedOn() throws Exception {
    ScriptedAgent first = agent("first").installation(Installation.missing("install it")).build();
    try (Maestro maestro = maestro(first, second).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(launchedOn(run)).containsExactly("first");
      assertThat(run.judgments()).isEmpty();
    }
  }

  // ------------------------------------------------------------------ before a run starts

  private List<String> problems(MaestroBuilder builder, Pipeline pipeline) {
    try (Maestro maestro = builder.build()) {
      assertThatThrownBy(() -> maestro.start(pipeline, RunId.of("r"), Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class)
          .satisfies(e -> found = ((InvalidDefinitionException) e).problems());
      return found.stream().map(Problem::message).toList();
    }
  }

  private List<Problem> found = List.of();

  @Test
  void whatAStepNeedsIsAskedOfEveryRouteItMayTake() {
    ScriptedAgent first = agent("first").capabilities(Capability.THINKING).build();

    assertThat(
            problems(
                maestro(first, second), one(s -> s.thinking(Thinking.HIGH).fallback("second"))))
        .containsExactly("step `a` needs thinking levels; provider `second` has none");
  }

  @Test
  void whatAPersonaNeedsIsAskedOfWhoeverPlaysIt() {
    Persona persona =
        Persona.named("first").needs(Capability.MCP, Capability.VISION).thinking(Thinking.LOW);
    ScriptedAgent first = agent("first").capabilities(Capability.MCP).build();

    assertThat(problems(maestro(first).persona(persona), one(s -> {})))
        .containsExactly(
            "step `a` needs images; provider `first` has none",
            "step `a` needs thinking levels; provider `first` has none");
  }

  @Test
  void aStepThatThinksNotAtAllGoesToAnybody() throws Exception {
    try (Maestro maestro =
        maestro(second).persona(Persona.named("first").thinking(Thinking.MAX)).build()) {
      Run run = maestro.start(one(s -> s.thinking(Thinking.NONE)), RunId.of("r"), Inputs.none());

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(second.launches().get(0).request().thinkingLevel()).contains(Thinking.NONE);
    }
  }

  @Test
  void theLevelOfAStepGoesBeforeThatOfItsPersona() throws Exception {
    ScriptedAgent first = agent("first").capabilities(Capability.THINKING).build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("first").prompt("x").thinking(Thinking.HIGH))
            .step("b", s -> s.agent("first").prompt("x").after("a"))
            .build();
    try (Maestro maestro =
        maestro(first).persona(Persona.named("first").thinking(Thinking.LOW)).build()) {
      maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }

    assertThat(first.launches())
        .extracting(launch -> launch.request().thinking())
        .containsExactly(Thinking.HIGH, Thinking.LOW);
  }

  @Test
  void modelsAreCalledAsTheBuilderSays() throws Exception {
    ModelNames names =
        ModelNames.none().alias("fast", "sec-1").prefixes(ProviderId.of("second"), "sec-");
    try (Maestro maestro = maestro(second, third).modelNames(names).build()) {
      maestro
          .start(one(s -> s.agent("engineer").model("fast")), RunId.of("r"), Inputs.none())
          .await();
    }

    assertThat(second.launches().get(0).request().model()).isEqualTo("sec-1");
  }
}
