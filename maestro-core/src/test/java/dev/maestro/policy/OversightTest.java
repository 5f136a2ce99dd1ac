package dev.maestro.policy;

import static dev.maestro.policy.Signoff.*;
import static dev.maestro.task.Risk.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.approval.Asking;
import dev.maestro.task.Risk;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OversightTest {

  // ------------------------------------------------------------------ the table of the levels

  @ParameterizedTest
  @CsvSource({
    "0, BEFORE_ACT, BEFORE_ACT, BEFORE_ACT, false",
    "1, BEFORE_MERGE, BEFORE_ACT, BEFORE_ACT, false",
    "2, UNLESS_TESTED, BEFORE_MERGE, BEFORE_ACT, false",
    "3, UNLESS_TESTED, UNLESS_TESTED, BEFORE_MERGE, true",
    "4, NONE, UNLESS_TESTED, BEFORE_MERGE, true",
    "5, NONE, NONE, NONE, true"
  })
  void aLevelAndARiskChooseWhoIsAskedWhen(
      int level, Signoff low, Signoff medium, Signoff high, boolean rollsBack) {
    AutonomyLevel autonomy = AutonomyLevel.of(level);
    Oversight oversight = Oversight.NONE.autonomy(autonomy);

    assertThat(autonomy.level()).isEqualTo(level);
    assertThat(oversight.signoff(LOW)).isEqualTo(low);
    assertThat(oversight.signoff(MEDIUM)).isEqualTo(medium);
    assertThat(oversight.signoff(HIGH)).isEqualTo(high);
    assertThat(oversight.rollsBack()).isEqualTo(rollsBack);
  }

  @Test
  void moreAutonomyNeverAsksMore() {
    for (int level = 1; level < AutonomyLevel.values().length; level++) {
      for (Risk risk : Risk.values()) {
        assertThat(AutonomyLevel.of(level).tiers().of(risk))
            .isLessThanOrEqualTo(AutonomyLevel.of(level - 1).tiers().of(risk));
      }
    }
  }

  @Test
  void thereAreSixLevels() {
    for (int level : List.of(-1, 6)) {
      assertThatThrownBy(() -> AutonomyLevel.of(level))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // ------------------------------------------------------------------ tiers

  @Test
  void theUsualTiersAreThoseOfTheRequirement() {
    assertThat(Tiers.USUAL.of(LOW).beforeMerge(1)).as("automatic when tests pass").isFalse();
    assertThat(Tiers.USUAL.of(LOW).beforeMerge(0)).as("nothing has passed").isTrue();
    assertThat(Tiers.USUAL.of(MEDIUM).beforeMerge(1)).isTrue();
    assertThat(Tiers.USUAL.of(MEDIUM).beforeAct()).isFalse();
    assertThat(Tiers.USUAL.of(HIGH).beforeAct()).isTrue();
    assertThat(Tiers.USUAL.of(HIGH).beforeMerge(1)).isTrue();
  }

  @Test
  void majorWorkAloneIsSignedOffWhereTheTiersSaySo() {
    assertThat(Tiers.MAJOR.of(LOW).beforeMerge(0)).isFalse();
    assertThat(Tiers.MAJOR.of(MEDIUM).beforeMerge(1)).isTrue();
    assertThat(Tiers.ALL.of(LOW).beforeMerge(1)).isTrue();
  }

  @Test
  void riskierWorkIsNotLetThroughMoreEasily() {
    assertThatThrownBy(() -> new Tiers(BEFORE_MERGE, NONE, BEFORE_ACT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(Risk.class)
  void withoutTiersNobodyIsAsked(Risk risk) {
    assertThat(Oversight.NONE.signoff(risk)).isEqualTo(NONE);
    assertThat(Oversight.NONE.isNone()).isTrue();
    assertThat(Oversight.NONE.rollsBack()).isFalse();
  }

  @Test
  void aRiskThatNobodyHasJudgedIsNotLittle() {
    assertThat(Oversight.NONE.effectiveRisk()).isEqualTo(MEDIUM);
    assertThat(Oversight.NONE.risk(LOW).effectiveRisk()).isEqualTo(LOW);
  }

  // ------------------------------------------------------------------ pipelines and steps

  @Test
  void theStepsWordCountsWhereBothSaySomething() {
    Oversight pipeline =
        Oversight.NONE.autonomy(AutonomyLevel.MANUAL).risk(HIGH).asking(Asking.DEFAULT.quorum(2));
    Oversight step = Oversight.NONE.risk(LOW).asking(Asking.DEFAULT.within(Duration.ofHours(1)));

    Oversight both = pipeline.and(step);
    assertThat(both.effectiveRisk()).isEqualTo(LOW);
    assertThat(both.signoff(LOW)).isEqualTo(BEFORE_ACT);
    assertThat(both.effectiveAsking()).isEqualTo(Asking.DEFAULT.within(Duration.ofHours(1)));
    assertThat(pipeline.tiers(Tiers.MAJOR).and(Oversight.NONE.autonomy(AutonomyLevel.FULL)))
        .extracting(one -> one.signoff(HIGH))
        .isEqualTo(NONE);
  }

  @Test
  void aReviewOrARollbackIsOneIfEitherWantsItButAClaimIsTheStepsOwn() {
    Oversight pipeline = Oversight.NONE.reviewed().rollingBack().byClaim();

    assertThat(pipeline.and(Oversight.NONE)).isEqualTo(Oversight.NONE.reviewed().rollingBack());
    assertThat(Oversight.NONE.and(pipeline)).isEqualTo(pipeline);
  }
}
