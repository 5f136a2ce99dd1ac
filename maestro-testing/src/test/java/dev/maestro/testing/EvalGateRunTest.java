package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.attempt.Interceptor;
import dev.maestro.attempt.Judge;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.Baseline.Begun;
import dev.maestro.policy.EvalDecision;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scores that are compared with what is usual, in real runs: M2-13 to M2-16. */
@Timeout(300)
class EvalGateRunTest {

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();
  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted").otherwise(Turn.says("done").writes("a.txt", "good")).build();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile double score = 0.9;

  private MaestroBuilder builder() {
    Judge judge =
        context -> {
          asked.incrementAndGet();
          return score;
        };
    return Maestro.builder()
        .discoverNothing()
        .store(store)
        .owner("test")
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(agent)
        .judge("quality", judge);
  }

  private static Pipeline pipeline(EvalGate gate) {
    return Pipeline.named("p")
        .step(
            "a", s -> s.agent("x").prompt("Do it").attempts(3).backoff(Backoff.NONE).evalGate(gate))
        .build();
  }

  private Run run(Maestro maestro, String id, double scored) throws Exception {
    score = scored;
    Run run = maestro.start(pipeline(EvalGate.scoredBy("quality")), RunId.of(id), Inputs.none());
    run.await();
    return run;
  }

  private static void usually(EvalGateRunTest test, Maestro maestro, int runs) throws Exception {
    for (int i = 0; i < runs; i++) {
      assertThat(test.run(maestro, "usual-" + i, 0.9).snapshot().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  private static Baseline baseline(Maestro maestro) {
    assertThat(maestro.baselines()).hasSize(1);
    return maestro.baselines().get(0);
  }

  private static Judgment judgment(Run run) {
    return run.judgments().stream()
        .flatMap(judged -> judged.judgments().stream())
        .filter(one -> one.rule().equals(EvalGate.RULE))
        .findFirst()
        .orElseThrow();
  }

  // ------------------------------------------------------------------ pass, warn, block

  @Test
  void workThatIsMuchWorseThanUsualHaltsItsStepAndFailsTheRun() throws Exception {
    try (Maestro maestro = builder().build()) {
      usually(this, maestro, 5);
      int launches = agent.launches().size();

      Run bad = run(maestro, "bad", 0.5);

      Task task = bad.snapshot().task("a").orElseThrow();
      assertThat(bad.snapshot().status()).isEqualTo(RunStatus.FAILED);
      assertThat(task.reason()).contains(Reason.EVAL_BLOCKED);
      assertThat(agent.launches()).as("no other attempt").hasSize(launches + 1);
      assertThat(judgment(bad).answer()).isEqualTo(Judgment.Answer.REFUSE);
      assertThat(judgment(bad).numbers().toString())
          .isEqualTo("score 0.5, scores 5, baseline 0.9, drop 0.4");
      assertThat(baseline(maestro).scores()).as("it does not become usual").hasSize(5);
    }
  }

  @Test
  void workThatIsSomewhatWorseIsRecordedAndGoesOn() throws Exception {
    try (Maestro maestro = builder().build()) {
      usually(this, maestro, 5);

      Run worse = run(maestro, "worse", 0.7);

      assertThat(worse.snapshot().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(judgment(worse).answer()).isEqualTo(Judgment.Answer.PROCEED);
      assertThat(judgment(worse).reasonCode()).contains(EvalGate.SCORE_DROP);
      RunEvent.Scored scored = worse.evaluations().get(0);
      assertThat(scored.decision().decision()).isEqualTo(EvalDecision.Outcome.WARN);
      assertThat(scored.step()).isEqualTo("a");
      assertThat(baseline(maestro).scores()).hasSize(6);
    }
  }

  @Test
  void nothingIsBlockedBeforeThereAreEnoughScores() throws Exception {
    try (Maestro maestro = builder().build()) {
      usually(this, maestro, 4);

      Run fifth = run(maestro, "fifth", 0.1);

      assertThat(fifth.snapshot().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(judgment(fifth).reasonCode()).contains(EvalGate.INSUFFICIENT_BASELINE);
    }
  }

  @Test
  void elementsOfAListAreComparedWithEarlierRunsAndNotWithEachOther() throws Exception {
    Pipeline list =
        Pipeline.named("list")
            .step(
                "each",
                s ->
                    s.agent("x")
                        .prompt("{{ item }}")
                        .forEach("{{ items }}")
                        .parallel(1)
                        .evalGate(EvalGate.scoredBy("last")))
            .build();
    Inputs items = Inputs.of("items", List.of(1, 2, 3, 4, 5, 6));
    Judge worstAtLast = context -> context.attempt().task().equals(TaskId.of("each/6")) ? 0.3 : 0.9;
    try (Maestro maestro = builder().judge("last", worstAtLast).build()) {
      RunResult first = maestro.start(list, RunId.of("first"), items).await();
      RunResult second = maestro.start(list, RunId.of("second"), items).await();

      assertThat(first.isSuccess()).as("nothing is usual yet").isTrue();
      assertThat(second.snapshot().task("each/6").orElseThrow().reason())
          .contains(Reason.EVAL_BLOCKED);
      assertThat(second.snapshot().task("each/5").orElseThrow().state())
          .isEqualTo(TaskState.COMPLETED);
    }
  }

  @Test
  void whatIsUsualOutlivesTheProcessAndCanBeFoundOutAnew() throws Exception {
    try (Maestro maestro = builder().build()) {
      usually(this, maestro, 5);
    }
    try (Maestro maestro = builder().build()) {
      assertThat(run(maestro, "bad", 0.1).snapshot().status()).isEqualTo(RunStatus.FAILED);

      maestro.beginAnew(baseline(maestro), Actor.of("anna"));

      assertThat(baseline(maestro).scores()).isEmpty();
      assertThat(baseline(maestro).begun()).extracting(Begun::actor).isEqualTo(Actor.of("anna"));
      assertThat(run(maestro, "other", 0.1).snapshot().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(baseline(maestro).scores()).hasSize(1);
      assertThat(baseline(maestro).begun()).extracting(Begun::actor).isEqualTo(Actor.of("anna"));
    }
  }

  @Test
  void onlyTheOwnersSideLetsABaselineBeginAnew() throws Exception {
    try (Maestro maestro = builder().sharedOwner(Actor.of("quality")).build()) {
      usually(this, maestro, 1);

      assertThatThrownBy(() -> maestro.beginAnew(baseline(maestro), Actor.of("eve")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("owned by quality");
      assertThat(baseline(maestro).scores()).hasSize(1);
      maestro.beginAnew(baseline(maestro), Actor.of("quality/ann"));
      assertThat(baseline(maestro).scores()).isEmpty();
    }
  }

  @Test
  void aJudgeThatSaysNoScoreFailsTheAttempt() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = run(maestro, "r", 7);

      assertThat(run.snapshot().status()).isEqualTo(RunStatus.FAILED);
      assertThat(run.snapshot().task("a").orElseThrow().detail())
          .hasValueSatisfying(detail -> assertThat(detail).contains("0 to 1, not 7"));
      assertThat(maestro.baselines()).isEmpty();
    }
  }

  @Test
  void theRecordHasTheFieldsThatAreAskedFor() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = run(maestro, "r", 0.9);

      byte[] recorded = new RunEventCodec().encode(run.evaluations().get(0)).json();
      String json = new String(recorded, StandardCharsets.UTF_8);

      assertThat(json)
          .contains(
              "\"decision\":\"pass\"",
              "\"baseline_sample_size\":0",
              "\"min_baseline_runs\":5",
              "\"baseline_window\":20",
              "\"reason_codes\":[\"insufficient-baseline\"]",
              "\"message\":\"");
    }
  }

  // ------------------------------------------------------------------ crashes

  @Test
  void workThatWasScoredIsNeitherScoredNorCountedAgainAfterACrash() throws Exception {
    CountDownLatch scored = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "a",
                s ->
                    s.agent("x")
                        .prompt("Do it")
                        .evalGate(EvalGate.scoredBy("quality"))
                        .intercept("cut"))
            .build();
    Interceptor cut =
        Interceptor.at(
            Place.CONFIDENCE,
            context -> {
              scored.countDown();
              never.await();
              return Verdict.proceed();
            });
    try (Maestro maestro = builder().interceptor("cut", cut).build()) {
      maestro.start(pipeline, RunId.of("r"), Inputs.none());
      assertThat(scored.await(120, TimeUnit.SECONDS)).isTrue();
      assertThat(baseline(maestro).scores()).hasSize(1);
    }
    score = 0.1;
    Interceptor go = Interceptor.at(Place.CONFIDENCE, context -> Verdict.proceed());
    try (Maestro maestro = builder().interceptor("cut", go).build()) {
      maestro.recover();
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(asked).hasValue(1);
      assertThat(run.evaluations()).hasSize(1);
      assertThat(baseline(maestro).scores()).extracting(Baseline.Score::score).containsExactly(0.9);
      assertThat(agent.launches()).hasSize(1);
    }
  }
}
