package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.approval.Asking;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Signoff;
import dev.maestro.policy.Tiers;
import dev.maestro.task.Risk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineFormatTest {

  private static final String STEP = "steps: [{id: a, agent: x, prompt: y}]\n";

  @Test
  void readsTheWorkflowSchemaOfTheSources() {
    Pipeline pipeline =
        PipelineFormat.YAML.read(
            """
            name: review
            description: Two reviews, then a summary.
            steps:
              - id: security
                agent: auditor
                prompt: Review {{task}} for security.
                output: security_findings
              - id: style
                agent: reviewer
                prompt: Review {{task}} for style.
                output: style_findings
              - id: synthesize
                agent: lead
                prompt: |
                  Rank these:
                  {{security_findings}}
                  {{ style_findings }}
                depends_on: [security, style]
            """);

    assertThat(pipeline.graph().levels())
        .containsExactly(List.of("security", "style"), List.of("synthesize"));
    assertThat(pipeline.inputs()).containsExactly("task");
    assertThat(pipeline.description()).isEqualTo("Two reviews, then a summary.");
  }

  @Test
  void aPipelineThatSwitchesNothingOnIsWrittenAsItWasBeforeThereWerePolicies() {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.agent("x").prompt("y").gate(Gate.command("test")).attempts(3))
            .build();

    assertThat(new String(pipeline.canonicalJson(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"name\":\"p\",\"steps\":[{\"id\":\"a\",\"agent\":\"x\",\"prompt\":\"y\","
                + "\"gates\":[{\"command\":[\"test\"]}],\"attempts\":3}]}");
  }

  @Test
  void policiesOfAStepDoNotMakeItsResultAnother() {
    Step bare = oneStep(s -> s.agent("x").prompt("y"));
    Step guarded = oneStep(s -> s.agent("x").prompt("y").guard(Guardrail.terms("secret")));

    assertThat(guarded).isNotEqualTo(bare);
    assertThat(guarded.hash()).isEqualTo(bare.hash());
  }

  @Test
  void whatPeopleHaveToSayMeansTheSameInAFile() {
    Pipeline pipeline =
        PipelineFormat.YAML.read(
            """
            name: overseen
            oversight: {autonomy: guarded, asking: {quorum: 2}}
            steps:
              - id: a
                agent: x
                prompt: y
                oversight:
                  risk: high
                  signOff: {low: none, medium: unless-tested, high: before-act}
                  review: true
                  rollback: true
                  claimed: true
                  asking: {within: 30m}
            """);

    Pipeline composed =
        Pipeline.named("overseen")
            .autonomy(AutonomyLevel.GUARDED)
            .asking(Asking.DEFAULT.quorum(2))
            .step(
                "a",
                s ->
                    s.agent("x")
                        .prompt("y")
                        .risk(Risk.HIGH)
                        .signOff(new Tiers(Signoff.NONE, Signoff.UNLESS_TESTED, Signoff.BEFORE_ACT))
                        .review()
                        .rollback()
                        .byClaim()
                        .asking(Asking.DEFAULT.within(Duration.ofMinutes(30))))
            .build();
    assertThat(pipeline).isEqualTo(composed);
    assertThat(PipelineFormat.YAML.read(PipelineFormat.YAML.write(composed))).isEqualTo(composed);
  }

  @Test
  void whatCannotBeClaimedOrReviewedSaysSo() {
    assertThatThrownBy(() -> oneStep(s -> s.approval("ok?").byClaim()))
        .hasMessageContaining("cannot be claimed");
    assertThatThrownBy(() -> oneStep(s -> s.approval("ok?").review()))
        .hasMessageContaining("makes nothing that could be reviewed");
    assertThatThrownBy(
            () -> oneStep(s -> s.code("c", "1").byClaim().when(new Condition.Predicate("p", "1"))))
        .hasMessageContaining("cannot ask a predicate first");
  }

  private static Step oneStep(Consumer<StepBuilder> how) {
    return Pipeline.named("p").step("a", how).build().steps().get(0);
  }

  @Test
  void readsTheShortFormsOfEverythingAStepCanSay() {
    Pipeline pipeline =
        PipelineFormat.YAML.read(
            """
            name: all
            version: 2
            steps:
              - id: plan
                plan: planner
                model: large
                prompt: "{{ task }}"
                template: work
                output: plan
              - id: build
                title: Build it
                command: [mvn, -q, test]
                after: [plan]
                when: "{{ plan }} contains 'y'"
                output: {json: report}
                gates:
                  - {command: [mvn, -q, test], protects: [src/test/**], timeout: 5m, name: tests}
                  - code: {name: coverage, version: "1"}
                attempts: 3
                backoff: {initial: 500ms, factor: 3, longest: PT2M, jitter: 0}
                mergeInto: main
                priority: 1
                limits: {total: 2h, inactivity: 90s}
                allowNoOp: true
                secrets: [TOKEN]
                interceptors: [audit]
              - id: deploy
                code: {name: deploy, version: "2"}
                after: [build]
                when: {name: isFriday, version: "1"}
              - {id: ask, approval: "Good? {{ report }}", after: [build]}
              - {id: more, agent: planner, prompt: more, continues: plan}
            templates:
              - {id: work, agent: engineer, prompt: "{{ item.text }}"}
            """);

    assertThat(pipeline)
        .isEqualTo(
            Pipeline.named("all")
                .version("2")
                .step(
                    "plan",
                    s ->
                        s.plan("planner")
                            .model("large")
                            .prompt("{{ task }}")
                            .template("work")
                            .output("plan"))
                .step(
                    "build",
                    s ->
                        s.title("Build it")
                            .command("mvn", "-q", "test")
                            .after("plan")
                            .when("{{ plan }} contains 'y'")
                            .output(Output.json("report", Object.class))
                            .gate(
                                Gate.command("mvn", "-q", "test")
                                    .protects("src/test/**")
                                    .timeout(Duration.ofMinutes(5))
                                    .named("tests"))
                            .gate(Gate.code("coverage", "1"))
                            .attempts(3)
                            .backoff(
                                new Backoff(Duration.ofMillis(500), 3, Duration.ofMinutes(2), 0))
                            .mergeInto("main")
                            .priority(1)
                            .limits(new Limits(Duration.ofHours(2), Duration.ofSeconds(90)))
                            .allowNoOp()
                            .secret("TOKEN")
                            .intercept("audit"))
                .step(
                    "deploy",
                    s ->
                        s.code("deploy", "2")
                            .after("build")
                            .when(new Condition.Predicate("isFriday", "1")))
                .step("ask", s -> s.approval("Good? {{ report }}").after("build"))
                .step("more", s -> s.agent("planner").prompt("more").continues("plan"))
                .template("work", s -> s.agent("engineer").prompt("{{ item.text }}"))
                .build());
  }

  @Test
  void writesOnlyWhatDiffersFromTheDefault() {
    Pipeline pipeline =
        Pipeline.named("tdd")
            .step("red", s -> s.agent("tester").prompt("Test:\n{{ task }}\n").output("tests"))
            .step(
                "green",
                s ->
                    s.agent("engineer")
                        .prompt("{{ tests }}")
                        .after("red")
                        .attempts(3)
                        .gate(Gate.command("mvn", "test")))
            .build();

    assertThat(PipelineFormat.YAML.write(pipeline))
        .isEqualTo(
            """
            name: tdd
            steps:
              - id: red
                agent: tester
                prompt: |
                  Test:
                  {{ task }}
                output: tests
              - id: green
                agent: engineer
                prompt: "{{ tests }}"
                after:
                  - red
                gates:
                  - command:
                      - mvn
                      - test
                attempts: 3
            """);
    assertThat(new String(pipeline.canonicalJson(), StandardCharsets.UTF_8))
        .startsWith("{\"name\":\"tdd\",\"steps\":[{\"id\":\"red\",\"agent\":\"tester\"")
        .doesNotContain("backoff", "limits", "priority", "templates", "version");
  }

  @Test
  void reportsTenDifferentMistakesWithTheirPlaces() {
    List<Problem> problems =
        problems(
            """
            name: ""
            descripton: typo
            steps:
              - id: red
                agent: tester
                prompt: 'Write {{ tests for {{ task }}'
                output: tests
              - id: red
                agent: tester
                prompt: again
              - id: green
                prompt: '{{ tests }}'
                attempts: 1000
              - id: blue
                command: [ls]
                depends_on: [rad]
                atempts: 3
              - id: ask
                approval: ok?
                gates: [{command: [ls], timeout: soon}]
              - id: loop
                agent: x
                prompt: 3
                when: maybe
                continues: loop
              - just text
            """);

    assertThat(problems)
        .extracting(p -> p.code() + " " + p.path() + " @" + p.details().get("line"))
        .containsExactly(
            "unknown-field descripton @2",
            "name name @1",
            "template-syntax steps.red.prompt @6",
            "duplicate steps[1].id @8",
            "agent steps.green.agent @11",
            "attempts steps.green.attempts @13",
            "variable steps.green.prompt @12",
            "unknown-field steps.blue.atempts @17",
            "unknown-input steps.blue.after @16",
            "gates steps.ask.gates[0].timeout @20",
            "gates steps.ask.gates @20",
            "when steps.loop.when @24",
            "steps steps[6] @26",
            "cycle steps.loop.after @21");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "steps: [{id: a, agent: x, prompt: y}] | name name",
        "name: w | steps steps",
        "{name: w, steps: {}} | steps steps",
        "{name: [w], steps: [{id: a, agent: x, prompt: y}]} | name name",
        "{name: w, steps: [{agent: x, prompt: y}]} | id steps[0].id",
        "{name: w, steps: [{id: [a], agent: x, prompt: y}]} | id steps[0].id",
        "{name: w, steps: [{id: a, prompt: y}]} | agent steps.a.agent",
        "{name: w, steps: [{id: a, agent: {}, prompt: y}]} | agent steps.a.agent",
        "{name: w, steps: [{id: a, agent: x}]} | prompt steps.a.prompt",
        "{name: w, steps: [{id: a, agent: x, prompt: null}]} | prompt steps.a.prompt",
        "{name: w, steps: [{id: a}]} | agent steps.a.agent",
        "{name: w, steps: [null]} | steps steps[0]",
        "{name: w, steps: [{id: a, agent: x, prompt: y, after: b}]} | after steps.a.after",
        "{name: w, steps: [{id: a, agent: x, prompt: y, after: [[b]]}]} | after steps.a.after[0]",
        "{name: w, steps: [{id: a, agent: x, prompt: y, attempts: 1.5}]}"
            + " | attempts steps.a.attempts",
        "{name: w, steps: [{id: a, agent: x, prompt: y, attempts: '3'}]}"
            + " | attempts steps.a.attempts",
        "{name: w, steps: [{id: a, agent: x, prompt: y, priority: 99999999999}]}"
            + " | priority steps.a.priority",
        "{name: w, steps: [{id: a, agent: x, prompt: y, allowNoOp: 1}]}"
            + " | allowNoOp steps.a.allowNoOp",
        "{name: w, steps: [{id: a, agent: x, prompt: y, limits: 5m}]} | limits steps.a.limits",
        "{name: w, steps: [{id: a, agent: x, prompt: y, limits: {totl: 5m}}]}"
            + " | unknown-field steps.a.limits.totl",
        "{name: w, steps: [{id: a, agent: x, prompt: y, limits: {total: 0s}}]}"
            + " | limits steps.a.limits.total",
        "{name: w, steps: [{id: a, agent: x, prompt: y, backoff: {factor: .inf}}]}"
            + " | backoff steps.a.backoff.factor",
        "{name: w, steps: [{id: a, agent: x, prompt: y, backoff: {initial: 5m}}]}"
            + " | backoff steps.a.backoff",
        "{name: w, steps: [{id: a, agent: x, prompt: y, gates: [{}]}]} | gates steps.a.gates[0].command",
        "{name: w, steps: [{id: a, agent: x, prompt: y, gates: [{command: [ls], protects: [/a]}]}]}"
            + " | gates steps.a.gates[0].protects",
        "{name: w, steps: [{id: a, agent: x, prompt: y, gates: [{command: [ls], code: {}}]}]}"
            + " | gates steps.a.gates[0].code",
        "{name: w, steps: [{id: a, agent: x, prompt: y, output: {jsn: b}}]}"
            + " | unknown-field steps.a.output.jsn",
        "{name: w, steps: [{id: a, code: deploy}]} | code steps.a.code",
        "{name: w, steps: [{id: a, agent: x, prompt: y, after: [], depends_on: []}]}"
            + " | depends_on steps.a.depends_on",
        "[] | syntax document",
        "text | syntax document"
      })
  void namesTheFieldAtFault(String yaml, String problem) {
    assertThat(problems(yaml)).extracting(p -> p.code() + " " + p.path()).contains(problem);
  }

  @Test
  void suggestsTheFieldThatWasMeant() {
    assertThat(problems("{name: w, steps: [{id: a, agent: x, prompt: y, merge_into: m}]}"))
        .extracting(Problem::message)
        .containsExactly("there is no field 'merge_into'; did you mean 'mergeInto'?");
  }

  @Test
  void namesTheFieldsThereAreWhereNoneIsNear() {
    assertThat(problems("{name: w, steps: [{id: a, command: [x], backoff: {begin: 1s}}]}"))
        .extracting(Problem::message)
        .containsExactly("there is no field 'begin'; there are factor, initial, jitter, longest");
  }

  @Test
  void namesTheNearestFieldsWhereThereAreMany() {
    assertThat(problems("{name: w, steps: [{id: a, agent: x, prompt: y, promptFile: z}]}"))
        .extracting(Problem::message)
        .singleElement()
        .asString()
        .matches(
            "there is no field 'promptFile'; of \\d\\d that there are, nearest are prompt(, \\w+){4}");
  }

  @Test
  void refusesFieldsThatOccurTwice() {
    assertThat(problems("name: w\n" + STEP + "name: v\n"))
        .extracting(Problem::code)
        .containsExactly("duplicate-field");
    assertThat(jsonProblems("{\"name\":\"w\",\"name\":\"v\",\"steps\":[]}"))
        .extracting(Problem::code)
        .contains("duplicate-field");
  }

  @Test
  void refusesFurtherDocuments() {
    assertThat(problems("name: w\n" + STEP + "---\nname: v\n" + STEP))
        .extracting(Problem::code)
        .containsExactly("syntax");
    assertThat(jsonProblems("{\"name\":\"w\",\"steps\":[]} {}"))
        .extracting(Problem::code)
        .contains("syntax");
  }

  @Test
  void expandsNoAliases() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(9)));
    }

    assertThat(problems(bomb.toString())).extracting(Problem::code).contains("alias");
    assertThat(problems("name: w\nsteps: &s [{id: a, agent: x, prompt: y}]\ntemplates: *s\n"))
        .extracting(Problem::code)
        .contains("alias");
  }

  @Test
  void makesNoJavaObjects() {
    assertThat(
            problems(
                "name: !!javax.script.ScriptEngineManager [!!java.net.URL ['http://x']]\n" + STEP))
        .extracting(Problem::code)
        .contains("tag");
    assertThat(problems("name: !custom w\n" + STEP)).extracting(Problem::code).contains("tag");
  }

  @ParameterizedTest
  @EnumSource
  void refusesDeepNesting(PipelineFormat format) {
    assertThat(
            catchThrowableOfType(
                    InvalidDefinitionException.class, () -> format.read("[".repeat(400_000)))
                .problems())
        .extracting(Problem::code)
        .containsExactly("syntax");
  }

  @ParameterizedTest
  @EnumSource
  void refusesMoreThanAMebibyte(PipelineFormat format) {
    assertThatThrownBy(() -> format.read(" ".repeat(PipelineFormat.LARGEST) + "{}"))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("larger than");
    assertThatThrownBy(() -> format.read("é".repeat(PipelineFormat.LARGEST / 2 + 1)))
        .hasMessageContaining("larger than");
  }

  @ParameterizedTest
  @EnumSource
  void refusesAnEmptyText(PipelineFormat format) {
    assertThatThrownBy(() -> format.read("")).isInstanceOf(InvalidDefinitionException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "name: p\\n\\tsteps: []                                | 2:1  | indent with spaces",
        "name: @p                                           | 1:7  | begin with @; put it in quotes",
        "name: p\\nsteps:\\n- id: a\\n  prompt: {{ task }}     | 4:13 | \"{{ task }}\", stands in quotes",
        "name: p\\nsteps:\\n- id: a\\n  prompt: Do: it: now   | 4:13 | holds ': ' in quotes",
        "name: p\\nsteps:\\n  - id: a\\n   agent: x          | 4:4  | equally far to the right",
        "name: 'p' x                                        | 1:11 | the whole text in quotes",
        "name: p\\nsteps: [{id: a}                          | 2:16 | is not closed",
        "name: \"p                                            | 1:7  | closing quote is missing",
        "name: \"p\\nsteps:\\n- id: a\\n                        | 1:7  | closing quote is missing",
        "name: p\\nnext\\nsteps: []                          | 3:1  | a ':' is missing",
        "name: \"a\\\\q\"                                       | 1:10 | '\\q' means nothing",
        "name: > x                                          | 1:9  | begins on the next line",
        "name: \\7                                       | 1:7  | a control character",
        "name: p\\nsteps: [x, \\7]                         | 2:12 | a control character",
        "%YAML 9\\n---\\nname: p                             | 1:8  | begins with '%'",
      })
  void whatIsNoYamlIsToldWithItsPlaceAndTheWayOut(String yaml, String place, String words) {
    Problem problem = problems(yaml.translateEscapes()).get(0);

    assertThat(problem.details().get("line") + ":" + problem.details().get("column"))
        .isEqualTo(place);
    assertThat(problem.message()).contains(words).doesNotContain("while ", "found", "<", "token");
    assertThat(problem).hasToString(problem.path() + ": " + problem.message() + inWords(place));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "after: a                | must be a list, such as [\"a\", \"b\"], not text",
        "gates: {command: [x]}   | must be a list, not an object",
        "forEach: '{{ x }}'\\n  failure: {quorum: 2} | in a field of its own: quorum: 2",
        "forEach: '{{ x }}'\\n  failure: some  | in a field of its own: quorum: 2",
        "budget: {}              | limits something: tokens, money, time, turns, uses of tools or",
        "when: \"{{ item.name }} equals 'x'\" | only in a template of a plan, and in a step with forEach",
      })
  void saysTheWayOut(String field, String words) {
    String yaml = "name: p\nsteps:\n- id: s\n  agent: x\n  prompt: x\n  ";

    assertThat(problems(yaml + field.translateEscapes()))
        .anySatisfy(problem -> assertThat(problem.message()).contains(words));
  }

  private static String inWords(String place) {
    String[] parts = place.split(":");
    return " (line %s, column %s)".formatted(parts[0], parts[1]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"name\": \"p\",}        | no ',' behind the last field",
        "{\"name\": p}            | 'p' is no value",
        "{\"name\": \"p\"          | ends too early",
        "{\"name\": 1 \"steps\"}   | a ',' between two values",
        "{\"name\": 01}           | does not begin with a 0",
      })
  void whatIsNoJsonIsToldWithTheWayOut(String json, String words) {
    assertThat(jsonProblems(json).get(0).message())
        .contains(words)
        .doesNotContain("nexpected", "code ", "Source", "token");
  }

  @Test
  void saysWhereTheSyntaxIsBroken() {
    assertThat(problems("name: w\nsteps:\n  - id: a\n   agent: x\n").get(0))
        .satisfies(
            p -> {
              assertThat(p.code()).isEqualTo("syntax");
              assertThat(p.details()).containsKeys("line", "column");
              assertThat(p.message()).doesNotContain("\n");
            });
    assertThat(jsonProblems("{\"name\": \"w\",\n\"steps\": [}").get(0).details())
        .containsEntry("line", "2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"no", "on", "1.10", "0x1F", "1_000", "017", "true", "2026-01-01", "1:30"})
  void takesWhatStandsInYamlAsItStands(String text) {
    assertThat(PipelineFormat.YAML.read("name: w\nversion: " + text + "\n" + STEP).version())
        .isEqualTo(text);
  }

  @Test
  void takesNoNumberForTextInJson() {
    assertThat(
            jsonProblems(
                "{\"name\":\"w\",\"version\":2,\"steps\":[{\"id\":\"a\",\"agent\":\"x\",\"prompt\":\"y\"}]}"))
        .extracting(Problem::code)
        .containsExactly("version");
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, PT0.5S",
    "90s, PT1M30S",
    "5m, PT5M",
    "1h, PT1H",
    "2d, PT48H",
    "PT1H30M, PT1H30M",
    "0s, PT0S"
  })
  void readsDurationsAsPeopleWriteThem(String text, Duration duration) {
    assertThat(Durations.read(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "5 m", "m", "-5m", "1.5h", "9999999999999h", "P9999999999999999D"})
  void refusesOtherDurations(String text) {
    assertThatThrownBy(() -> Durations.read(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void readsTheDurationsItWrote(@ForAll Duration duration) {
    assertThat(Durations.read(Durations.write(duration))).isEqualTo(duration);
  }

  @Property
  void throwsNothingButProblemsOfTheDefinition(
      @ForAll("nearlyYaml") String text, @ForAll PipelineFormat format) {
    try {
      format.read(text);
    } catch (InvalidDefinitionException e) {
      assertThat(e.problems()).isNotEmpty();
    }
  }

  @Provide
  Arbitrary<String> nearlyYaml() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "name: w", "steps:", "- ", "id: a", "{", "}", "[", "]", ":", "\n", "  ", "&a ", "*a",
            "!!str ", "? ", "|", ">", "'", "\"", "%", "---", "...", ",", "agent", ": ", "\t", "#",
            "\\", "\u0001", "\ud800", "<<", "1", "null", "@", "`", "\r", "\u0085", "\uFEFF");
    return Arbitraries.oneOf(
        pieces.list().ofMaxSize(25).map(list -> String.join("", list)), Arbitraries.strings());
  }

  private static List<Problem> problems(String yaml) {
    return catchThrowableOfType(
            InvalidDefinitionException.class, () -> PipelineFormat.YAML.read(yaml))
        .problems();
  }

  private static List<Problem> jsonProblems(String json) {
    return catchThrowableOfType(
            InvalidDefinitionException.class, () -> PipelineFormat.JSON.read(json))
        .problems();
  }
}
