package dev.maestro.mcp;

import dev.maestro.hosted.Hosted;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the program is told on its command line. */
final class McpOptions {

  static final String USAGE =
      """
      java -cp 'lib/*' dev.maestro.mcp.McpMain [options]

        --pipelines PATH   a file, or a directory of files (.yaml, .yml, .json); default: pipelines
        --store DIR        where runs are kept; default: .maestro
        --work DIR         where steps work; default: the working directory
        --host NAME        what the agent that started this is called; default: host
        --patience SECONDS how long calls wait for checks that run; default: 20
        --lease MINUTES    how long a step is handed out; default: the step's own time limit
        --http PORT        serve agents of this machine on this port (0: any) instead of stdin/stdout
        --tokens FILE      with --http: a line for each agent, its name and its token
        --origin ORIGIN    with --http: let pages of this origin ask\
      """;

  private Path pipelines = Path.of("pipelines");
  private Path store = Path.of(".maestro");
  private Path work = Path.of("");
  private String host = "host";
  private Duration patience = Hosted.DEFAULT_PATIENCE;
  private @Nullable Duration lease;
  private @Nullable Integer port;
  private @Nullable Path tokens;
  private final List<String> origins = new ArrayList<>();
  private boolean help;

  private McpOptions() {}

  static McpOptions of(String... args) {
    McpOptions options = new McpOptions();
    Deque<String> left = new ArrayDeque<>(List.of(args));
    while (!left.isEmpty()) {
      options.take(left.poll(), left);
    }
    if (options.port == null && (options.tokens != null || !options.origins.isEmpty())) {
      throw new IllegalArgumentException("--tokens and --origin are for --http");
    } else if (options.port != null && options.tokens == null) {
      throw new IllegalArgumentException("--http needs --tokens: who may ask, and by which token");
    }
    return options;
  }

  private void take(String option, Deque<String> left) {
    switch (option) {
      case "--pipelines" -> pipelines = Path.of(value(option, left));
      case "--store" -> store = Path.of(value(option, left));
      case "--work" -> work = Path.of(value(option, left));
      case "--host" -> host = value(option, left);
      case "--patience" -> patience = Duration.ofSeconds(number(option, left));
      case "--lease" -> lease = Duration.ofMinutes(number(option, left));
      case "--http" -> port = number(option, left);
      case "--tokens" -> tokens = Path.of(value(option, left));
      case "--origin" -> origins.add(value(option, left));
      case "--help" -> help = true;
      default -> throw new IllegalArgumentException("there is no option '" + option + "'");
    }
  }

  private static String value(String option, Deque<String> left) {
    String value = left.poll();
    if (value == null) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return value;
  }

  private static int number(String option, Deque<String> left) {
    String value = value(option, left);
    try {
      return Integer.parseUnsignedInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " is a whole number, not '" + value + "'", e);
    }
  }

  boolean help() {
    return help;
  }

  Path store() {
    return store;
  }

  Path work() {
    return work;
  }

  String host() {
    return host;
  }

  Duration patience() {
    return patience;
  }

  Optional<Duration> lease() {
    return Optional.ofNullable(lease);
  }

  OptionalInt port() {
    return port == null ? OptionalInt.empty() : OptionalInt.of(port);
  }

  List<String> origins() {
    return List.copyOf(origins);
  }

  // ------------------------------------------------------------------ files

  List<Pipeline> pipelines() throws IOException {
    List<Path> files = Files.isDirectory(pipelines) ? filesIn(pipelines) : List.of(pipelines);
    if (files.isEmpty() || !Files.exists(files.get(0))) {
      throw new IllegalArgumentException("there is no pipeline at " + pipelines);
    }
    List<Pipeline> read = new ArrayList<>();
    for (Path file : files) {
      PipelineFormat format =
          file.toString().endsWith(".json") ? PipelineFormat.JSON : PipelineFormat.YAML;
      read.add(format.read(Files.readString(file)));
    }
    return read;
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(yaml|yml|json)"))
          .sorted()
          .toList();
    }
  }

  /** {@return the names of those who may ask, by their tokens} */
  Map<String, String> tokens() throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    if (tokens == null) {
      return all;
    }
    for (String line : Files.readAllLines(tokens)) {
      String[] words = line.strip().split("\\s+");
      if (words.length == 2) {
        String other = all.put(words[1], words[0]);
        if (other != null && !other.equals(words[0])) {
          throw new IllegalArgumentException(
              "%s gives one token to %s and %s".formatted(tokens, other, words[0]));
        }
      } else if (!line.isBlank()) {
        throw new IllegalArgumentException("a line of " + tokens + " is a name and a token");
      }
    }
    return all;
  }
}
