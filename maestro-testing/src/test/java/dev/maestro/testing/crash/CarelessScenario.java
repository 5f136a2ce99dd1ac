package dev.maestro.testing.crash;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A pipeline that does not survive a crash: a command that is run again adds to what it did. */
public final class CarelessScenario implements CrashScenario {

  @Override
  public Pipeline pipeline() {
    return Pipeline.named("careless")
        .step("add", s -> s.command("sh", "-c", "echo one >> sum"))
        .build();
  }

  @Override
  public MaestroBuilder maestro(Path directory) {
    return Maestro.builder().discoverNothing().workspaces(DirectoryWorkspaces.at(directory));
  }

  @Override
  public Map<String, String> observe(Path directory) throws IOException {
    return Map.of("sum", Files.readString(directory.resolve("sum")));
  }
}
