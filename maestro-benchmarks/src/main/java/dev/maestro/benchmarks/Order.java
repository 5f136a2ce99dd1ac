package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What was typed behind the program's name.
 *
 * @param size how much work is done
 * @param json where the results go
 * @param scenarios what is measured
 */
record Order(Size size, Path json, List<Scenario> scenarios) {

  static final Path DEFAULT_JSON = Path.of("target", "performance.json");

  /**
   * Read the arguments.
   *
   * @throws IllegalArgumentException with a message for the person who typed them
   */
  static Order parse(String[] typed) {
    Deque<String> left = new ArrayDeque<>(List.of(typed));
    Size size = Size.QUICK;
    Path json = DEFAULT_JSON;
    List<Scenario> scenarios = new ArrayList<>();
    while (!left.isEmpty()) {
      String word = left.removeFirst();
      switch (word) {
        case "--tiny" -> size = Size.TINY;
        case "--quick" -> size = Size.QUICK;
        case "--full" -> size = Size.FULL;
        case "--json" -> json = Path.of(file(left));
        default -> scenarios.add(Scenarios.named(word));
      }
    }
    return new Order(size, json, scenarios.isEmpty() ? Scenarios.all() : scenarios);
  }

  private static String file(Deque<String> left) {
    if (left.isEmpty()) {
      throw new IllegalArgumentException("--json needs the name of a file");
    }
    return left.removeFirst();
  }
}
