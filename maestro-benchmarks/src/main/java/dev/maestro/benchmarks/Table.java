package dev.maestro.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows as text that lines up. */
final class Table {

  private static final List<String> HEAD =
      List.of("contestant", "metric", "median", "min", "max", "unit", "runs");

  private Table() {}

  /** {@return the rows of one scenario below its question} */
  static String of(Scenario scenario, List<Row> rows) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEAD);
    rows.forEach(row -> lines.add(cells(row)));
    StringBuilder text = new StringBuilder();
    text.append('\n').append(scenario.name()).append(": ").append(scenario.question()).append('\n');
    for (List<String> line : lines) {
      for (int column = 0; column < line.size(); column++) {
        text.append(padded(line.get(column), column, width(lines, column)));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** {@return three digits that mean something} */
  static String number(double value) {
    double size = Math.abs(value);
    if (size >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return String.format(Locale.ROOT, size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value);
  }

  private static List<String> cells(Row row) {
    return List.of(
        row.contestant(),
        row.metric(),
        number(row.median()),
        number(row.min()),
        number(row.max()),
        row.unit(),
        Integer.toString(row.runs()));
  }

  private static String padded(String cell, int column, int width) {
    boolean isText = column < 2 || column == 5;
    return String.format(Locale.ROOT, "  %" + (isText ? "-" : "") + width + "s", cell);
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(1);
  }
}
