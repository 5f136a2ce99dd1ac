package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Reason;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of reasons in {@code docs/reliability.md} has every code that Maestro gives. */
class ReasonPageTest {

  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z0-9-]+)` \\| ([^|]+) \\| ([^|]+) \\|");

  /** Constants of {@code Reason} itself, and wherever else in the sources one is made. */
  private static final Pattern GIVEN =
      Pattern.compile("Reason\\.of\\(\"([^\"]+)\"\\)|new Reason\\(\"([^\"]+)\"\\)");

  @Test
  void everyReasonIsExplainedAndNoOtherIs() throws Exception {
    Set<String> given = new TreeSet<>(inSources());
    Stream.of(Reason.class.getFields())
        .filter(field -> field.getType() == Reason.class)
        .map(ReasonPageTest::codeOf)
        .forEach(given::add);

    List<String> explained = explained();

    assertThat(given).hasSizeGreaterThan(50);
    assertThat(explained).doesNotHaveDuplicates();
    assertThat(new TreeSet<>(explained)).isEqualTo(given);
  }

  private static Set<String> inSources() throws IOException {
    Set<String> found = new TreeSet<>();
    for (Path module : modules()) {
      try (Stream<Path> files = Files.walk(module)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
          GIVEN
              .matcher(Files.readString(file))
              .results()
              .map(given -> given.group(1) == null ? given.group(2) : given.group(1))
              .forEach(found::add);
        }
      }
    }
    return found;
  }

  /** What applications get; examples make reasons of their own. */
  private static List<Path> modules() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(".."))) {
      return all.filter(path -> path.getFileName().toString().startsWith("maestro-"))
          .filter(path -> !path.endsWith("maestro-examples"))
          .filter(path -> !path.endsWith("maestro-benchmarks"))
          .map(path -> path.resolve("src/main/java"))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  private static String codeOf(Field field) {
    try {
      return ((Reason) field.get(null)).code();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("a public field can be read", e);
    }
  }

  private static List<String> explained() throws IOException {
    return Files.readAllLines(Path.of("..", "docs", "reliability.md")).stream()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .map(row -> row.group(1))
        .toList();
  }
}
