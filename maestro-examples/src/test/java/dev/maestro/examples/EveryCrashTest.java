package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.testing.crash.CrashMatrix;
import dev.maestro.testing.crash.CrashReport;
import dev.maestro.testing.crash.CrashScenario;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The main example, and what works in worktrees, killed at the records of their journals. */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class EveryCrashTest {

  // kept when a point ended in something else, to be looked at
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  // sample: crash-matrix
  @Test
  void survivesCrashes() throws Exception {
    System.out.println(CrashMatrix.of(TddScenario.class).sample(1).run());
  }

  public static final class TddScenario implements CrashScenario {

    @Override
    public Pipeline pipeline() {
      return Pipeline.named("tdd")
          .step("red", s -> s.agent("tester").prompt("Write failing tests").output("tests"))
          .step("green", s -> s.agent("engineer").after("red").prompt("{{ tests }}").attempts(3))
          .build();
    }

    @Override
    public MaestroBuilder maestro(Path directory) {
      ScriptedAgent agent =
          ScriptedAgent.named("scripted")
              .on("red", Turn.says("a test").writes("LimitTest.java", "…"))
              .on("green", Turn.says("done").writes("Limit.java", "…"))
              .build();
      return Maestro.builder()
          .discoverNothing()
          .provider(agent)
          .workspaces(DirectoryWorkspaces.at(directory));
    }
  }

  // sample: end

  @Test
  void theMainExampleSurvivesASampleOfCrashes() throws Exception {
    CrashReport report = CrashMatrix.of(FeatureScenario.class).in(directory).sample(1).run();

    System.out.println(report);
    assertThat(report.tried()).hasSizeGreaterThan(2);
  }

  @Test
  @Tag("torture")
  void theMainExampleSurvivesEveryCrash() throws Exception {
    everythingOf(FeatureScenario.class);
  }

  @Test
  void worktreesSurviveASampleOfCrashes() throws Exception {
    CrashReport report = CrashMatrix.of(WorktreesScenario.class).in(directory).sample(1).run();

    System.out.println(report);
    assertThat(report.tried()).hasSizeGreaterThan(2);
  }

  @Test
  @Tag("torture")
  void worktreesSurviveEveryCrash() throws Exception {
    everythingOf(WorktreesScenario.class);
  }

  /** All of it, or with {@code -Dcrash.share=2/4} one of so many shares. */
  private void everythingOf(Class<? extends CrashScenario> scenario) throws Exception {
    String[] share = System.getProperty("crash.share", "1/1").split("/");
    int shares = Integer.parseInt(share[1]);
    CrashReport report =
        CrashMatrix.of(scenario).in(directory).share(Integer.parseInt(share[0]), shares).run();

    System.out.println(report);
    assertThat(report.tried()).hasSizeGreaterThanOrEqualTo(report.killPoints() / shares);
  }
}
