package dev.maestro.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From the start of a JVM to the end of ten steps. Linux only: it reads {@code /proc}. */
final class StartupScenario implements Scenario {

  private static final String DBOS = "DBOS Transact";

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public String question() {
    return "from the start of a JVM to the end of a workflow of ten steps; Maestro's are on the disk";
  }

  @Override
  public int warmups(Size size) {
    // what can be warm is the files' cache
    return size.of(0, 2, 2);
  }

  @Override
  public int rounds(Size size) {
    return size.of(1, 9, 25);
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    Path store = directory.resolve("store");
    Map<String, List<String>> programs = new LinkedHashMap<>();
    programs.put("Maestro", List.of("maestro", store.toString()));
    programs.put("bare JVM", List.of("bare"));
    programs.put("LangGraph4j", List.of("langgraph4j"));
    programs.put("LangChain4j agentic", List.of("langchain4j"));
    // its database runs already, and is not counted
    Postgres postgres = Postgres.in(directory.resolve("postgres"));
    programs.put(DBOS, List.of("dbos", postgres.url()));
    List<Contestant> all = new ArrayList<>();
    for (Map.Entry<String, List<String>> program : programs.entrySet()) {
      List<String> what = program.getValue();
      String classPath = classPath(size, what, directory.resolve("jars"));
      Directories.delete(store);
      Closeable needed = program.getKey().equals(DBOS) ? postgres : () -> {};
      all.add(new Child(program.getKey(), classPath, what, store, needed));
    }
    return all;
  }

  /** As an application of its own would have it, without the jars of all others. */
  private static String classPath(Size size, List<String> what, Path jars)
      throws IOException, InterruptedException {
    return size == Size.TINY
        ? System.getProperty("java.class.path")
        : ClassPath.join(ClassPath.of(StartupMain.class, what).inJars(jars));
  }

  private record Child(
      String name, String classPath, List<String> what, Path store, Closeable needed)
      implements Contestant {

    @Override
    public List<Reading> round() throws IOException, InterruptedException {
      List<String> command = ClassPath.java("-cp", classPath, StartupMain.class.getName());
      command.addAll(what);
      long begin = System.nanoTime();
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
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

    @Override
    public void close() throws IOException {
      needed.close();
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
