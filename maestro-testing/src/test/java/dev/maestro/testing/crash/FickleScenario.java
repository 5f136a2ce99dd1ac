package dev.maestro.testing.crash;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;

/** A pipeline whose outcome is another one each time. */
public final class FickleScenario implements CrashScenario {

  @Override
  public Pipeline pipeline() {
    return Pipeline.named("fickle")
        .step("draw", s -> s.command("sh", "-c", "echo $$").output("number"))
        .build();
  }

  @Override
  public MaestroBuilder maestro(Path directory) {
    return Maestro.builder().discoverNothing().workspaces(DirectoryWorkspaces.at(directory));
  }
}
