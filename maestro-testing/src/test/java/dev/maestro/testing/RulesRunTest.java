package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.attempt.Interceptor;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Place;
import dev.maestro.policy.TermList;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules of {@code dev.maestro.policy} as interceptors of real runs. */
@Timeout(60)
class RulesRunTest {

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
}
