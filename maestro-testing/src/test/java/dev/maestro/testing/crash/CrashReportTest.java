package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.task.RunStatus;
import dev.maestro.testing.crash.CrashPoint.Kind;
import dev.maestro.testing.crash.CrashReport.Tried;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrashReportTest {

  private static final Tried DAMAGED = tried(Kind.MISSING, CrashEnding.REFUSED);

  private static Tried tried(Kind kind, CrashEnding ending) {
    return new Tried(new CrashPoint(kind, "somewhere"), ending, List.of(), null);
  }

  private static CrashReport report(Tried... tried) {
    return new CrashReport("p", RunStatus.FAILED, 1, 4, 7, List.of(tried));
  }

  @Test
  void killsOfWhichNoneWasReachedProveNothing() {
    Tried missed = tried(Kind.HALT_AFTER, CrashEnding.NOT_REACHED);

    assertThatThrownBy(() -> report(missed, missed, DAMAGED).orThrow())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no point was reached");
  }

  @Test
  void saysHowARunEndsThatNobodyDisturbs() {
    assertThat(report(DAMAGED).toString()).startsWith("Crash matrix of 'p', which ends FAILED: ");
  }

  @Test
  void oneKillThatWasReachedIsEnough() {
    Tried missed = tried(Kind.HALT_AFTER, CrashEnding.NOT_REACHED);
    Tried reached = tried(Kind.KILL_BEFORE, CrashEnding.SAME);

    assertThatCode(() -> report(missed, reached, DAMAGED).orThrow()).doesNotThrowAnyException();
  }
}
