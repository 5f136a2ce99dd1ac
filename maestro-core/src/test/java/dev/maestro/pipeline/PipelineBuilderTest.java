package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.gate.Gate;
import dev.maestro.policy.Backoff;
import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PipelineBuilderTest {

  @Test
  void buildsWhatTheDesignShows() {
    Pipeline tdd =
        Pipeline.named("tdd")
            .step(
                "red",
                s ->
                    s.agent("tester").prompt("Write failing tests for: {{ task }}").output("tests"))
            .step(
                "green",
                s ->
                    s.agent("engineer")
                        .after("red")
                        .prompt("Make them pass: {{ tests }}")
                        .gate(Gate.command("mvn", "-q", "test").protects("src/test/**", "pom.xml"))
                        .attempts(3))
            .build();

    assertThat(tdd.inputs()).containsExactly("task");
    assertThat(tdd.validate()).isEqualTo(new Validation(List.of(), List.of()));
    assertThat(tdd.step("green").map(Step::attempts)).contains(3);
  }

  @Test
  void givesAStepTheStatedDefaults() {
    Step step = only(s -> s.agent("a").prompt("p"));

    assertThat(step.attempts()).isEqualTo(StepBuilder.DEFAULT_ATTEMPTS).isEqualTo(1);
    assertThat(step.backoff()).isEqualTo(StepBuilder.DEFAULT_BACKOFF).isEqualTo(Backoff.DEFAULT);
    assertThat(step.limits()).isEqualTo(StepBuilder.DEFAULT_LIMITS).isEqualTo(Limits.DEFAULT);
    assertThat(step.priority()).isEqualTo(StepBuilder.DEFAULT_PRIORITY).isEqualTo(Priority.DEFAULT);
    assertThat(step.outputName()).isEqualTo(Optional.empty());
    assertThat(step.displayTitle()).isEqualTo("only");
    assertThat(step.allowNoOp()).isFalse();
  }

  @Test
  void waitsForTheStepItContinues() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("red", s -> s.agent("a").prompt("p"))
            .step("green", s -> s.agent("a").prompt("p").continues("red"))
            .build();

    assertThat(pipeline.step("green").orElseThrow().after()).containsExactly("red");
  }

  @Test
  void countsADependencyOnce() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("red", s -> s.agent("a").prompt("p"))
            .step("green", s -> s.agent("a").prompt("p").after("red", "red").continues("red"))
            .build();

    assertThat(pipeline.step("green").orElseThrow().after()).containsExactly("red");
  }

  @Test
  void isNeverLongerSilentThanInAll() {
    assertThat(only(s -> s.agent("a").prompt("p").timeout(Duration.ofMinutes(5))).limits())
        .isEqualTo(new Limits(Duration.ofMinutes(5), Duration.ofMinutes(5)));
    assertThat(only(s -> s.agent("a").prompt("p").timeout(Duration.ofHours(2))).limits())
        .isEqualTo(new Limits(Duration.ofHours(2), Duration.ofMinutes(10)));
  }

  @Test
  void takesEveryKindOfStep() {
    Pipeline pipeline =
        Pipeline.named("kinds")
            .version("2")
            .description("one of each")
            .step(
                "plan", s -> s.plan("planner").prompt("{{ task }}").template("work").output("plan"))
            .step("build", s -> s.command("mvn", "-q", "{{ goal }}").after("plan"))
            .step("score", s -> s.code("score", "1").after("build"))
            .step("ask", s -> s.approval("Merge {{ plan }}?").after("score"))
            .template(
                "work",
                s -> s.agent("engineer").model("fast").prompt("{{ item.text }} of {{ plan }}"))
            .build();

    assertThat(pipeline.steps())
        .extracting(step -> step.action().kind())
        .containsExactly(
            Action.Kind.PLAN, Action.Kind.COMMAND, Action.Kind.CODE, Action.Kind.APPROVAL);
    assertThat(pipeline.inputs()).containsExactly("task", "goal");
  }

  @Test
  void reportsEveryProblemAtOnce() {
    assertThatThrownBy(
            () ->
                Pipeline.named(" ")
                    .step("a", s -> s.prompt("p"))
                    .step("a", s -> s.agent("x"))
                    .step("b", s -> s.agent("x").command("ls").when("{{ y }} is 'z'"))
                    .step("c", s -> s.command("ls").prompt("p").model("m").template("t"))
                    .step("d", s -> s.agent("x").prompt("p").timeout(Duration.ZERO))
                    .step("e", s -> {})
                    .build())
        .isInstanceOfSatisfying(
            InvalidDefinitionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(problem -> problem.code() + " " + problem.path())
                    .containsExactly(
                        "name name",
                        "agent steps.a.agent",
                        "duplicate steps[1].id",
                        "prompt steps[1].prompt",
                        "when steps.b.when",
                        "kind steps.b.command",
                        "prompt steps.b.prompt",
                        "prompt steps.c.prompt",
                        "model steps.c.model",
                        "template steps.c.template",
                        "limits steps.d.limits.total",
                        "agent steps.e.agent"));
  }

  @Test
  void changesTheHashOfAStepOnlyWithWhatItDoes() {
    Step step = only(s -> s.agent("a").prompt("p"));

    assertThat(only(s -> s.agent("a").prompt("p").attempts(5).title("T").priority(1)).hash())
        .isEqualTo(step.hash());
    assertThat(only(s -> s.agent("a").prompt("q")).hash()).isNotEqualTo(step.hash());
    assertThat(only(s -> s.agent("a").prompt("p").gate(Gate.command("ls"))).hash())
        .isNotEqualTo(step.hash());
    assertThat(only(s -> s.agent("a").prompt("p").output("x")).hash()).isNotEqualTo(step.hash());
  }

  private static Step only(Consumer<StepBuilder> how) {
    return Pipeline.named("p").step("only", how).build().steps().get(0);
  }
}
