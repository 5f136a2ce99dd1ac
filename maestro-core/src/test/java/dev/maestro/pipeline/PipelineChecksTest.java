package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.policy.CommandGuard;
import dev.maestro.policy.CommandRules;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.SharedBudgets;
import dev.maestro.policy.Until;
import dev.maestro.task.Cap;
import dev.maestro.task.TimeBound;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineChecksTest {

  @Test
  void refusesAPipelineWithoutSteps() {
    assertThat(problems(Pipeline.named("p"))).containsExactly("steps steps");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\nb"})
  void refusesAPipelineWithoutAName(String name) {
    assertThat(problems(Pipeline.named(name).step("a", agent()))).containsExactly("name name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a/b", "..", "a--b", "-a", "x.lock"})
  void refusesIdsThatCannotNameATask(String id) {
    assertThat(problems(Pipeline.named("p").step(id, agent()))).containsExactly("id steps[0].id");
  }

  @Test
  void refusesATimeLimitThatIsNoneOrTooLong() {
    for (Duration limit : List.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(3_661))) {
      assertThat(problems(Pipeline.named("p").timeLimit(limit).step("a", agent())))
          .containsExactly("timeLimit timeLimit");
    }
    assertThat(problems(Pipeline.named("p").timeLimit(TimeBound.LONGEST).step("a", agent())))
        .isEmpty();
  }

  @Test
  void refusesLimitsOfALaunchThatAreNoneOrTooLong() {
    for (Duration limit : List.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(3_661))) {
      assertThat(problems(Pipeline.named("p").step("a", agent().andThen(s -> s.timeout(limit)))))
          .containsExactly("limits steps.a.limits.total");
      assertThat(problems(Pipeline.named("p").step("a", agent().andThen(s -> s.inactivity(limit)))))
          .containsExactly("limits steps.a.limits.inactivity");
    }
  }

  @Test
  void refusesADelayThatIsNoneOrTooLong() {
    for (Duration delay : List.of(Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(3_661))) {
      assertThat(problems(Pipeline.named("p").step("a", agent().andThen(s -> s.delay(delay)))))
          .containsExactly("delay steps.a.delay");
    }
  }

  @Test
  void refusesABudgetOfWhichOneLaunchMayUseUpMoreThanAll() {
    Budget budget = Budget.usd("2.00").tokens(100).perAttempt(Cap.ofTokens(101).usd("2.00"));
    Consumer<StepBuilder> each = s -> s.forEach("{{ list }}").budget(budget);

    assertThat(problems(Pipeline.named("p").budget(budget).step("a", agent())))
        .containsExactly("budget budget");
    assertThat(problems(Pipeline.named("p").step("a", agent().andThen(s -> s.budget(budget)))))
        .containsExactly("budget steps.a.budget");
    assertThat(problems(Pipeline.named("p").step("a", agent().andThen(each))))
        .containsExactly("budget steps.a.budget");
    Budget enough = budget.tokens(101);
    assertThat(problems(Pipeline.named("p").budget(enough).step("a", agent()))).isEmpty();
    assertThat(budget.contradiction())
        .contains("one launch may use up 101 tokens, which is more than the 100 of all together");
    assertThatThrownBy(() -> SharedBudgets.NONE.application(budget))
        .hasMessageContaining("one launch may use up 101 tokens");
  }

  @Test
  void refusesARuleAboutCommandsThatRefusesNone() {
    Guardrail idle = new CommandGuard(new CommandRules(List.of()));

    assertThat(problems(Pipeline.named("p").step("a", agent().andThen(s -> s.guard(idle)))))
        .containsExactly("guard steps.a.guard");
    assertThat(problems(Pipeline.named("p").guard(idle).step("a", agent())))
        .containsExactly("guard guard");
  }

  @Test
  void whatWasStoredBeforeItWasRefusedIsReadAllTheSame() {
    String stored =
        """
        {"name": "p", "budget": {"tokens": 1, "perAttempt": {"tokens": 2}},
         "guard": [{"rule": "commands", "rules": []}],
         "steps": [{"id": "a", "agent": "x", "prompt": "go"}]}
        """;

    Pipeline restored = PipelineFormat.restore(stored.getBytes(StandardCharsets.UTF_8));

    assertThat(restored.policies().limits().orElseThrow().perAttempt()).isEqualTo(Cap.ofTokens(2));
    assertThatThrownBy(() -> PipelineFormat.JSON.read(stored))
        .hasMessageContaining("one launch may use up 2 tokens");
  }

  @Test
  void aStepWithADelayAndNothingToDoOnlyWaits() {
    Pipeline pipeline =
        Pipeline.named("p").step("cool-down", s -> s.delay(Duration.ofHours(1))).build();

    assertThat(pipeline.steps().get(0).action()).isEqualTo(new Action.Wait());
    assertThat(PipelineFormat.YAML.read("name: p\nsteps: [{id: cool-down, delay: 1h}]"))
        .isEqualTo(pipeline);
  }

  @Test
  void refusesWhatAStepThatOnlyWaitsCannotHave() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", s -> s.delay(Duration.ofHours(1)).attempts(2).output("x"))
            .step("b", s -> s.delay(Duration.ofHours(1)).after("a").mergeInto("main"))
            .step(
                "c", s -> s.delay(Duration.ofHours(1)).secret("TOKEN").timeout(Duration.ofHours(2)))
            .step("d", s -> s.delay(Duration.ofHours(1)).prompt("x"));

    assertThat(problems(builder))
        .containsExactly(
            "attempts steps.a.attempts",
            "output steps.a.output",
            "mergeInto steps.b.mergeInto",
            "limits steps.c.limits",
            "secrets steps.c.secrets",
            "agent steps.d.agent");
  }

  @Test
  void refusesAnIdThatOccursTwice() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", agent())
            .step("a", agent())
            .step("plan", s -> s.plan("x").prompt("y").template("a"))
            .template("a", agent());

    assertThat(problems(builder))
        .containsExactly("duplicate steps[1].id", "duplicate templates.a.id");
  }

  @Test
  void refusesAMissingAgentOrPrompt() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", s -> s.agent(" ").prompt("x"))
            .step("b", s -> s.agent("x").prompt("\n"))
            .step("c", s -> s.plan("x").template("t"))
            .step("d", s -> s.command(""))
            .step("e", s -> s.approval(""))
            .step("f", s -> s.code("", "1"))
            .template("t", agent());

    assertThat(problems(builder))
        .containsExactly(
            "agent steps.a.agent",
            "prompt steps.b.prompt",
            "prompt steps.c.prompt",
            "command steps.d.command",
            "approval steps.e.approval",
            "code steps.f.code");
  }

  @Test
  void refusesAnUnknownDependency() {
    List<Problem> problems =
        found(
            Pipeline.named("p")
                .step("red", agent())
                .step("a", s -> s.agent("x").prompt("y").after("rad", "zz")));

    assertThat(problems)
        .extracting(
            Problem::code,
            Problem::path,
            p -> p.details().get("step"),
            p -> p.details().get("input"))
        .containsExactly(
            tuple("unknown-input", "steps.a.after", "a", "rad"),
            tuple("unknown-input", "steps.a.after", "a", "zz"));
    assertThat(problems.get(0).message()).contains("did you mean 'red'?");
  }

  @Test
  void refusesCyclesAndNamesTheirMembersInRingOrder() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("y").after("c"))
            .step("b", s -> s.agent("x").prompt("y").after("a"))
            .step("c", s -> s.agent("x").prompt("y").after("b"))
            .step("self", s -> s.agent("x").prompt("y").after("self"));

    List<Problem> problems = found(builder);

    assertThat(problems).extracting(Problem::code).containsExactly("cycle", "cycle");
    assertThat(problems.get(0).message()).contains("a -> ");
    assertThat(problems.get(0).details().get("members").split(","))
        .containsExactlyInAnyOrder("a", "b", "c");
    assertThat(problems.get(1).path()).isEqualTo("steps.self.after");
  }

  @Test
  void refusesAnOutputNameThatOccursTwice() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("y").output("x"))
            .step("b", s -> s.agent("x").prompt("y").output("x"));

    assertThat(problems(builder)).containsExactly("duplicate steps.b.output");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "1", "task", "item", "item.text"})
  void refusesOutputNamesThatTemplatesCannotUse(String name) {
    assertThat(problems(Pipeline.named("p").step("a", s -> s.agent("x").prompt("y").output(name))))
        .containsExactly("output steps.a.output");
  }

  @Test
  void refusesTheOutputOfAStepThatDoesNotComeBefore() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("red", s -> s.agent("x").prompt("y").output("tests"))
            .step("green", s -> s.agent("x").prompt("{{ tests }}"))
            .step("blue", s -> s.agent("x").prompt("y").when("{{ tests }} contains 'x'"))
            .step("own", s -> s.agent("x").prompt("{{ mine }}").output("mine"))
            .step("fine", s -> s.agent("x").prompt("{{ tests }}").after("last"))
            .step("last", s -> s.agent("x").prompt("y").after("red"));

    assertThat(problems(builder))
        .containsExactly(
            "variable steps.green.prompt", "variable steps.blue.when", "variable steps.own.prompt");
  }

  @Test
  void warnsOfAnOutputThatNoStepUses() {
    Pipeline pipeline =
        Pipeline.named("p").step("a", s -> s.agent("x").prompt("y").output("x")).build();

    assertThat(pipeline.validate().warnings())
        .extracting(Problem::code, Problem::path)
        .containsExactly(tuple("unused-output", "steps.a.output"));
  }

  @Test
  void doesNotWarnOfAnOutputThatCodeMayLookAt() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("y").output("x"))
            .step("b", agentAfter("a"))
            .step("c", s -> s.code("score", "1").after("b"))
            .build();

    assertThat(pipeline.validate().warnings()).isEmpty();
  }

  @Test
  void refusesToContinueWhatCannotBeContinued() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", agent())
            .step("build", s -> s.command("ls"))
            .step("unknown", s -> s.agent("x").prompt("y").continues("zz"))
            .step("command", s -> s.agent("x").prompt("y").continues("build"))
            .step("first", s -> s.agent("x").prompt("y").continues("a"))
            .step("second", s -> s.agent("x").prompt("y").continues("a"))
            .step("third", s -> s.command("ls").continues("second"));

    assertThat(problems(builder))
        .containsExactly(
            "continues steps.unknown.continues",
            "continues steps.command.continues",
            "continues steps.second.continues",
            "continues steps.third.continues");
  }

  @Test
  void refusesTemplatesThatAreUnknownUnusedOrOutOfPlace() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", s -> s.plan("x").prompt("y").template("zz"))
            .step("b", s -> s.plan("x").prompt("y"))
            .step("c", s -> s.plan("x").prompt("y").template("nested"))
            .step("d", s -> s.plan("x").prompt("y").template("later"))
            .step("e", agentAfter("nested"))
            .template("nested", s -> s.plan("x").prompt("y").template("nested"))
            .template("unused", agent())
            .template("later", s -> s.agent("x").prompt("y").after("a").continues("b"));

    assertThat(problems(builder))
        .containsExactly(
            "template steps.a.template",
            "template steps.b.template",
            "unknown-input steps.e.after",
            "template templates.nested.plan",
            "template templates.unused.id",
            "after templates.later.after",
            "continues templates.later.continues");
  }

  @Test
  void letsTemplatesUseItemsAndWhatTheirPlanCanSee() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("before", s -> s.agent("x").prompt("y").output("seen"))
            .step("beside", s -> s.agent("x").prompt("y").output("unseen"))
            .step(
                "plan",
                s -> s.plan("x").prompt("y").template("work").output("plan").after("before"))
            .step("after", s -> s.agent("x").prompt("{{ item.id }} {{ done }}").after("plan"))
            .template(
                "work",
                s ->
                    s.agent("x")
                        .prompt(
                            "{{ item.id }} {{ item.text }} {{ item.file }} {{ item.phase }}"
                                + "{{ item.position }} {{ seen }} {{ plan }} {{ task }} {{ item.no }} {{ unseen }}")
                        .output("done"));

    assertThat(found(builder))
        .extracting(p -> p.path() + " " + p.details().get("input"))
        .containsExactly(
            "steps.after.prompt item.id",
            "steps.after.prompt done",
            "templates.work.prompt item.no",
            "templates.work.prompt unseen");
  }

  @Test
  void refusesTextThatIsNoTemplateWithThePositionOfEachFault() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("ok\n{{ a b }} {% if %}"))
            .step("b", s -> s.command("ls", "{{ x"));

    assertThat(found(builder))
        .extracting(Problem::toString)
        .satisfiesExactly(
            first -> assertThat(first).startsWith("steps.a.prompt: ").contains("line 2, column 1"),
            second -> assertThat(second).startsWith("steps.a.prompt: ").contains("column 11"),
            third -> assertThat(third).startsWith("steps.b.command[1]: ").contains("column 1"));
  }

  @Test
  void refusesImpossiblePolicies() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("none", s -> s.agent("x").prompt("y").attempts(0))
            .step("many", s -> s.agent("x").prompt("y").attempts(101))
            .step(
                "silence",
                s ->
                    s.agent("x")
                        .prompt("y")
                        .timeout(Duration.ofSeconds(1))
                        .inactivity(Duration.ofMinutes(1)))
            .step("zero", s -> s.agent("x").prompt("y").timeout(Duration.ZERO))
            .step("secret", s -> s.agent("x").prompt("y").secret("A-B").secret("OK").secret("OK"))
            .step(
                "gates",
                s ->
                    s.agent("x")
                        .prompt("y")
                        .gate(Gate.command("ls"))
                        .gate(Gate.command("ls"))
                        .gate(Gate.code("", "")))
            .step("interceptor", s -> s.agent("x").prompt("y").intercept(""))
            .step("title", s -> s.agent("x").prompt("y").title("a\nb"));

    assertThat(problems(builder))
        .containsExactly(
            "attempts steps.none.attempts",
            "attempts steps.many.attempts",
            "limits steps.silence.limits",
            "limits steps.zero.limits.total",
            "duplicate steps.secret.secrets",
            "secrets steps.secret.secrets",
            "duplicate steps.gates.gates[1]",
            "gates steps.gates.gates[2]",
            "interceptors steps.interceptor.interceptors",
            "title steps.title.title");
  }

  @Test
  void letsAnApprovalMergeWhatItWaitedForAndCheckTheMerge() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step("work", s -> s.agent("engineer").prompt("Do it"))
            .step(
                "merge",
                s ->
                    s.approval("Merge it?")
                        .after("work")
                        .mergeInto("main")
                        .gate(Gate.command("ls"))
                        .secret("TOKEN"));

    assertThat(problems(builder)).isEmpty();
  }

  @Test
  void refusesOnApprovalsWhatOnlyWorkCanHave() {
    PipelineBuilder builder =
        Pipeline.named("p")
            .step(
                "ask",
                s ->
                    s.approval("Go on?")
                        .output(Output.json("answer", String.class))
                        .attempts(2)
                        .backoff(Backoff.NONE)
                        .timeout(Duration.ofHours(2))
                        .mergeInto("main")
                        .gate(Gate.command("ls"))
                        .secret("TOKEN"))
            .step("code", s -> s.code("x", "1").gate(Gate.command("ls")).secret("TOKEN"));

    assertThat(problems(builder))
        .containsExactly(
            "output steps.ask.output",
            "attempts steps.ask.attempts",
            "backoff steps.ask.backoff",
            "limits steps.ask.limits",
            "mergeInto steps.ask.mergeInto",
            "gates steps.ask.gates",
            "secrets steps.ask.secrets",
            "gates steps.code.gates",
            "secrets steps.code.secrets");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a b",
        "-a",
        "a..b",
        "/a",
        "a/",
        "a//b",
        "a/.b",
        ".a",
        "a.lock",
        "a.lock/b",
        "a.",
        "a~",
        "a^b",
        "a:b",
        "a?",
        "a*",
        "a[b",
        "a\\b",
        "a@{b",
        "@",
        "HEAD",
        "refs/heads/a",
        "maestro",
        "maestro/x",
        "a\tb"
      })
  void refusesBranchNamesThatGitOrMaestroCannotTake(String branch) {
    assertThat(
            problems(
                Pipeline.named("p").step("a", s -> s.agent("x").prompt("y").mergeInto(branch))))
        .containsExactly("mergeInto steps.a.mergeInto");
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "feature/x", "a.b-c_d", "maestro-x", "release/1.0", "ünï"})
  void takesOtherBranchNames(String branch) {
    assertThat(
            problems(
                Pipeline.named("p").step("a", s -> s.agent("x").prompt("y").mergeInto(branch))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\ud800", "x\udc00"})
  void refusesTextThatCannotBeStoredOrHandedOver(String text) {
    assertThat(problems(Pipeline.named("p").step("a", s -> s.command("echo", text))))
        .containsExactly("text steps.a.command[1]");
  }

  @Test
  void comparesInputsWithWhatIsNeeded() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("red", s -> s.agent("x").prompt("{{ task }} {{ stlye }}").output("style"))
            .step("green", s -> s.agent("x").prompt("{{ style }}").after("red"))
            .build();

    assertThat(pipeline.check(Inputs.of("task", "x").with("stlye", "y"))).isEmpty();
    assertThat(pipeline.check(Inputs.of("style", "x").with("other", "y")))
        .extracting(p -> p.code() + " " + p.path())
        .containsExactly(
            "missing-input inputs.task",
            "missing-input inputs.stlye",
            "superfluous-input inputs.other",
            "superfluous-input inputs.style");
    assertThat(pipeline.check(Inputs.of("task", "x")).get(0).message())
        .startsWith("steps.red.prompt uses {{ stlye }}")
        .contains("did you mean 'style'?");
  }

  @Test
  void takesATaskAlwaysAndEveryInputWhenCodeMayLookAtIt() {
    Pipeline plain = Pipeline.named("p").step("a", s -> s.agent("x").prompt("y")).build();
    Pipeline code = Pipeline.named("p").step("a", s -> s.code("x", "1")).build();

    assertThat(plain.check(Inputs.of("task", "x"))).isEmpty();
    assertThat(code.check(Inputs.of("anything", "x"))).isEmpty();
  }

  @Test
  void refusesALargeInputThatDecidesWhatRuns() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("y").when("{{ mode }} equals 'full'"))
            .build();

    assertThat(pipeline.check(Inputs.of("mode", "x".repeat(8 * 1024)))).isEmpty();
    assertThat(pipeline.check(Inputs.of("mode", "x".repeat(8 * 1024 + 1))))
        .extracting(Problem::code)
        .containsExactly("too-large");
  }

  private static Consumer<StepBuilder> json() {
    return agent().andThen(s -> s.output(Output.json("found", List.class)));
  }

  @Test
  void refusesAnAnswerThatIsToBeJsonAndToSayInABlockThatItIsDone() {
    Consumer<StepBuilder> both = json().andThen(s -> s.until(Until.block()));
    assertThat(problems(Pipeline.named("p").step("a", both)))
        .containsExactly("until steps.a.until");
    assertThat(found(Pipeline.named("p").step("a", both)).get(0).message()).contains("promise");

    assertThat(problems(Pipeline.named("p").until(Until.block()).step("a", json())))
        .as("switched on for all of the pipeline")
        .containsExactly("until steps.a.output");
    assertThat(
            problems(
                Pipeline.named("p")
                    .step("a", s -> s.until(Until.block()).pipeline(p -> p.step("b", json())))))
        .as("switched on around it")
        .containsExactly("until steps.a.pipeline.steps.b.output");
    assertThat(
            problems(
                Pipeline.named("p")
                    .step(
                        "a",
                        s ->
                            s.forEach("{{ list }}")
                                .until(Until.block())
                                .agent("x")
                                .prompt("y")
                                .output(Output.json("found", List.class)))))
        .as("for each element")
        .containsExactly("until steps.a.until");
  }

  @Test
  void takesOneThatSaysItByAPromiseOrReturnsTextOrComesFromAProgram() {
    PipelineBuilder pipeline =
        Pipeline.named("p")
            .until(Until.block())
            .step("promise", json().andThen(s -> s.until(Until.promise())))
            .step("text", agent().andThen(s -> s.output("text")))
            .step("program", s -> s.command("x").output(Output.json("made", List.class)));

    assertThat(problems(pipeline)).isEmpty();
  }

  private static Consumer<StepBuilder> agent() {
    return s -> s.agent("x").prompt("y");
  }

  private static Consumer<StepBuilder> agentAfter(String step) {
    return s -> s.agent("x").prompt("y").after(step);
  }

  private static List<Problem> found(PipelineBuilder builder) {
    return builder.validate(builder.assemble()).problems();
  }

  private static List<String> problems(PipelineBuilder builder) {
    return found(builder).stream().map(p -> p.code() + " " + p.path()).toList();
  }
}
