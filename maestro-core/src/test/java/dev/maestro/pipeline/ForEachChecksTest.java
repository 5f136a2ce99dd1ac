package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ForEachChecksTest {

  @Test
  void saysTheSameInJavaAndYaml() {
    String yaml =
        """
        name: outer
        steps:
          - id: list
            command: [ls]
            output: {json: modules}
          - id: review
            forEach: "{{ modules }}"
            as: module
            parallel: 3
            failure: keep
            agent: reviewer
            prompt: "Review {{ module }}, the {{ module.index }}. of all, for {{ task }}"
            gates:
              - command: [check]
            attempts: 2
            after: [list]
            output: reviews
          - id: vote
            forEach: "{{ reviews }}"
            quorum: 2
            pipeline:
              steps:
                - id: a
                  agent: voter
                  prompt: "Yes or no: {{ item }}"
            after: [review]
        """;
    Pipeline java =
        Pipeline.named("outer")
            .step("list", s -> s.command("ls").output(Output.json("modules", List.class)))
            .step(
                "review",
                s ->
                    s.forEach("{{ modules }}")
                        .as("module")
                        .parallel(3)
                        .failure(Action.Failure.KEEP)
                        .agent("reviewer")
                        .prompt(
                            "Review {{ module }}, the {{ module.index }}. of all, for {{ task }}")
                        .gate(Gate.command("check"))
                        .attempts(2)
                        .after("list")
                        .output("reviews"))
            .step(
                "vote",
                s ->
                    s.forEach("{{ reviews }}")
                        .quorum(2)
                        .pipeline(
                            p -> p.step("a", a -> a.agent("voter").prompt("Yes or no: {{ item }}")))
                        .after("review"))
            .build();

    assertThat(PipelineFormat.YAML.read(yaml)).isEqualTo(java);
    assertThat(PipelineFormat.YAML.read(PipelineFormat.YAML.write(java))).isEqualTo(java);
    assertThat(java.inputs()).containsExactly("task");
    assertThat(java.validate().warnings()).isEmpty();
    assertThat(java.step("review").orElseThrow().body().attempts()).isEqualTo(2);
    assertThat(java.steering()).containsExactly("modules", "reviews");
  }

  @Test
  void theListIsAName() {
    assertThat(problems(s -> s.forEach("spec").command("x")))
        .containsExactly("forEach steps.each.forEach");
    assertThat(problems(s -> s.forEach("all {{ spec }}").command("x")))
        .containsExactly("forEach steps.each.forEach");
  }

  @Test
  void theOutputThatIsGoneOverIsNoText() {
    Problem problem = problemsOf(s -> s.forEach("{{ text }}").command("x")).get(0);

    assertThat(problem.code() + " " + problem.path()).isEqualTo("variable steps.each.forEach");
    assertThat(problem.message()).contains("step 'says'", "output: {json: text}");
  }

  @Test
  void theListComesBefore() {
    assertThat(problems(s -> s.forEach("{{ later }}").command("x")))
        .containsExactly("variable steps.each.forEach");
  }

  @Test
  void whatTheInputIsMustBeAListThatFits() {
    Pipeline pipeline =
        Pipeline.named("p").step("each", s -> s.forEach("{{ list }}").code("c", "1")).build();

    assertThat(pipeline.check(Inputs.of("list", List.of(1, 2)))).isEmpty();
    assertThat(pipeline.check(Inputs.of("list", "a,b")))
        .extracting(p -> p.code() + " " + p.path())
        .containsExactly("inputs inputs.list");
    assertThat(pipeline.check(Inputs.of("list", List.of("x".repeat(9_000)))))
        .extracting(Problem::code)
        .containsExactly("too-large");
    assertThat(pipeline.check(Inputs.none()))
        .extracting(Problem::code)
        .containsExactly("missing-input");
  }

  @Test
  void anElementHasANameOfItsOwn() {
    assertThat(problems(s -> each(s).as("spec"))).containsExactly("duplicate steps.each.as");
    assertThat(problems(s -> each(s).as("mode"))).containsExactly("duplicate steps.each.as");
    assertThat(problems(s -> each(s).as("task"))).containsExactly("as steps.each.as");
    assertThat(problems(s -> each(s).as("a.b"))).containsExactly("as steps.each.as");
    assertThat(problems(s -> each(s).as(""))).containsExactly("as steps.each.as");
    assertThat(problems(s -> each(s).as("one"))).isEmpty();
  }

  @Test
  void nothingElseIsCalledLikeAFieldOfAnElement() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("each", s -> s.forEach("{{ list }}").as("story").code("c", "1"))
            .build();

    assertThat(pipeline.check(Inputs.of("list", List.of(1)).with("story.title", "x")))
        .extracting(p -> p.code() + " " + p.path())
        .containsExactly("superfluous-input inputs.story.title");
    assertThat(pipeline.check(Inputs.of("list", List.of(1)).with("history.title", "x"))).isEmpty();
    PipelineBuilder output =
        Pipeline.named("p")
            .step("title", s -> s.code("c", "1").output("story.title"))
            .step("each", s -> s.forEach("{{ list }}").as("story").code("c", "1"));
    assertThatThrownBy(output::build)
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("'story.title' has a meaning here already");
  }

  @Test
  void listsInsideOfEachOtherHaveElementsOfDifferentNames() {
    Consumer<StepBuilder> outer =
        s ->
            s.forEach("{{ spec }}")
                .pipeline(
                    p -> p.step("in", i -> i.forEach("{{ item }}").command("x", "{{ item }}")));
    assertThat(problems(outer)).containsExactly("duplicate steps.each.pipeline.steps.in.as");

    assertThat(
            problems(
                s ->
                    s.forEach("{{ spec }}")
                        .pipeline(
                            p ->
                                p.step(
                                    "in",
                                    i ->
                                        i.forEach("{{ item.parts }}")
                                            .as("part")
                                            .command("x", "{{ part }} of {{ item.name }}")))))
        .isEmpty();
  }

  @Test
  void inATemplateTheItemIsThePlansLine() {
    assertThat(templateProblems("item")).containsExactly("duplicate templates.line.as");
    assertThat(templateProblems("part")).isEmpty();
  }

  @Test
  void theElementIsKnownNowhereElse() {
    assertThat(problems(s -> s.command("x", "{{ item }}")))
        .containsExactly("variable steps.each.command[1]");
    assertThat(problems(s -> each(s).when("{{ item }} equals 'x'")))
        .containsExactly("variable steps.each.when");
  }

  @Test
  void inAPipelineTheElementNeedNotBeHandedIn() {
    assertThat(
            problems(
                s -> each(s).as("one").input("more", "{{ one }} and {{ spec }}").input("one", "x")))
        .containsExactly("inputs steps.each.inputs");
    Consumer<PipelineBuilder> inside =
        p -> p.step("a", a -> a.command("x", "{{ one }}", "{{ more }}"));
    assertThat(
            problems(
                s ->
                    s.forEach("{{ spec }}")
                        .as("one")
                        .pipeline(inside)
                        .input("more", "{{ one }} of {{ spec }}")))
        .isEmpty();
    assertThat(
            problems(
                s ->
                    s.forEach("{{ spec }}")
                        .as("one")
                        .pipeline(inside)
                        .input("more", "")
                        .input("one", "")))
        .containsExactly("superfluous-input steps.each.inputs.one");
  }

  @Test
  void numbersArePossible() {
    assertThat(problems(s -> each(s).parallel(0))).containsExactly("parallel steps.each.parallel");
    assertThat(problems(s -> each(s).quorum(0))).containsExactly("quorum steps.each.quorum");
    assertThat(problems(s -> each(s).quorum(4_096))).containsExactly("quorum steps.each.quorum");
    assertThat(problems(s -> each(s).failure(Action.Failure.QUORUM)))
        .contains("quorum steps.each.quorum");
    assertThat(problems(s -> each(s).quorum(1).failure(Action.Failure.KEEP)))
        .containsExactly("failure steps.each.failure");
  }

  @Test
  void onlyWhatGoesOverAListHasElements() {
    assertThat(problems(s -> s.command("x").as("one").parallel(2).quorum(2)))
        .containsExactly(
            "as steps.each.as", "parallel steps.each.parallel", "quorum steps.each.quorum");
  }

  @Test
  void somethingIsDoneForEach() {
    assertThat(problems(s -> s.forEach("{{ spec }}"))).containsExactly("agent steps.each.agent");
    assertThat(problems(s -> s.forEach("{{ spec }}").delay(java.time.Duration.ofHours(1))))
        .containsExactly("forEach steps.each.forEach");
  }

  @Test
  void manyTasksCannotContinueOneSession() {
    assertThat(
            problems(
                s -> s.forEach("{{ spec }}").agent("a").prompt("{{ item }}").continues("talks")))
        .containsExactly("continues steps.each.continues");
  }

  @Test
  void problemsOfWhatIsDoneForEachAreFound() {
    assertThat(
            problems(
                s ->
                    s.forEach("{{ spec }}")
                        .agent("a")
                        .prompt("{{ item }} {{ later }} {{")
                        .attempts(0)
                        .mergeInto("refs/x")))
        .containsExactlyInAnyOrder(
            "attempts steps.each.attempts",
            "mergeInto steps.each.mergeInto",
            "template-syntax steps.each.prompt",
            "variable steps.each.prompt");
  }

  @Test
  void anElementThatIsNotUsedIsWarnedOf() {
    Pipeline pipeline =
        Pipeline.named("p").step("each", s -> s.forEach("{{ list }}").command("x")).build();

    assertThat(pipeline.validate().warnings())
        .extracting(p -> p.code() + " " + p.path())
        .containsExactly("unused-element steps.each.forEach");
  }

  @Test
  void idsWithNumbersStayFitForAFileName() {
    String half = "a".repeat(100);

    assertThat(
            problems(
                s ->
                    s.forEach("{{ spec }}")
                        .pipeline(
                            p -> p.step(half.substring(10), b -> b.command("x", "{{ item }}")))))
        .isEmpty();
    Pipeline long1 =
        Pipeline.named("p").step(half.substring(1), b -> b.command("x", "{{ one }}")).build();
    PipelineBuilder builder =
        Pipeline.named("outer")
            .step(half.substring(5), s -> s.forEach("{{ l }}").as("one").pipeline(long1));
    assertThat(builder.assemble().validate().problems())
        .extracting(Problem::code)
        .containsExactly("id");
  }

  private static StepBuilder each(StepBuilder step) {
    return step.forEach("{{ spec }}").code("c", "1");
  }

  private static List<String> templateProblems(String as) {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("plan", s -> s.plan("a").prompt("x").template("line"))
            .template(
                "line",
                s ->
                    s.forEach("{{ list }}")
                        .as(as)
                        .command("x", "{{ " + as + " }}", "{{ item.text }}"));
    return codes(builder);
  }

  private static List<String> problems(Consumer<StepBuilder> each) {
    return problemsOf(each).stream().map(p -> p.code() + " " + p.path()).toList();
  }

  private static List<Problem> problemsOf(Consumer<StepBuilder> each) {
    return problemsOf(
        Pipeline.named("outer")
            .step("first", s -> s.code("c", "1").output("spec"))
            .step("says", s -> s.command("x", "{{ mode }}").output("text"))
            .step("talks", s -> s.agent("a").prompt("x"))
            .step("each", each.andThen(s -> s.after("first", "says")))
            .step("end", s -> s.code("c", "1").after("each").output("later")));
  }

  private static List<String> codes(PipelineBuilder builder) {
    return problemsOf(builder).stream().map(p -> p.code() + " " + p.path()).toList();
  }

  private static List<Problem> problemsOf(PipelineBuilder builder) {
    try {
      builder.build();
      return List.of();
    } catch (InvalidDefinitionException e) {
      return e.problems();
    }
  }
}
