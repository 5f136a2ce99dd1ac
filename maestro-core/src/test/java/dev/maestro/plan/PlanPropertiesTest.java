package dev.maestro.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PlanPropertiesTest {

  @Property
  void anyTextCanBeRead(@ForAll String text) {
    assertThat(PlanParser.parse(text)).isNotNull();
  }

  @Property(tries = 5_000)
  void whatWasReadCanBeWrittenAndReadAgain(@ForAll("almostPlans") String text) {
    Plan plan = PlanParser.parse(text);

    assertThat(PlanParser.parse(plan.render())).isEqualTo(Plan.of(plan.tasks()));
  }

  @Property
  void whatIsWrittenIsReadAgain(@ForAll("plans") Plan plan) {
    assertThat(PlanParser.parse(plan.render())).isEqualTo(plan);
    assertThat(PlanParser.parse("Here it is.\n\n" + plan.render() + PlanParser.MARKER))
        .isEqualTo(plan);
  }

  @Property
  void phasesKeepEveryTaskInOrder(@ForAll("plans") Plan plan) {
    assertThat(plan.phases().stream().flatMap(phase -> phase.tasks().stream()))
        .containsExactlyElementsOf(plan.tasks());
    assertThat(plan.phases())
        .allSatisfy(
            phase ->
                assertThat(phase.tasks())
                    .isNotEmpty()
                    .allMatch(task -> Objects.equals(task.phase(), phase.name())));
  }

  @Example
  void whatALineCannotSayIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> task("T1", "a", null));
    assertThatIllegalArgumentException().isThrownBy(() -> task("T001", "", null));
    assertThatIllegalArgumentException().isThrownBy(() -> task("T001", " a", null));
    assertThatIllegalArgumentException().isThrownBy(() -> task("T001", "a\nb", null));
    assertThatIllegalArgumentException().isThrownBy(() -> task("T001", "a | File: b", null));
    assertThatIllegalArgumentException().isThrownBy(() -> task("T001", "a |File:", "b"));
    assertThatIllegalArgumentException().isThrownBy(() -> task("T001", "a", ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PlannedTask("T001", "a", null, "# deeper"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Plan.of(
                    List.of(new PlannedTask("T001", "a", null, "One"), task("T002", "b", null))));
  }

  @Example
  void hostileTextTakesNoLongerThanItsLength() {
    String bars = "| ".repeat(500_000);
    String files = "| File: ".repeat(200_000);
    String spaces = " ".repeat(1_000_000);
    String text =
        Stream.of(bars, files, spaces, "`".repeat(1_000_000), "#".repeat(1_000_000))
            .map(hostile -> "- [ ] T001: a" + hostile + "b\n## " + hostile + "\n" + hostile)
            .reduce("```tasks\n", (one, other) -> one + "\n" + other);

    assertThat(PlanParser.parse(text + "\n```").tasks()).isNotEmpty();
    assertThat(PlanParser.parse("```tasks\n".repeat(500_000)).cutOff()).isFalse();
  }

  @Provide
  Arbitrary<String> almostPlans() {
    return Arbitraries.of(
            "- [ ] ",
            "T001",
            "T02",
            "T999",
            ":",
            ": ",
            " ",
            "\t",
            "|",
            " | File: ",
            "File:",
            "a b.c",
            "\n",
            "\n",
            "\r\n",
            "\r",
            "```",
            "```tasks\n",
            "\n```\n",
            "## ",
            "##",
            "### ",
            "Phase 1",
            "\u00a0",
            "\u2028",
            "\u001c",
            "- [ ] T123: x",
            "\n- [ ] T124: y | File: z\n",
            "[SPEC_GENERATED]")
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<Plan> plans() {
    Arbitrary<String> ids = Arbitraries.integers().between(0, 999).map("T%03d"::formatted);
    Arbitrary<PlannedTask> tasks =
        Combinators.combine(ids, words(), words().injectNull(0.5))
            .as((id, description, file) -> task(id, description, file));
    Arbitrary<String> phases = words().filter(TaskLine::isPhase);
    return Combinators.combine(
            tasks.list().ofMaxSize(4), phases.list().ofMaxSize(4), tasks.list().ofMaxSize(8))
        .as(PlanPropertiesTest::plan);
  }

  private static Arbitrary<String> words() {
    return Arbitraries.of(
            "add", "index", "a: b", "[x]", "|", "File", "```", "```tasks", "##", "é", "- [ ]")
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .map(words -> String.join(" ", words));
  }

  private static Plan plan(List<PlannedTask> loose, List<String> phases, List<PlannedTask> rest) {
    List<PlannedTask> tasks = new ArrayList<>(loose);
    for (int i = 0; i < rest.size() && !phases.isEmpty(); i++) {
      tasks.add(rest.get(i).in(phases.get(i * phases.size() / rest.size())));
    }
    return Plan.of(tasks);
  }

  private static PlannedTask task(String id, String description, String filePath) {
    return new PlannedTask(id, description, filePath, null);
  }
}
