package dev.maestro.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Measures Maestro beside its peers, prints a table for each scenario and writes all of it as JSON,
 * and into a page that has a place for it.
 *
 * <pre>
 *   [--quick | --full] [--json FILE] [--page FILE] [SCENARIO …]
 * </pre>
 *
 * <p>Each scenario has a JVM of its own, so that none profits or suffers from those before it. What
 * the file knows of scenarios that are not measured now, it keeps.
 */
public final class BenchmarksMain {

  private BenchmarksMain() {}

  /** Measure the scenarios that are named, or all. */
  public static void main(String[] args) throws Exception {
    Order order;
    try {
      order = Order.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    long begin = System.nanoTime();
    List<Row> rows = List.of();
    List<String> failed = new ArrayList<>();
    for (Scenario scenario : order.scenarios()) {
      try {
        List<Row> some = measure(scenario, order.size());
        System.out.println(Table.of(scenario, some));
        rows = Results.replace(order.json(), some);
      } catch (IllegalStateException e) {
        // the others have not failed
        System.err.println(e.getMessage());
        failed.add(scenario.name());
      }
    }
    if (order.page() != null) {
      SummaryMain.write(rows, order.page());
    }
    System.out.printf(
        "Written to %s, after %d s%n",
        order.json().toAbsolutePath(), TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin));
    if (!failed.isEmpty()) {
      System.err.println("Failed: " + failed);
      System.exit(1);
    }
  }

  private static List<Row> measure(Scenario scenario, Size size)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("maestro-benchmark", ".json");
    try {
      List<String> command = ClassPath.java(scenario.jvmOptions().toArray(String[]::new));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(
          List.of(ScenarioMain.class.getName(), scenario.name(), size.name(), file.toString()));
      int code = new ProcessBuilder(command).inheritIO().start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("the scenario " + scenario.name() + " failed: " + code);
      }
      return Results.read(file);
    } finally {
      Files.delete(file);
    }
  }
}
