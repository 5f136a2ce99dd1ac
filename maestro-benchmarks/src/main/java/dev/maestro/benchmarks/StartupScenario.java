package dev.maestro.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** From the start of a JVM to the end of ten steps. Linux only: it reads {@code /proc}. */
final class StartupScenario implements Scenario {

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public String question() {
    return "from the start of a JVM to the end of a workflow of ten steps; Maestro's are on the disk";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    return Stream.of(
            new Child("Maestro", "maestro", directory),
            new Child("bare JVM", "bare", directory),
            new Child("LangGraph4j", "langgraph4j", directory),
            new Child("LangChain4j agentic", "langchain4j", directory))
        .map(Contestant.class::cast)
        .toList();
  }

  private record Child(String name, String what, Path directory) implements Contestant {

    @Override
    public List<Reading> round() throws IOException, InterruptedException {
      Path store = directory.resolve("store");
      long begin = System.nanoTime();
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  StartupMain.class.getName(),
                  what,
                  store.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      long nanos = System.nanoTime() - begin;
      Directories.delete(store);
      if (code != 0) {
        throw new IllegalStateException(name + " ended with " + code + ": " + said);
      }
      return List.of(
          Reading.seconds(nanos), new Reading("peak_memory_mb", "MB", kilobytes(said) / 1024.0));
    }

    private static long kilobytes(String said) {
      return said.lines()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
