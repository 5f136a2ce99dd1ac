package dev.maestro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CommitDisciplineTest {

  @Test
  void saysWhatKindOfChangeWhichTaskAndWhat() {
    assertThat(CommitDiscipline.DEFAULT.work("US-001", "Add a limit").subject())
        .isEqualTo("feat: US-001 - Add a limit");
    assertThat(CommitDiscipline.DEFAULT.type("fix").work("T1", "Mend it").subject())
        .isEqualTo("fix: T1 - Mend it");
    assertThat(CommitDiscipline.DEFAULT.merge("merge", "Merge the feature").subject())
        .isEqualTo("chore: merge - Merge the feature");
  }

  @Test
  void leavesTheKindOutInTheSimpleFormat() {
    assertThat(
            CommitDiscipline.DEFAULT
                .format(CommitDiscipline.Format.SIMPLE)
                .work("T1", "Mend it")
                .subject())
        .isEqualTo("T1 - Mend it");
  }

  @Test
  void namesCoAuthorsInTrailers() {
    assertThat(
            CommitDiscipline.DEFAULT
                .coAuthoredBy("Ann <ann@example.org>")
                .work("T1", "Mend it")
                .text())
        .isEqualTo("feat: T1 - Mend it\n\nCo-Authored-By: Ann <ann@example.org>\n");
  }

  @Test
  void makesOneLineOfWhateverAnAgentCalledTheTask() {
    assertThat(CommitDiscipline.DEFAULT.work("T1", " two\n lines ").subject())
        .isEqualTo("feat: T1 - two lines");
    assertThat(CommitDiscipline.DEFAULT.work("T1", "x".repeat(500)).subject()).hasSize(120);
    assertThat(CommitDiscipline.DEFAULT.work("T1", "T1").subject()).isEqualTo("feat: T1");
  }

  @Test
  void refusesACoAuthorThatWouldMakeAnotherLine() {
    assertThatThrownBy(() -> CommitDiscipline.DEFAULT.coAuthoredBy("Ann\nSigned-off-by: x <y>"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
