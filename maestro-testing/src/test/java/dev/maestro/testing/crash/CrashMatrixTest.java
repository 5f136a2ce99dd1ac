package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
    Path mine = Files.writeString(directory.resolve("mine"), "precious");

    CrashReport report = CrashMatrix.of(LanguageScenario.class).in(directory).sample(2).run();

    System.out.println(report);
    assertThat(report.tried()).hasSizeGreaterThan(2);
    assertThat(directory)
        .as("no more than stood there before")
        .isDirectoryNotContaining(path -> !path.equals(mine));
    assertThat(mine).hasContent("precious");
  }

  @Test
  @Tag("torture")
  void whatAPipelineCanSaySurvivesEveryCrash() throws Exception {
    CrashReport report = CrashMatrix.of(LanguageScenario.class).in(directory).everything().run();

    System.out.println(report);
    assertThat(report.tried()).hasSizeGreaterThan(report.killPoints());
  }

  @Test
  @Tag("torture")
  void sharesTogetherAreEverything() throws Exception {
    List<String> tried = new ArrayList<>();
    CrashReport report = null;
    for (int share = 1; share <= 3; share++) {
      report =
          CrashMatrix.of(LanguageScenario.class)
              .in(directory)
              .only(CrashPoint.Kind.HALT_BEFORE)
              .share(share, 3)
              .run();
      report.tried().stream()
          .filter(one -> one.point().kind().isKill())
          .forEach(one -> tried.add(one.point().toString()));
    }

    assertThat(tried).hasSize(report.killPoints()).doesNotHaveDuplicates();
  }

  @Test
  void refusesAShareThatThereIsNot() {
    CrashMatrix matrix = CrashMatrix.of(CarelessScenario.class);

    assertThatThrownBy(() -> matrix.share(3, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("there is no share 3 of 2");
    assertThatThrownBy(() -> matrix.share(0, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesToTryNothing() {
    CrashMatrix matrix = CrashMatrix.of(CarelessScenario.class);

    assertThatThrownBy(() -> matrix.parallel(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> matrix.sample(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(matrix::only).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsWhichCrashAPipelineDoesNotSurvive() throws Exception {
    // before each third record, and so when the command has run and nobody knows it yet
    CrashMatrix matrix =
        CrashMatrix.of(CarelessScenario.class)
            .in(directory)
            .only(CrashPoint.Kind.HALT_BEFORE)
            .share(2, 3);

    assertThatThrownBy(matrix::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("Crash matrix of 'careless', which ends SUCCEEDED")
        .hasMessageContaining("what was observed, sum: one\none\n instead of one\n")
        .hasMessageContaining("kept in " + directory);
    assertThat(kept())
        .isNotEmpty()
        .allSatisfy(point -> assertThat(point.resolve("jvm.log")).exists());
  }

  private List<Path> kept() throws IOException {
    try (Stream<Path> all = Files.walk(directory, 2)) {
      return all.filter(one -> one.getFileName().toString().startsWith("point-")).toList();
    }
  }

  @Test
  void comparesNothingWithARunThatIsNeverTheSame() {
    CrashMatrix matrix = CrashMatrix.of(FickleScenario.class).in(directory);

    assertThatThrownBy(matrix::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two undisturbed runs differ")
        .hasMessageContaining("the outputs, draw");
  }

  /** Neither half a line nor a process that has inherited the output keeps it from a kill. */
  @Test
  @Timeout(value = 14, unit = TimeUnit.MINUTES)
  void killsAJvmWhateverItPrintsAndLeavesBehind() throws Exception {
    CrashMatrix matrix =
        CrashMatrix.of(UntidyScenario.class)
            .in(directory)
            .patience(Duration.ofMinutes(4))
            .only(CrashPoint.Kind.KILL_AFTER)
            .share(1, 2);

    try {
      CrashReport report = assertTimeoutPreemptively(Duration.ofMinutes(12), matrix::run);
      assertThat(report.count(CrashEnding.SAME)).isEqualTo(report.tried().size());
    } finally {
      ProcessHandle.allProcesses()
          .filter(
              one -> one.info().commandLine().orElse("").endsWith("sleep " + UntidyScenario.SLEEP))
          .forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void comparesNothingWithAJvmThatEndsBeforeThereIsARun() {
    CrashMatrix matrix =
        CrashMatrix.of(CarelessScenario.class).in(directory).jvmOptions("--version");

    assertThatThrownBy(matrix::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ended before there was a run");
  }

  @Test
  void refusesAScenarioThatAnotherJvmCannotMake() {
    assertThatThrownBy(() -> CrashMatrix.of(Hidden.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not public");
  }

  @Test
  void takesNoDamageForAWayToKillAJvm() {
    CrashMatrix matrix = CrashMatrix.of(CarelessScenario.class);

    assertThatThrownBy(() -> matrix.only(CrashPoint.Kind.FLIPPED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a bit flipped");
  }

  private abstract static class Hidden implements CrashScenario {}
}
