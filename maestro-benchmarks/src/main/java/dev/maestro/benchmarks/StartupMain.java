package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.store.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/** What a JVM does from its start to the end of ten steps; says how much memory it took at most. */
public final class StartupMain {

  private static final int STEPS = 10;

  private StartupMain() {}

  /** Do what the first argument says, with the directory or the database of the second. */
  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "maestro" -> maestro(Path.of(args[1]));
      case "langgraph4j" -> Graphs.langGraphChain(STEPS).invoke(Map.of());
      case "langchain4j" -> Graphs.langChainSequence(STEPS).invoke(Map.of());
      case "dbos" -> dbos(args[1]);
      default -> {}
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        System.out.println(line);
      }
    }
    System.out.flush();
    // nobody's idle threads count
    Runtime.getRuntime().halt(0);
  }

  private static void dbos(String url) {
    try (Dbos dbos = new Dbos(url, number -> {})) {
      dbos.start(UUID.randomUUID().toString(), STEPS).getResult();
    }
  }

  private static void maestro(Path directory) throws InterruptedException {
    try (Maestro maestro = Shapes.maestro().store(FileStore.at(directory)).build()) {
      Shapes.complete(maestro, Shapes.chain(STEPS), "run");
    }
  }
}
