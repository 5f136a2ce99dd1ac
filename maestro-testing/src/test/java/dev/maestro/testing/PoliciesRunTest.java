package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineFormat;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.run.Phase;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is switched on for a step or a pipeline, in real runs, with the chain that they show. */
@Timeout(300)
class PoliciesRunTest {

  @TempDir Path directory;

  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted").otherwise(Turn.says("done").writes("a.txt", "a")).build();
  private List<RunEvent> events = List.of();
  private List<RunEvent.Judged> judged = List.of();

  private RunResult run(Pipeline pipeline) throws Exception {
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(agent)
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      RunResult result = run.await();
      events = run.journal(1).stream().map(record -> record.event()).toList();
      judged = run.judgments();
      return result;
    }
  }

  private static Pipeline one(Consumer<StepBuilder> step) {
    return Pipeline.named("p").step("a", step).build();
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  private List<Judgment> chain() {
    return judged.stream().flatMap(event -> event.judgments().stream()).toList();
  }

  @Test
  void aPromptWithATermThatDestroysReachesNobodyAndTheChainSaysWhy() throws Exception {
    RunResult result =
        run(one(s -> s.agent("x").prompt("DROP\n\n table users").guard(Guardrail.terms())));

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(Reason.GUARDRAIL_BLOCKED);
    assertThat(task(result).launches()).isZero();
    assertThat(agent.launches()).isEmpty();
    assertThat(events).noneMatch(RunEvent.Intent.class::isInstance);
    assertThat(chain())
        .singleElement()
        .satisfies(
            judgment -> {
              assertThat(judgment.rule()).isEqualTo("terms");
              assertThat(judgment.place()).isEqualTo(Place.GUARDRAILS);
              assertThat(judgment.answer()).isEqualTo(Judgment.Answer.REFUSE);
              assertThat(judgment.reasonCode()).contains(Reason.GUARDRAIL_BLOCKED);
              assertThat(judgment.detail()).contains("drop table");
            });
  }

  @Test
  void whatLetAPromptThroughIsInTheChainBeforeTheIntent() throws Exception {
    RunResult result =
        run(one(s -> s.agent("x").prompt("add a users table").guard(Guardrail.terms())));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(chain()).extracting(Judgment::answer).containsExactly(Judgment.Answer.PROCEED);
    RunEvent.Judged first = judged.get(0);
    assertThat(first.task()).isEqualTo(TaskId.of("a"));
    assertThat(first.attempt()).isEqualTo(1);
    assertThat(first.phase()).isEqualTo(Phase.ACT);
    assertThat(events.get(events.indexOf(first) + 1)).isInstanceOf(RunEvent.Intent.class);
  }

  @Test
  void aCommandWithATermIsNotRun() throws Exception {
    RunResult result =
        run(one(s -> s.command("touch", "rm -rf").guard(Guardrail.terms("other", "RM  -rf"))));

    assertThat(task(result).reason()).contains(Reason.GUARDRAIL_BLOCKED);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatAPipelineSwitchesOnIsAskedBeforeTheStepsOwnAndInsideToo() throws Exception {
    Pipeline pipeline =
        Pipeline.named("outer")
            .guard(Guardrail.terms("one"))
            .step(
                "a",
                s ->
                    s.guard(Guardrail.terms("two"))
                        .pipeline(
                            p ->
                                p.guard(Guardrail.terms("three"))
                                    .step(
                                        "b",
                                        b ->
                                            b.agent("x")
                                                .prompt("four")
                                                .guard(Guardrail.terms("four")))))
            .build();

    RunResult result = run(pipeline);

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(chain())
        .extracting(Judgment::answer)
        .containsExactly(
            Judgment.Answer.PROCEED,
            Judgment.Answer.PROCEED,
            Judgment.Answer.PROCEED,
            Judgment.Answer.REFUSE);
  }

  @Test
  void aFileSwitchesOnWhatJavaDoes() throws Exception {
    Pipeline pipeline =
        PipelineFormat.YAML.read(
            """
            name: p
            guard: [{rule: terms}]
            steps:
              - {id: a, agent: x, prompt: "drop table x", guard: [{rule: terms, terms: [y]}]}
            """);

    assertThat(task(run(pipeline)).reason()).contains(Reason.GUARDRAIL_BLOCKED);
  }

  @Test
  void whereNothingIsSwitchedOnNothingIsRecorded() throws Exception {
    RunResult result = run(one(s -> s.agent("x").prompt("drop table users")));

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(judged).isEmpty();
    assertThat(events)
        .extracting(event -> event.getClass().getSimpleName())
        .containsExactly(
            "RunStarted",
            "RunMoved",
            "Dispatched",
            "Intent",
            "Launched",
            "Acted",
            "Verified",
            "RunMoved");
  }
}
