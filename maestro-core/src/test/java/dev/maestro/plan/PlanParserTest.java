package dev.maestro.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanParserTest {

  @Test
  void tasksOfOnePhaseStandTogetherAndPhasesInOrder() {
    Plan plan =
        PlanParser.parse(
            """
            ```tasks
            - [ ] T001: Prepare
            ## Build
            - [ ] T002: Index | File: db/ix.sql
            - [ ] T003: Search
            ## Empty
            ## Ship
            - [ ] T004: Release
            ## Build
            - [ ] T005: Build again
            ```
            """);

    assertThat(plan.phases())
        .extracting(Plan.Phase::name)
        .containsExactly(null, "Build", "Ship", "Build");
    assertThat(plan.phases().get(1).tasks())
        .extracting(PlannedTask::id)
        .containsExactly("T002", "T003");
    assertThat(plan.problems()).isEmpty();
  }

  @Test
  void aNumberedTaskThatComesTwiceIsAProblem() {
    Plan plan =
        PlanParser.parse(
            "- [ ] T002: a\n- [ ] T001: b\n- [ ] T001: c\n- [ ] T002: d\n- [ ] T001: e");

    assertThat(plan.duplicates()).containsExactly("T001", "T002");
    assertThat(plan.problems()).extracting(Problem::code).containsExactly("duplicate", "duplicate");
    assertThat(plan.problems()).extracting(Problem::path).containsExactly("T001", "T002");
  }

  @Test
  void aBlockThatIsNeverClosedIsReadWithoutPhasesAndSaysSo() {
    Plan plan = PlanParser.parse("```tasks\n## One\n- [ ] T001: a\n## Two\n- [ ] T002: b");

    assertThat(plan.cutOff()).isTrue();
    assertThat(plan.tasks()).extracting(PlannedTask::phase).containsExactly(null, null);
    assertThat(plan.problems()).extracting(Problem::code).containsExactly("cut-off");
  }

  @Test
  void aFenceInsideATaskDoesNotCloseTheBlock() {
    Plan plan = PlanParser.parse("```tasks\n- [ ] T001: show ```code``` well\n- [ ] T002: b\n```");

    assertThat(plan.tasks()).hasSize(2);
    assertThat(plan.tasks().get(0).description()).isEqualTo("show ```code``` well");
  }

  @Test
  void aBlockMayOpenAtTheEndOfALine() {
    assertThat(PlanParser.parse("Tasks: ```tasks\n## One\n- [ ] T001: a\n```").tasks())
        .containsExactly(new PlannedTask("T001", "a", null, "One"));
  }

  @Test
  void aBlockWithAnotherNameIsNoPlanOfItsOwn() {
    assertThat(PlanParser.parse("```\n## One\n- [ ] T001: a\n```").tasks())
        .containsExactly(new PlannedTask("T001", "a", null, null));
  }

  @Test
  void linesMayEndInCarriageReturns() {
    assertThat(PlanParser.parse("```tasks\r\n## One\r\n- [ ] T001: a | File: b\r\n```\r\n").tasks())
        .containsExactly(new PlannedTask("T001", "a", "b", "One"));
  }

  @Test
  void aBarWithoutAFileIsText() {
    assertThat(
            PlanParser.parse("- [ ] T001: a | b\n- [ ] T002: c | File:\n- [ ] T003: d | file: x")
                .tasks())
        .extracting(PlannedTask::description)
        .containsExactly("a | b", "c | File:", "d | file: x");
  }

  @Test
  void theFirstFileCountsAndTheRestIsItsPath() {
    assertThat(PlanParser.parse("- [ ] T001: a | b | File: x | File: y").tasks())
        .containsExactly(new PlannedTask("T001", "a | b", "x | File: y", null));
  }

  @Test
  void onlyOpenBoxesThreeDigitsAndSomeTextMakeATask() {
    assertThat(
            PlanParser.parse(
                    """
                    - [x] T001: done
                    - [ ] T02: two digits
                    - [ ] T0003: four digits
                    - [ ]  T004: two spaces
                    - [ ] T005:
                    - [ ] T٠٠٦: other digits
                    > - [ ] T007: quoted
                    """)
                .isEmpty())
        .isTrue();
  }

  @Test
  void otherHeadingsOpenNoPhase() {
    assertThat(
            PlanParser.parse("```tasks\n## One\n### Deeper\n# Top\n##\n- [ ] T001: a\n```").tasks())
        .containsExactly(new PlannedTask("T001", "a", null, "One"));
  }

  @Test
  void seesTheMarkerAnywhere() {
    assertThat(PlanParser.isMarked("done\n[SPEC_GENERATED] Please look.")).isTrue();
    assertThat(PlanParser.isMarked("[spec_generated]")).isFalse();
  }

  @Test
  void anEmptyTextHoldsNoPlan() {
    assertThat(PlanParser.parse("")).isEqualTo(Plan.of(List.of()));
  }
}
