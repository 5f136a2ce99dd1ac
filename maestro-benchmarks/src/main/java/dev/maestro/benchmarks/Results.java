package dev.maestro.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Rows in a file: a JSON array with a row a line. */
final class Results {

  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(SerializationFeature.INDENT_OUTPUT);

  private Results() {}

  static void write(Path file, List<Row> rows) throws IOException {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < rows.size(); i++) {
      text.append(i == 0 ? "\n  " : ",\n  ").append(MAPPER.writeValueAsString(rows.get(i)));
    }
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(file, text.append("\n]\n"), StandardCharsets.UTF_8);
  }

  /** Write the rows of some scenarios, and keep those of the others that the file has. */
  static List<Row> replace(Path file, List<Row> rows) throws IOException {
    List<Row> all = new ArrayList<>(rows);
    Set<String> anew = rows.stream().map(Row::scenario).collect(Collectors.toSet());
    if (Files.exists(file)) {
      read(file).stream().filter(row -> !anew.contains(row.scenario())).forEach(all::add);
    }
    List<String> order = Scenarios.all().stream().map(Scenario::name).toList();
    // stable, so that the rows of one stay as they are
    all.sort(Comparator.comparingInt(row -> order.indexOf(row.scenario())));
    write(file, all);
    return all;
  }

  static List<Row> read(Path file) throws IOException {
    return List.of(MAPPER.readValue(Files.readAllBytes(file), Row[].class));
  }
}
