package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.MINUTES)
class CrashMatrixTest {

  // kept when a point ended in something else, to be looked at
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void whatAPipelineCanSaySurvivesASampleOfCrashes() throws Exception {
    CrashReport report = CrashMatrix.of(LanguageScenario.class).in(directory).sample(8).run();

    System.out.println(report);
    assertThat(report.count(CrashEnding.DIFFERENT)).isZero();
  }

  @Test
  @Tag("torture")
  void whatAPipelineCanSaySurvivesEveryCrash() throws Exception {
    CrashReport report = CrashMatrix.of(LanguageScenario.class).in(directory).everything().run();

    System.out.println(report);
    assertThat(report.count(CrashEnding.DIFFERENT)).isZero();
  }
}
