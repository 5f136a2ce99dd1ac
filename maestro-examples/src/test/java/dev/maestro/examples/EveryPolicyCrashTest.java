package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.testing.crash.CrashMatrix;
import dev.maestro.testing.crash.CrashReport;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline that uses every policy, in JVMs that are killed at the records of its journal; a
 * sample in one JVM is {@link EveryPolicyCommitTest}.
 */
@Timeout(value = 8, unit = TimeUnit.HOURS)
class EveryPolicyCrashTest {

  // kept when a point ended in something else, to be looked at
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

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
