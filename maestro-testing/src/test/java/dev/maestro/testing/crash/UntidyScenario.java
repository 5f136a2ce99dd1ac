package dev.maestro.testing.crash;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.attempt.CodeContext;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A scenario that writes half a line to the standard output, and leaves a process behind that keeps
 * the standard output open.
 */
public final class UntidyScenario implements CrashScenario {

  /** How long the process sleeps, in seconds: nobody else's does for so long. */
  static final String SLEEP = "611.25";

  @Override
  public Pipeline pipeline() {
    return Pipeline.named("untidy").step("leave", s -> s.code("leave", "1")).build();
  }

  @Override
  public MaestroBuilder maestro(Path directory) {
    return Maestro.builder()
        .discoverNothing()
        .step("leave", "1", UntidyScenario::leave)
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private static Object leave(CodeContext context) throws IOException {
    System.out.print("half a line");
    new ProcessBuilder("sleep", SLEEP).inheritIO().start();
    return "left";
  }
}
