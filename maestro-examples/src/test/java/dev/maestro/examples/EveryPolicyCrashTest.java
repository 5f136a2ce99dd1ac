package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.testing.crash.CrashMatrix;
import dev.maestro.testing.crash.CrashPoint;
import dev.maestro.testing.crash.CrashReport;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline that uses every policy, killed at the records of its journal. */
@Timeout(value = 8, unit = TimeUnit.HOURS)
class EveryPolicyCrashTest {

  // kept when a point ended in something else, to be looked at
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void policiesSurviveASampleOfCrashes() throws Exception {
    CrashReport report =
        CrashMatrix.of(PoliciesScenario.class)
            .in(directory)
            .only(CrashPoint.Kind.HALT_BEFORE, CrashPoint.Kind.KILL_AFTER)
            .sample(1)
            .run();

    System.out.println(report);
    assertThat(report.records()).isGreaterThan(100);
  }

  /** All of it, or with {@code -Dcrash.share=2/4} one of so many shares. */
  @Test
  @Tag("torture")
  void policiesSurviveEveryCrash() throws Exception {
    String[] share = System.getProperty("crash.share", "1/1").split("/");
    int shares = Integer.parseInt(share[1]);
    CrashReport report =
        CrashMatrix.of(PoliciesScenario.class)
            .in(directory)
            .share(Integer.parseInt(share[0]), shares)
            .run();

    System.out.println(report);
    assertThat(report.tried()).hasSizeGreaterThanOrEqualTo(report.killPoints() / shares);
  }
}
