package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.approval.Shown;
import dev.maestro.attempt.Interceptor;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Place;
import dev.maestro.policy.TermList;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules of {@code dev.maestro.policy} as interceptors of real runs. */
@Timeout(300)
class RulesRunTest {

  private static final Usage CENT = Usage.of(100, 10, Money.usd("0.01"));

  @TempDir Path directory;

  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted").otherwise(Turn.says("done").writes("a.txt", "a")).build();

  private RunResult run(String prompt, Interceptor rule) throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("engineer").prompt(prompt).attempts(1).intercept("rule"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(agent)
            .interceptor("rule", rule)
            .build()) {
      return maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
    }
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  @Test
  void aPromptWithATermThatDestroysReachesNobody() throws Exception {
    Interceptor terms =
        Interceptor.at(Place.GUARDRAILS, c -> TermList.DESTRUCTIVE.guard(c.prompt()));

    RunResult result = run("Please DROP\nTABLE users", terms);

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(agent.launches()).isEmpty();
    assertThat(task(result).reason()).contains(Reason.GUARDRAIL_BLOCKED);
    assertThat(task(result).detail()).hasValueSatisfying(d -> assertThat(d).contains("drop table"));
  }

  @Test
  void aPromptWithoutOneIsSent() throws Exception {
    Interceptor terms =
        Interceptor.at(Place.GUARDRAILS, c -> TermList.DESTRUCTIVE.guard(c.prompt()));

    assertThat(run("Please add a table", terms).status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(agent.launches()).hasSize(1);
  }

  @Test
  void workThatScoresMuchLowerThanUsualIsNotAccepted() throws Exception {
    List<Double> usual = List.of(0.9, 0.9, 0.9, 0.9, 0.9);
    Interceptor score =
        Interceptor.at(Place.CONFIDENCE, c -> EvalGate.scoredBy("own").judge(usual, 0.5).verdict());

    RunResult result = run("Do it", score);

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(agent.launches()).hasSize(1);
    assertThat(task(result).reason()).contains(Reason.EVAL_BLOCKED);
  }

  @Test
  void whatARuleAsksIsNoDocumentAndAYesIsAboutAllOfIt() throws Exception {
    String document = "May it? " + "y".repeat(100_000);
    Interceptor asks =
        Interceptor.at(Place.LIMITS, c -> new Verdict.Ask(Reason.ESCALATED, document));
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("engineer").prompt("x").intercept("asks"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(agent)
            .interceptor("asks", asks)
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      Question asked = run.await().questions().get(0);

      assertThat(asked.text()).startsWith("May it? yyy").hasSizeLessThan(5_000);
      assertThat(asked.shown()).isEqualTo(Shown.of("", List.of(document)));
      run.answer(asked.id(), Answer.approve().to(asked), Actor.of("ann"));
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void aYesToWhatAnAgentReturnedGoesOnWithItAndSaysNothingOfAnotherText() throws Exception {
    ScriptedAgent two =
        ScriptedAgent.named("scripted")
            .otherwise(Turn.says("first").uses(CENT))
            .then(Turn.says("second").uses(CENT))
            .build();
    Interceptor asks = doubts("Is that what you want?");
    try (Maestro maestro = withRules(two, Map.of("asks", asks))) {
      Run run = maestro.start(ruled("asks"), RunId.of("r"), Inputs.none());
      Question first = run.await().questions().get(0);
      run.answer(first.id(), Answer.changes("shorter").to(first), Actor.of("ann"));
      Question second = run.await().questions().get(0);
      run.answer(second.id(), Answer.approve().to(second), Actor.of("ann"));
      RunResult result = run.await();

      assertThat(first.shown().text()).isEqualTo("first");
      assertThat(second.shown().text()).isEqualTo("second");
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      Value output = task(result).output().orElseThrow();
      assertThat(((Value.Inline) output).json().asText()).isEqualTo("second");
      assertThat(two.launches()).hasSize(2);
    }
  }

  @Test
  void whatSeveralRulesDoubtIsOneQuestion() throws Exception {
    Map<String, Interceptor> rules = Map.of("long", doubts("So long?"), "rude", doubts("So rude?"));
    try (Maestro maestro = withRules(agent, rules)) {
      Run run = maestro.start(ruled("long", "rude"), RunId.of("r"), Inputs.none());
      Question both = run.await().questions().get(0);
      run.answer(both.id(), Answer.approve().to(both), Actor.of("ann"));

      assertThat(both.text()).isEqualTo("So long?\nSo rude?");
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches()).hasSize(1);
    }
  }

  @Test
  void aRuleThatRefusesIsHeardThoughOneBeforeItOnlyDoubts() throws Exception {
    Interceptor refuses =
        Interceptor.at(
            Place.OUTPUT, c -> new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, "never", false));
    Map<String, Interceptor> rules = Map.of("asks", doubts("Is it?"), "refuses", refuses);
    try (Maestro maestro = withRules(agent, rules)) {
      RunResult result =
          maestro.start(ruled("asks", "refuses"), RunId.of("r"), Inputs.none()).await();

      assertThat(result.questions()).isEmpty();
      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    }
  }

  private static Interceptor doubts(String question) {
    return Interceptor.at(Place.OUTPUT, c -> new Verdict.Ask(Reason.ESCALATED, question));
  }

  private static Pipeline ruled(String... rules) {
    return Pipeline.named("p")
        .step(
            "a",
            s -> {
              s.agent("engineer").prompt("x").attempts(2);
              List.of(rules).forEach(s::intercept);
            })
        .build();
  }

  private Maestro withRules(ScriptedAgent provider, Map<String, Interceptor> rules) {
    MaestroBuilder builder =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(provider);
    rules.forEach(builder::interceptor);
    return builder.build();
  }

  @Test
  void noHalfOfASecretIsLeftWhereWhatIsShownIsCut() throws Exception {
    String secret = "s3cr3t-value";
    String shown = "y".repeat(Shown.LONGEST - secret.length() / 2) + secret;
    Interceptor asks =
        Interceptor.at(
            Place.GUARDRAILS,
            c -> new Verdict.Ask(Reason.ESCALATED, "Is this right?", Shown.of(shown)));
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("engineer").prompt("x").secret("TOKEN").intercept("asks"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(agent)
            .secrets(name -> Optional.of(secret))
            .interceptor("asks", asks)
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.questions().get(0).shown().text()).contains("yyy***").doesNotContain("s3c");
    }
  }
}
