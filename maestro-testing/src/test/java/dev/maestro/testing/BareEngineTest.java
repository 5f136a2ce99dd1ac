package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Persona;
import dev.maestro.agent.ProviderId;
import dev.maestro.insight.ShadowRouter;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Policies;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Until;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunRecord;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.Risk;
import dev.maestro.task.RunId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where nothing is switched on, policies are not there: event for event, byte for byte. */
@Timeout(300)
class BareEngineTest {

  @TempDir Path directory;

  // ------------------------------------------------------------------ as it was

  // what evidence carries, and a question shows, since then, whatever is switched on
  private static final String SINCE = ",\"(chain|shown)\":\\{[^}]*\\}|,\"ahead\":\"[0-9a-f]{64}\"";

  @Test
  void aRunWithoutPoliciesIsWhatItWasBeforeThereWereAny() throws Exception {
    List<String> kept =
        Files.readAllLines(Path.of(getClass().getResource("bare-engine.txt").toURI()));

    List<String> now =
        BareEngineMain.lines(directory).stream().map(line -> line.replaceAll(SINCE, "")).toList();

    assertThat(now).isEqualTo(kept);
  }

  /** That a provider takes nothing until then is an outcome, and no policy (ADR 77). */
  @Test
  void aQuotaThatIsUsedUpClosesItsProviderThoughNothingIsSwitchedOn() throws Exception {
    Instant back = Instant.parse("2026-01-01T01:00:00Z");
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("first", Turn.quota(back))
            .then(Turn.says("done").uses(CENT))
            .otherwise(Turn.says("done").uses(CENT))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("first", s -> s.agent("engineer").prompt("Do it"))
            .step("second", s -> s.agent("engineer").prompt("Do it"))
            .build();
    try (VirtualTime time = VirtualTime.create();
        Maestro maestro =
            Maestro.builder()
                .store(InMemoryStore.create())
                .discoverNothing()
                .provider(agent)
                .time(time)
                .slots(1)
                .workspaces(DirectoryWorkspaces.at(directory))
                .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      while (run.snapshot().tasks().stream().anyMatch(task -> task.until().isEmpty())) {
        assertThat(Thread.interrupted()).as("one goes on").isFalse();
        Thread.onSpinWait();
      }

      assertThat(agent.launches()).hasSize(1);
      time.moveTo(back);
      assertThat(run.await().isSuccess()).isTrue();
      assertThat(agent.launches("first")).hasSize(2);
      assertThat(agent.launches("second")).hasSize(1);
      assertThat(run.snapshot().task("second").orElseThrow().attempt()).isEqualTo(1);
    }
  }

  // ------------------------------------------------------------------ rule by rule

  private static final Usage CENT = Usage.of(100, 10, Money.usd("0.01"));
  private static final String DONE = "<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>";

  private static Arguments rule(String name, UnaryOperator<Policies> on) {
    return Arguments.of(name, on);
  }

  private static UnaryOperator<Policies> oversight(UnaryOperator<Oversight> how) {
    return p -> p.oversight(how.apply(p.oversight()));
  }

  /** Every rule that a step can switch on, such that what the step does is let through. */
  static Stream<Arguments> rules() {
    return Stream.of(
        rule("terms", p -> p.guard(Guardrail.terms())),
        rule("paths", p -> p.guard(Guardrail.paths("ci.yml"))),
        rule("commands", p -> p.guard(Guardrail.commands())),
        rule("writes", p -> p.guard(Guardrail.writes("*.txt").files(5))),
        rule("secrets", p -> p.guard(Guardrail.secrets())),
        rule("injection", p -> p.guard(Guardrail.injection())),
        rule("hosts", p -> p.guard(Guardrail.hosts("docs.example.org"))),
        rule("tools", p -> p.guard(Guardrail.tools("Read"))),
        rule("confidence", p -> p.confidence(Confidence.DEFAULT)),
        rule("ladder", p -> p.ladder(Ladder.toPerson())),
        rule("breaker", p -> p.breaker(LoopBreaker.DEFAULT)),
        rule("eval gate", p -> p.evalGate(EvalGate.scoredBy("usual"))),
        rule("retries", p -> p.retries(Retries.DEFAULT)),
        rule("failure window", p -> p.failureWindow(FailureWindow.DEFAULT)),
        rule("resume", p -> p.resume(Resume.AUTOMATIC)),
        rule("until", p -> p.until(Until.block())),
        rule("budget", p -> p.budget(Budget.ofTokens(1_000))),
        rule("tiers", oversight(o -> o.risk(Risk.LOW).tiers(Tiers.MAJOR))),
        rule("autonomy", oversight(o -> o.autonomy(AutonomyLevel.FULL))),
        rule("rollback", oversight(Oversight::rollingBack)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void aRuleOfOneStepChangesNothingAboutAnother(String name, UnaryOperator<Policies> on)
      throws Exception {
    List<String> bare = eventsOf("other", journal(Maestro.builder(), Policies.NONE));

    List<RunRecord> with = journal(Maestro.builder(), on.apply(Policies.NONE));

    assertThat(eventsOf("other", with)).as(name).isEqualTo(bare);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void aRuleAddsWhatItSaysAndTakesNothingAway(String name, UnaryOperator<Policies> on)
      throws Exception {
    List<String> bare = typesOf(journal(Maestro.builder(), Policies.NONE));

    List<String> with = typesOf(journal(Maestro.builder(), on.apply(Policies.NONE)));

    with.removeAll(List.of("Judged", "Scored"));
    assertThat(with).as(name).isEqualTo(bare);
  }

  @Test
  void whatAnApplicationHasAtHandButNoStepUsesChangesNothing() throws Exception {
    List<String> bare = all(journal(Maestro.builder(), Policies.NONE));

    assertThat(
            all(
                journal(
                    Maestro.builder()
                        .judge("strict", context -> 0)
                        .riskClassifier(context -> Risk.HIGH)
                        .shadow(ShadowRouter.NONE)
                        .persona(Persona.named("nobody").writes("nothing"))
                        .limit(ProviderId.of("another"), ProviderLimits.NONE.atOnce(1)),
                    Policies.NONE)))
        .isEqualTo(bare);
    assertThat(all(journal(Maestro.builder(), Policies.NONE.guardrails(List.of()).budget(null))))
        .isEqualTo(bare);
    assertThat(all(journal(Maestro.builder(), Policies.NONE.oversight(Oversight.NONE))))
        .isEqualTo(bare);
  }

  // ------------------------------------------------------------------ what is run

  private List<RunRecord> journal(MaestroBuilder builder, Policies policies) throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .on("ruled", Turn.says(DONE).writes("ruled.txt", "x").uses(CENT))
            .on("other", Turn.says("done").writes("other.txt", "x").uses(CENT))
            .build();
    Pipeline pipeline =
        Pipeline.named("p")
            .step("ruled", s -> s.agent("engineer").prompt("Do it").policies(policies))
            .step("other", s -> s.agent("engineer").prompt("Do it").after("ruled"))
            .build();
    Path place = Files.createTempDirectory(directory, "run");
    try (VirtualTime time = VirtualTime.create();
        Maestro maestro =
            builder
                .store(InMemoryStore.create())
                .owner("test")
                .discoverNothing()
                .provider(agent)
                .judge("usual", context -> 0.9)
                .time(time)
                .workspaces(DirectoryWorkspaces.at(place))
                .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      RunResult result = run.await();
      assertThat(result.isSuccess()).as(result.toString()).isTrue();
      return run.journal(1);
    }
  }

  private static List<String> all(List<RunRecord> journal) {
    return journal.stream().map(RunRecord::event).map(BareEngineTest::json).toList();
  }

  private static List<String> eventsOf(String task, List<RunRecord> journal) {
    return all(journal).stream().filter(json -> json.contains("\"task\":\"" + task)).toList();
  }

  private static List<String> typesOf(List<RunRecord> journal) {
    List<String> types = new ArrayList<>();
    journal.forEach(record -> types.add(record.event().getClass().getSimpleName()));
    return types;
  }

  private static String json(RunEvent event) {
    return new String(new RunEventCodec().encode(event).json(), StandardCharsets.UTF_8);
  }
}
