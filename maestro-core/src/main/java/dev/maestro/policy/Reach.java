package dev.maestro.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.store.BlobId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  /** Those with several. */
  private static final Set<String> SEVERAL = Set.of("commands");

  /** Commands only where it is a shell that has them, and maybe elsewhere. */
  private static final Set<String> MAYBE_COMMANDS =
      Set.of("program", "executable", "shell", "exec", "execute", "run");

  /** What is handed to a shell that is open. */
  private static final Set<String> TYPED = Set.of("chars", "characters", "keys", "keystrokes");

  /** The same, but what a command reads where there is one. */
  private static final Set<String> HANDED =
      Set.of("code", "input", "text", "line", "lines", "stdin", "data", "value", "content");

  /** What says something of a command and is none. */
  private static final Set<String> ABOUT =
      Set.of(
          "description",
          "explanation",
          "justification",
          "reason",
          "purpose",
          "goal",
          "intent",
          "thought",
          "note",
          "comment",
          "title",
          "name",
          "label",
          "summary",
          "message",
          "cwd",
          "workdir",
          "workingdirectory",
          "workingdir",
          "dir",
          "directory",
          "folder",
          "env",
          "environment",
          "filter",
          "pattern",
          "regex",
          "query",
          "prompt",
          "type",
          "kind",
          "action",
          "mode");

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

  /** Tools that are a shell by their name. */
  private static final Pattern SHELL =
      Pattern.compile(
          "(?i).*(bash|shell|terminal|command|stdin|tmux|pwsh|keystroke|send_?-?keys).*"
              + "|(.*[_.:/-])?(sh|zsh|cmd|exec|execute|run)");

  /** Tools that run code of some language. */
  private static final Pattern RUNS_CODE =
      Pattern.compile(
          "(?i)(.*[_.:/-])?(exec|execute|run|eval|evaluate)([_-]?(code|python|node|js|javascript))?"
              + "|.*(python|jupyter|repl|interpreter).*");

  /** A key that is named in what is typed. */
  private static final Pattern ENTER = Pattern.compile("(?i)\\{(enter|return)}");

  private static final Set<String> SHELLS = Set.of("powershell", "pwsh", "cmd", "nu", "xonsh");

  static final String PATCH = "*** Begin Patch";
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
   * @param certain whether it would be run for certain; what only may be one can be objected to,
   *     and that nobody objects to it allows nothing
   */
  public record Command(String text, List<String> words, boolean certain) {

    /** Make one that would be run. */
    public Command(String text, List<String> words) {
      this(text, words, true);
    }

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

  /** {@return whether anything would be run for certain} */
  public boolean runs() {
    return commands.stream().anyMatch(Command::certain);
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
    reading.isShell = SHELL.matcher(tool).matches();
    reading.runsCode = RUNS_CODE.matcher(tool).matches();
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
    private boolean isShell;
    private boolean runsCode;
    private boolean inCommand;
    private boolean hasUnread;

    Reading(Function<String, Target> where) {
      this.where = where;
    }

    Reach reach(String text) {
      return new Reach(commands, writes, touches, addresses, names, text);
    }

    /** What has no fields is a command, or may be one. */
    void input(JsonNode input) {
      boolean texts = input.isArray() && !input.isEmpty() && !input.get(0).isObject();
      if (input.isTextual() || texts) {
        command(input, CommandField.Arguments.NONE, false, true, 0);
      } else {
        fields(input, 0);
        if (isShell && commands.isEmpty() && hasUnread) {
          unreadable(input);
        }
      }
    }

    private void fields(JsonNode node, int depth) {
      if (depth > DEEPEST) {
        unreadable(node);
        return;
      }
      CommandField.Arguments arguments = arguments(node);
      readsOnly &= node.properties().stream().noneMatch(f -> WRITTEN.contains(key(f.getKey())));
      boolean hasCommand = node.properties().stream().anyMatch(Reading::isCommand);
      if (!hasCommand) {
        node.properties().forEach(field -> alone(key(field.getKey()), field.getValue()));
      }
      node.properties()
          .forEach(field -> field(key(field.getKey()), field.getValue(), arguments, depth));
      node.properties().forEach(field -> handed(key(field.getKey()), field.getValue(), hasCommand));
      if (node.isArray()) {
        node.forEach(element -> fields(element, depth + 1));
      }
    }

    private static boolean isCommand(Map.Entry<String, JsonNode> field) {
      String key = key(field.getKey());
      return !field.getValue().isNull()
          && (COMMANDS.contains(key)
              || MAYBE_COMMANDS.contains(key) && !isNameOfShell(field.getValue()));
    }

    private static boolean isNameOfShell(JsonNode value) {
      String name = Words.name(value.asText());
      return !value.isTextual()
          ? value.isValueNode()
          : Programs.isShell(name) || SHELLS.contains(name);
    }

    private static CommandField.Arguments arguments(JsonNode node) {
      List<String> words = new ArrayList<>();
      boolean asText = false;
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        if (ARGUMENTS.contains(key(field.getKey()))) {
          words.addAll(CommandField.words(field.getValue()));
          asText |= field.getValue().isTextual();
        }
      }
      return new CommandField.Arguments(words, asText);
    }

    /** Arguments without a command begin with it. */
    private void alone(String key, JsonNode value) {
      boolean certain = isShell || inCommand;
      if (value.isArray() && (key.equals("argv") || certain && ARGUMENTS.contains(key))) {
        CommandField.ofArray(value, CommandField.Arguments.NONE, false, certain).forEach(this::run);
      }
    }

    private static String key(String name) {
      return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    private void field(String key, JsonNode value, CommandField.Arguments arguments, int depth) {
      if (COMMANDS.contains(key)) {
        command(value, arguments, SEVERAL.contains(key), true, depth);
        return;
      } else if (MAYBE_COMMANDS.contains(key)) {
        maybeCommand(value, arguments);
      } else if (PATHS.contains(key) || moves && MOVED.contains(key)) {
        texts(value).forEach(this::file);
      } else if (ADDRESSES.contains(key)) {
        texts(value).forEach(this::address);
      } else if (PATCHES.contains(key) && value.isTextual()) {
        patch(value.textValue());
      } else if (key.equals("changes") && value.isObject()) {
        value.fieldNames().forEachRemaining(this::file);
      } else if (!ABOUT.contains(key) && !isHanded(key)) {
        unknown(value);
      }
      if (value.isContainerNode()) {
        fields(value, depth + 1);
      }
    }

    private static boolean isHanded(String key) {
      return TYPED.contains(key) || HANDED.contains(key) || ARGUMENTS.contains(key);
    }

    /** A field that nobody knows, with what may be for a shell. */
    private void unknown(JsonNode value) {
      if (texts(value).stream().anyMatch(CommandField::isForAShell)) {
        hasUnread = true;
        if (inCommand) {
          unreadable(value);
        }
      }
    }

    private void command(
        JsonNode value,
        CommandField.Arguments arguments,
        boolean several,
        boolean certain,
        int depth) {
      if (value.isTextual()) {
        CommandField.ofText(value.textValue(), arguments, certain).forEach(this::run);
      } else if (value.isArray()) {
        CommandField.ofArray(value, arguments, several, certain).forEach(this::run);
        value.forEach(element -> inside(element, depth));
      } else if (value.isObject()) {
        inside(value, depth);
      }
    }

    /** A command that is told by fields of its own, of which there has to be one that is known. */
    private void inside(JsonNode value, int depth) {
      if (value.isArray()) {
        value.forEach(element -> inside(element, depth + 1));
      } else if (value.isObject()) {
        boolean outer = inCommand;
        int before = commands.size();
        inCommand = true;
        fields(value, depth + 1);
        inCommand = outer;
        if (commands.size() == before) {
          unreadable(value);
        }
      }
    }

    /** Elsewhere than in a shell a single word is no command. */
    private void maybeCommand(JsonNode value, CommandField.Arguments arguments) {
      boolean certain = isShell || inCommand;
      if (value.isTextual()) {
        String text = value.textValue();
        boolean more = !arguments.words().isEmpty() || CommandField.isForAShell(text);
        if (!isNameOfShell(value) && (certain || more)) {
          CommandField.ofText(text, arguments, certain).forEach(this::run);
        }
      } else if (value.isArray()) {
        CommandField.ofArray(value, arguments, false, certain).forEach(this::run);
      }
    }

    /** What is typed into a shell; it may be meant for a program that is open in it. */
    private void handed(String key, JsonNode value, boolean hasCommand) {
      boolean typed = TYPED.contains(key) || HANDED.contains(key) && !hasCommand;
      if ((isShell || inCommand) && typed) {
        List<String> texts = texts(value);
        if (inCommand && value.isArray()) {
          CommandField.ofArray(value, CommandField.Arguments.NONE, true, true).forEach(this::run);
        } else if (!String.join("", texts).isBlank() && !texts.get(0).contains(PATCH)) {
          String all = ENTER.matcher(String.join(" ", texts)).replaceAll("\n");
          run(new Command(all, List.of(), inCommand));
          texts.stream()
              .filter(text -> texts.size() > 1 && CommandField.isForAShell(text))
              .forEach(text -> run(new Command(text, List.of(), inCommand)));
        }
      }
      if (runsCode && key.equals("code") && value.isTextual() && !inCommand) {
        unreadable(value);
      }
    }

    private void unreadable(JsonNode value) {
      run(CommandField.unreadable(value));
      addresses.addAll(Lookups.guessedIn(value.toString()));
    }

    private void address(String address) {
      if (address.regionMatches(true, 0, "file://", 0, 7)) {
        file(address.substring(7));
      } else {
        addresses.add(address);
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
      programs.all().forEach(words -> addresses.addAll(lookedUp(words, programs)));
      programs.contained().forEach(words -> addresses.addAll(Lookups.of(words)));
      programs.all().forEach(words -> patched(words.all()));
      patched(programs.handed());
      programs.handed().forEach(text -> addresses.addAll(Lookups.guessedIn(text)));
      programs.texts().forEach(text -> addresses.addAll(Lookups.inVariable(text)));
      if (programs.isUnclear()) {
        addresses.addAll(Lookups.guessedIn(command.text()));
      }
      programs.all().stream()
          .filter(words -> !words.onlyReads())
          .flatMap(words -> words.mayBePaths().stream())
          .forEach(file -> touches.add(where.apply(file)));
      programs.coded().stream()
          .filter(file -> !file.isBlank() && !NO_FILE.matcher(file).matches())
          .forEach(file -> touches.add(where.apply(file)));
    }

    /** What another program adds to a command is not looked up by what is known of it. */
    private static List<String> lookedUp(Words words, Programs programs) {
      List<String> found = Lookups.of(words);
      return programs.isCut(words)
          ? found.stream().filter(address -> !address.equals(Lookups.UNKNOWN)).toList()
          : found;
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
