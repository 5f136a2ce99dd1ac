package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.CompletionPolicy;
import dev.maestro.policy.Until;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of reasons in {@code docs/reliability.md} has every code that Maestro gives. */
class ReasonPageTest {

  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z0-9-]+)` \\| ([^|]+) \\| ([^|]+) \\|");

  @Test
  void everyReasonIsExplainedAndNoOtherIs() throws Exception {
    Set<String> given =
        Stream.concat(
                Stream.of(Reason.class.getFields())
                    .filter(field -> field.getType() == Reason.class)
                    .map(ReasonPageTest::codeOf),
                Stream.of(Until.NOT_DONE.code(), CompletionPolicy.SINGLE_TASK.code()))
            .collect(Collectors.toCollection(TreeSet::new));

    List<String> explained = explained();

    assertThat(explained).doesNotHaveDuplicates();
    assertThat(new TreeSet<>(explained)).isEqualTo(given);
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
