package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import dev.maestro.policy.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SubPipelineChecksTest {

  @Test
  void saysTheSameInJavaAndYaml() {
    String yaml =
        """
        name: outer
        steps:
          - id: first
            code: {name: c, version: "1"}
            output: story
          - id: feature
            pipeline:
              steps:
                - id: red
                  agent: tester
                  prompt: "Write tests for: {{ task }}"
                  output: tests
                - id: green
                  agent: engineer
                  prompt: "Make them pass: {{ tests }}"
                  after: [red]
                  output: code
            inputs: {task: "{{ story }}"}
            outputs: [tests, code]
            after: [first]
            output: {json: built}
        """;
    Pipeline java =
        Pipeline.named("outer")
            .step("first", s -> s.code("c", "1").output("story"))
            .step(
                "feature",
                s ->
                    s.pipeline(
                            p ->
                                p.step(
                                        "red",
                                        r ->
                                            r.agent("tester")
                                                .prompt("Write tests for: {{ task }}")
                                                .output("tests"))
                                    .step(
                                        "green",
                                        g ->
                                            g.agent("engineer")
                                                .prompt("Make them pass: {{ tests }}")
                                                .after("red")
                                                .output("code")))
                        .input("task", "{{ story }}")
                        .outputs("tests", "code")
                        .after("first")
                        .output(Output.json("built", Object.class)))
            .build();

    assertThat(PipelineFormat.YAML.read(yaml)).isEqualTo(java);
    assertThat(java.inputs()).isEmpty();
  }

  @Test
  void whatIsInsideIsGivenWhatItNeedsAndNothingElse() {
    assertThat(problems(s -> s.pipeline(needing("task")).input("topic", "x")))
        .containsExactly(
            "superfluous-input steps.sub.inputs.topic", "missing-input steps.sub.inputs");
  }

  @Test
  void anOuterNameIsNotKnownInside() {
    Problem problem =
        problemsOf(s -> s.pipeline(p -> p.step("a", a -> a.command("x", "{{ spec }}")))).get(0);

    assertThat(problem.code()).isEqualTo("missing-input");
    assertThat(problem.message()).contains("names from around are not known inside");
  }

  @Test
  void anInputMayNotHaveTheNameOfAnOutputInside() {
    assertThat(
            problems(
                s -> s.pipeline(p -> p.step("a", a -> a.command("x").output("o"))).input("o", "")))
        .containsExactly("superfluous-input steps.sub.inputs.o");
  }

  @Test
  void whatIsTakenMustBeMadeAndHaveAName() {
    Consumer<PipelineBuilder> inside = p -> p.step("a", a -> a.command("x").output("made"));

    assertThat(problems(s -> s.pipeline(inside).outputs("mode").output("o")))
        .containsExactly("outputs steps.sub.outputs");
    assertThat(problems(s -> s.pipeline(inside).outputs("made")))
        .containsExactly("output steps.sub.output");
    assertThat(problems(s -> s.pipeline(inside).output("o")))
        .containsExactly("outputs steps.sub.outputs");
    assertThat(problems(s -> s.pipeline(inside).outputs("made", "made").output("o")))
        .containsExactly("duplicate steps.sub.outputs");
  }

  @Test
  void problemsInsideSayWhereTheyAre() {
    List<Problem> problems =
        problemsOf(
            s ->
                s.pipeline(
                    p ->
                        p.step("a", a -> a.command("x").after("b").attempts(0))
                            .step("b", b -> b.command("x").after("a"))));

    assertThat(problems)
        .extracting(Problem::path)
        .containsExactly("steps.sub.pipeline.steps.a.attempts", "steps.sub.pipeline.steps.a.after");
    assertThat(problems).extracting(p -> p.details().get("step")).containsOnly("sub/a");
    assertThat(problems.get(1).code()).isEqualTo("cycle");
  }

  @Test
  void problemsInsideHaveTheirLines() {
    String yaml =
        """
        name: outer
        steps:
          - id: sub
            pipeline:
              steps:
                - id: a
                  command: [x]
                  attempts: 0
                - id: b/c
                  command: [x]
                  gaets: []
        """;

    assertThatThrownBy(() -> PipelineFormat.YAML.read(yaml))
        .isInstanceOfSatisfying(
            InvalidDefinitionException.class,
            e ->
                assertThat(e.problems())
                    .extracting(p -> p.path() + " " + p.details().get("line"))
                    .containsExactly(
                        "steps.sub.pipeline.steps.a.attempts 8",
                        "steps.sub.pipeline.steps[1].gaets 11",
                        "steps.sub.pipeline.steps[1].id 9"));
  }

  @Test
  void theStepsInsideHaveThePolicies() {
    assertThat(
            problems(
                s ->
                    s.pipeline(p -> p.step("a", a -> a.command("x")))
                        .attempts(2)
                        .backoff(Backoff.NONE)
                        .timeout(Duration.ofHours(9))
                        .gate(Gate.command("true"))
                        .mergeInto("main")
                        .secret("TOKEN")
                        .intercept("audit")
                        .allowNoOp()))
        .extracting(problem -> problem.split(" ")[0])
        .containsExactly(
            "attempts",
            "backoff",
            "limits",
            "gates",
            "mergeInto",
            "allowNoOp",
            "secrets",
            "interceptors");
  }

  @Test
  void onlyAWholeRunHasATimeLimit() {
    assertThat(
            problems(
                s ->
                    s.pipeline(
                        p -> p.step("a", a -> a.command("x")).timeLimit(Duration.ofHours(1)))))
        .containsExactly("timeLimit steps.sub.pipeline.timeLimit");
  }

  @Test
  void onlyAStepWithSomethingInsideHasInputsAndOutputs() {
    assertThat(problems(s -> s.command("x").input("a", "b").outputs("c")))
        .containsExactly("inputs steps.sub.inputs", "outputs steps.sub.outputs");
  }

  @Test
  void pipelinesStandInEachOtherToALimit() {
    Pipeline deepest = needing("task");
    for (int i = 0; i < Around.DEEPEST; i++) {
      Pipeline inner = deepest;
      deepest =
          Pipeline.named("p").step("s", s -> s.pipeline(inner).input("task", "{{ task }}")).build();
    }
    Pipeline tooDeep = deepest;

    assertThat(PipelineFormat.YAML.read(PipelineFormat.YAML.write(tooDeep))).isEqualTo(tooDeep);
    assertThat(problems(s -> s.pipeline(tooDeep).input("task", "x")))
        .containsExactly(
            "pipeline"
                + " steps.sub.pipeline.steps.s.pipeline.steps.s.pipeline.steps.s.pipeline.steps.s.pipeline");
  }

  @Test
  void idsThatStandInEachOtherStayFitForAFileName() {
    String half = "a".repeat(100);

    assertThat(
            problems(
                s ->
                    s.pipeline(
                        p ->
                            p.step(half, a -> a.pipeline(q -> q.step(half, b -> b.command("x")))))))
        .containsExactly("id steps.sub.pipeline.steps." + half + ".pipeline.steps." + half + ".id");
  }

  @Test
  void anOutputThatIsTakenIsUsed() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "sub",
                s ->
                    s.pipeline(
                            p ->
                                p.step("a", a -> a.command("x").output("used"))
                                    .step("b", b -> b.command("x").output("lost")))
                        .outputs("used")
                        .output("o"))
            .step("end", s -> s.command("x", "{{ o }}").after("sub"))
            .build();

    assertThat(pipeline.validate().warnings())
        .extracting(Problem::path)
        .containsExactly("steps.sub.pipeline.steps.b.output");
  }

  @Test
  void whatSteersInsideSteersAroundIt() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "sub",
                s ->
                    s.pipeline(
                            p -> p.step("a", a -> a.command("x").when("{{ mode }} equals 'full'")))
                        .input("mode", "{{ chosen }} mode"))
            .build();

    assertThat(pipeline.steering()).containsExactly("chosen");
    assertThat(pipeline.check(Inputs.of("chosen", "x".repeat(9_000))))
        .extracting(Problem::code)
        .containsExactly("too-large");
  }

  private static Pipeline needing(String name) {
    return Pipeline.named("inner").step("a", a -> a.command("x", "{{ " + name + " }}")).build();
  }

  private static List<String> problems(Consumer<StepBuilder> sub) {
    return problemsOf(sub).stream().map(p -> p.code() + " " + p.path()).toList();
  }

  private static List<Problem> problemsOf(Consumer<StepBuilder> sub) {
    PipelineBuilder builder =
        Pipeline.named("outer")
            .step("first", s -> s.command("x").output("spec"))
            .step("sub", sub.andThen(s -> s.after("first")));
    try {
      builder.build();
      return List.of();
    } catch (InvalidDefinitionException e) {
      return e.problems();
    }
  }
}
