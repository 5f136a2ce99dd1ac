package dev.maestro;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.Commit;
import dev.maestro.store.FileStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.RunId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A JVM that halts when a process has been started and before the journal knows of it. */
final class HaltMain {

  private static final Pipeline SLEEPING =
      Pipeline.named("sleeping")
          .step("a", s -> s.command("sh", "-c", "setsid sleep 600 & exec sleep 600").attempts(3))
          .build();

  private HaltMain() {}

  /** {@return the command of a JVM that halts at work below this directory} */
  static List<String> command(Path directory) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        HaltMain.class.getName(),
        directory.toString());
  }

  static MaestroBuilder builder(Path directory) {
    return Maestro.builder()
        .store(store(directory))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory.resolve("work")));
  }

  static StoreSource store(Path directory) {
    return FileStore.at(directory.resolve("store"));
  }

  /** Start a run and halt: {@code <directory>}. */
  public static void main(String[] args) throws InterruptedException {
    Path directory = Path.of(args[0]);
    StoreSource halting =
        BrokenStore.of(
            store(directory),
            commits -> {
              if (commits.stream().anyMatch(HaltMain::tellsOfALaunch)) {
                Runtime.getRuntime().halt(9);
              }
              return Optional.empty();
            });
    try (Maestro maestro = builder(directory).store(halting).build()) {
      maestro.start(SLEEPING, RunId.of("r"), Inputs.none()).await();
    }
  }

  private static boolean tellsOfALaunch(Commit commit) {
    return commit.events().stream().anyMatch(event -> event.type().equals("launched"));
  }
}
