package dev.maestro.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.store.BlobId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a tool use or a command would run, write and look up, as far as that can be read from it.
 *
 * <p>The tools of agents have their own names and fields; the fields are read by their names:
 * {@code command}, {@code path}, {@code url} and their like. A path is taken for one that is
 * written unless the tool's name says that it only reads.
 *
 * @param commands what would be run
 * @param writes files that would be written
 * @param touches files that a command names which may write them or not
 * @param addresses what would be looked up; what only looks like the name of a host among the words
 *     of a command begins with {@code //}
 * @param names whether files are named at all, be it for reading
 * @param text the whole for people
 */
public record Reach(
    List<Command> commands,
    List<Target> writes,
    List<Target> touches,
    List<String> addresses,
    boolean names,
    String text) {

  private static final int MOST_SHOWN = 300;

  // names of fields, in lower case without hyphens and underscores
  private static final Set<String> COMMANDS =
      Set.of("command", "cmd", "script", "commands", "commandline", "shellcommand", "bash");
  private static final Set<String> ARGUMENTS = Set.of("args", "arguments", "argv", "parameters");
  private static final Set<String> PATHS =
      Set.of(
          "path",
          "paths",
          "file",
          "files",
          "filepath",
          "filename",
          "notebookpath",
          "oldpath",
          "newpath",
          "source",
          "destination",
          "targetfile",
          "locations");

  /** Of a tool that moves or copies. */
  private static final Set<String> MOVED = Set.of("from", "to", "src", "dst", "dest", "target");

  private static final Set<String> ADDRESSES =
      Set.of(
          "url",
          "urls",
          "uri",
          "uris",
          "href",
          "link",
          "endpoint",
          "baseurl",
          "website",
          "host",
          "hostname");
  private static final Set<String> PATCHES = Set.of("patch", "patchtext", "diff", "input");

  /** What a tool that only reads has no use for. */
  private static final Set<String> WRITTEN =
      Set.of(
          "content",
          "contents",
          "replace",
          "replacement",
          "newstring",
          "newstr",
          "newtext",
          "edits",
          "filetext");

  private static final Pattern MOVES =
      Pattern.compile("(?i)(.*[_.:/-])?(move|rename|copy|mv|cp)(\\b|_).*");
  private static final Pattern FOR_A_SHELL = Pattern.compile("(?s).*[ \t\n;&|<>$`()].*");
  private static final String PATCH = "*** Begin Patch";
  private static final Pattern READS =
      Pattern.compile(
          "(?i)(.*[_.:/-])?(read|view|cat|open|get|list|ls|glob|grep|search|find|fetch|look)"
              + "([_-]?(file|files|dir|directory|text_file|many_files|content|notebook))?");
  private static final Pattern PATCHED =
      Pattern.compile(
          "(?m)^(?:\\*\\*\\* (?:Add File|Update File|Delete File|Move to): |\\+\\+\\+ (?:b/)?|---"
              + " (?:a/)?)([^\\t\\r"
              + "\\n"
              + "]+)");

  /** What output is sent to and stays nowhere. */
  private static final Pattern NO_FILE =
      Pattern.compile("/dev/(null|stdout|stderr|tty|fd/[0-9" + ShellText.UNKNOWN + "]+)");

  /** Copy the lists. */
  public Reach {
    commands = List.copyOf(commands);
    writes = List.copyOf(writes);
    touches = List.copyOf(touches);
    addresses = List.copyOf(addresses);
    Objects.requireNonNull(text, "text");
  }

  /**
   * A command.
   *
   * @param text for a shell, or the words with blanks between
   * @param words the program and its arguments; empty for a text for a shell
   */
  public record Command(String text, List<String> words) {

    /** Copy the list. */
    public Command {
      words = List.copyOf(words);
    }
  }

  /**
   * A file that is named.
   *
   * @param given as it was written
   * @param names what it may be called, relative to the workspace and with {@code /} between names,
   *     as it is given and with links resolved; empty when no name of it is in the workspace
   * @param inside whether it is in the workspace, under each of its names
   */
  public record Target(String given, List<String> names, boolean inside) {

    /** Copy the list. */
    public Target {
      Objects.requireNonNull(given, "given");
      names = List.copyOf(names);
    }

    /** Make one that is inside under these names, or outside without any. */
    public Target(String given, List<String> names) {
      this(given, names, !names.isEmpty());
    }
  }

  /** {@return the whole for people, cut short, and then with a hash that tells it from others} */
  public String shown() {
    return shortened(text);
  }

  /** {@return the same with less to show for people} */
  public Reach hiding(UnaryOperator<String> secrets) {
    return new Reach(commands, writes, touches, addresses, names, secrets.apply(text));
  }

  /** {@return whether anything would be run} */
  public boolean runs() {
    return !commands.isEmpty();
  }

  /** {@return what a command step reaches; {@code where} tells what a path may be called} */
  public static Reach ofCommand(List<String> words, Function<String, Target> where) {
    Reading reading = new Reading(where);
    reading.run(new Command(String.join(" ", words), words));
    return reading.reach(String.join(" ", words));
  }

  /** {@return what a use of a tool reaches; {@code where} tells what a path may be called} */
  public static Reach ofTool(String tool, JsonNode input, Function<String, Target> where) {
    Reading reading = new Reading(where);
    reading.readsOnly = READS.matcher(tool).matches();
    reading.moves = MOVES.matcher(tool).matches();
    reading.input(input);
    return reading.reach(tool + " " + input);
  }

  /** {@return a text as far as it fits into a question} */
  static String shortened(String text) {
    if (text.length() <= MOST_SHOWN) {
      return text;
    }
    // what is cut off must not be another time the same question is asked
    String hash = BlobId.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 16);
    return text.substring(0, MOST_SHOWN) + "… (SHA-256 " + hash + ")";
  }

  /** Collects what is found; lives for one call. */
  private static final class Reading {

    /** What is deeper is a doubt. */
    private static final int DEEPEST = 20;

    private final Function<String, Target> where;
    private final List<Command> commands = new ArrayList<>();
    private final List<Target> writes = new ArrayList<>();
    private final List<Target> touches = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private boolean readsOnly;
    private boolean moves;
    private boolean names;

    Reading(Function<String, Target> where) {
      this.where = where;
    }

    Reach reach(String text) {
      return new Reach(commands, writes, touches, addresses, names, text);
    }

    /** What has no fields is a command, or may be one. */
    void input(JsonNode input) {
      boolean texts = input.isArray() && !input.isEmpty() && input.get(0).isTextual();
      if (input.isTextual() || texts) {
        command(input, List.of());
      } else {
        fields(input, 0);
      }
    }

    private void fields(JsonNode node, int depth) {
      if (depth > DEEPEST) {
        run(new Command(node.toString(), List.of()));
        return;
      }
      List<String> arguments = new ArrayList<>();
      node.properties().stream()
          .filter(field -> ARGUMENTS.contains(key(field.getKey())))
          .forEach(field -> arguments.addAll(texts(field.getValue())));
      readsOnly &= node.properties().stream().noneMatch(f -> WRITTEN.contains(key(f.getKey())));
      node.properties().forEach(field -> field(field.getKey(), field.getValue(), arguments, depth));
      if (node.isArray()) {
        node.forEach(element -> fields(element, depth + 1));
      }
    }

    private static String key(String name) {
      return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    private void field(String name, JsonNode value, List<String> arguments, int depth) {
      String key = key(name);
      if (COMMANDS.contains(key)) {
        command(value, arguments);
      } else if (PATHS.contains(key) || moves && MOVED.contains(key)) {
        texts(value).forEach(this::file);
      } else if (ADDRESSES.contains(key)) {
        texts(value).forEach(this::address);
      } else if (PATCHES.contains(key) && value.isTextual()) {
        patch(value.textValue());
      } else if (key.equals("changes") && value.isObject()) {
        value.fieldNames().forEachRemaining(this::file);
      }
      if (value.isContainerNode()) {
        fields(value, depth + 1);
      }
    }

    private void address(String address) {
      if (address.regionMatches(true, 0, "file://", 0, 7)) {
        file(address.substring(7));
      } else {
        addresses.add(address);
      }
    }

    /**
     * A text alone is for a shell; with arguments beside it, it is a program. Who reads it may not
     * know the arguments, so what could be for a shell is looked at as that, too.
     */
    private void command(JsonNode value, List<String> arguments) {
      List<String> words = texts(value);
      words.addAll(arguments);
      boolean program = !value.isTextual() || !arguments.isEmpty();
      if (value.isTextual() && (!program || FOR_A_SHELL.matcher(value.textValue()).matches())) {
        run(new Command(value.textValue(), List.of()));
      }
      if (program && !words.isEmpty()) {
        run(new Command(String.join(" ", words), words));
      }
    }

    void run(Command command) {
      commands.add(command);
      Programs programs = new Programs();
      if (command.words().isEmpty()) {
        programs.take(command.text());
      } else {
        programs.take(command.words());
      }
      programs.written().forEach(this::sentTo);
      programs.read().forEach(this::connection);
      programs.all().forEach(words -> addresses.addAll(Lookups.of(words)));
      programs.all().forEach(words -> patched(words.all()));
      patched(programs.handed());
      programs.handed().forEach(text -> addresses.addAll(Lookups.guessedIn(text)));
      if (programs.isUnclear()) {
        addresses.addAll(Lookups.guessedIn(command.text()));
      }
      programs.all().stream()
          .filter(words -> !words.onlyReads())
          .flatMap(words -> words.mayBePaths().stream())
          .forEach(file -> touches.add(where.apply(file)));
    }

    private void sentTo(String file) {
      if (!connection(file) && !NO_FILE.matcher(file).matches()) {
        writes.add(where.apply(file));
      }
    }

    /** A shell opens a connection where it would open a file of such a name. */
    private boolean connection(String file) {
      boolean is = file.matches("/dev/(tcp|udp)/[^/]+/.*");
      if (is) {
        addresses.add(Lookups.GUESSED + file.split("/")[3]);
      }
      return is;
    }

    private void file(String path) {
      names = true;
      if (!readsOnly) {
        writes.add(where.apply(path));
      }
    }

    private void patched(List<String> texts) {
      texts.stream().filter(text -> text.contains(PATCH)).forEach(this::patch);
    }

    private void patch(String text) {
      Matcher file = PATCHED.matcher(text);
      while (file.find()) {
        if (!file.group(1).equals("/dev/null")) {
          file(file.group(1).strip());
        }
      }
    }

    private static List<String> texts(JsonNode value) {
      List<String> texts = new ArrayList<>();
      if (value.isTextual()) {
        texts.add(value.textValue());
      }
      for (JsonNode element : value) {
        if (element.isTextual()) {
          texts.add(element.textValue());
        }
      }
      return texts;
    }
  }
}
