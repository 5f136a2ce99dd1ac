package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was typed behind the program's name.
 *
 * @param size how much work is done
 * @param json where the results go
 * @param page into which page the results are written as tables, or null
 * @param scenarios what is measured
 */
record Order(Size size, Path json, @Nullable Path page, List<Scenario> scenarios) {

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
    Path page = null;
    List<Scenario> scenarios = new ArrayList<>();
    while (!left.isEmpty()) {
      String word = left.removeFirst();
      switch (word) {
        case "--tiny" -> size = Size.TINY;
        case "--quick" -> size = Size.QUICK;
        case "--full" -> size = Size.FULL;
        case "--json" -> json = file(word, left);
        case "--page" -> page = file(word, left);
        default -> scenarios.add(Scenarios.named(word));
      }
    }
    return new Order(size, json, page, scenarios.isEmpty() ? Scenarios.all() : scenarios);
  }

  private static Path file(String option, Deque<String> left) {
    if (left.isEmpty()) {
      throw new IllegalArgumentException(option + " needs the name of a file");
    }
    return Path.of(left.removeFirst());
  }
}
