package dev.maestro.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.maestro.workspace.PathGlobs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Tools for the files of the workspace; the application grants them all. */
final class FileTools {

  private static final int MOST_LINES = 2_000;
  private static final int MOST_NAMES = 1_000;
  private static final int MOST_MATCHES = 200;
  private static final int LONGEST_LINE = 500;
  private static final long LARGEST = 8L << 20;

  private FileTools() {}

  /** {@return those that change nothing} */
  static List<Tool> reading() {
    return List.of(
        new FileTool(
            "read_file",
            "Read a text file of the workspace, or some lines of it.",
            schema("path")
                .addStringProperty("path", "relative to the workspace")
                .addIntegerProperty("first_line", "1 unless said otherwise")
                .addIntegerProperty("lines", "how many; " + MOST_LINES + " at most"),
            FileTools::read),
        new FileTool(
            "list_files",
            "List what lies in a directory of the workspace.",
            schema().addStringProperty("path", "a directory; the workspace unless said otherwise"),
            FileTools::list),
        new FileTool(
            "find_files",
            "Find files by name: `*` stands for any characters, `**` for any directories,"
                + " as in `src/**/*.java`.",
            schema("pattern").addStringProperty("pattern", "of paths relative to the workspace"),
            FileTools::find),
        new FileTool(
            "search_files",
            "Find the lines that contain a text, in all files or in those whose name matches.",
            schema("text")
                .addStringProperty("text", "exactly as it is written, on one line")
                .addStringProperty("pattern", "of paths, as find_files takes it")
                .addBooleanProperty("ignore_case", "whether capitals do not matter"),
            FileTools::search));
  }

  /** {@return those that change files} */
  static List<Tool> writing() {
    return List.of(
        new FileTool(
            "write_file",
            "Write a text file of the workspace as a whole; directories are made as needed.",
            schema("path", "content")
                .addStringProperty("path", "relative to the workspace")
                .addStringProperty("content", "all of it"),
            FileTools::write),
        new FileTool(
            "edit_file",
            "Replace a text in a file of the workspace. The text has to be there exactly once,"
                + " unless all are to be replaced.",
            schema("path", "old_text", "new_text")
                .addStringProperty("path", "relative to the workspace")
                .addStringProperty("old_text", "exactly as it is in the file")
                .addStringProperty("new_text", "what comes in its place; may be empty")
                .addBooleanProperty("all", "whether to replace each"),
            FileTools::edit));
  }

  private static JsonObjectSchema.Builder schema(String... required) {
    return JsonObjectSchema.builder().required(required);
  }

  /** What a tool does. */
  private interface Work {
    String on(Arguments arguments, Desk desk) throws ToolFailure, IOException;
  }

  /** A tool of this kind. */
  private static final class FileTool implements Tool {

    private final ToolSpecification specification;
    private final Work work;

    FileTool(String name, String description, JsonObjectSchema.Builder takes, Work work) {
      specification =
          ToolSpecification.builder()
              .name(name)
              .description(description)
              .parameters(takes.build())
              .build();
      this.work = work;
    }

    @Override
    public ToolSpecification specification() {
      return specification;
    }

    @Override
    public boolean isGranted(Arguments arguments) {
      return true;
    }

    @Override
    public Outcome use(Arguments arguments, Desk desk) throws ToolFailure, IOException {
      return Outcome.done(work.on(arguments, desk));
    }
  }

  // ------------------------------------------------------------------ reading

  private static String read(Arguments arguments, Desk desk) throws ToolFailure, IOException {
    String name = arguments.text("path");
    Path file = existing(desk.workplace().toRead(name), name);
    int first = arguments.number("first_line", 1);
    int most = Math.min(MOST_LINES, arguments.number("lines", MOST_LINES));
    Excerpt lines = new Excerpt(desk.outputLimit());
    int last = 0;
    boolean more = false;
    try (BufferedReader reader = reader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        desk.check();
        last++;
        more = last >= (long) first + most;
        if (more) {
          break;
        }
        if (last >= first) {
          lines.add(line + "\n");
        }
      }
    }
    return more
        ? lines.text() + "[there is more: go on with first_line " + last + "]"
        : lines.text().isEmpty() ? "[no lines there]" : lines.text();
  }

  private static Path existing(Path file, String name) throws ToolFailure, IOException {
    if (!Files.exists(file)) {
      throw new ToolFailure("there is no file '" + name + "'");
    }
    requireFile(file, name);
    if (Files.size(file) > LARGEST) {
      throw tooLarge("'" + name + "' is");
    }
    return file;
  }

  /** Who opens a pipe or a device may wait for ever. */
  private static void requireFile(Path file, String name) throws ToolFailure {
    if (Files.isDirectory(file)) {
      throw new ToolFailure("'" + name + "' is a directory");
    } else if (!Files.isRegularFile(file)) {
      throw new ToolFailure("'" + name + "' is no file that could be read or written");
    }
  }

  private static ToolFailure tooLarge(String what) {
    return new ToolFailure(what + " larger than " + (LARGEST >> 20) + " MiB");
  }

  /** Bytes that are no UTF-8 are shown as such, not refused. */
  private static BufferedReader reader(Path file) throws IOException {
    InputStream bytes = Files.newInputStream(file);
    return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
  }

  private static String list(Arguments arguments, Desk desk) throws ToolFailure, IOException {
    String name = arguments.textOrEmpty("path");
    Path directory = desk.workplace().toRead(name);
    if (!Files.isDirectory(directory)) {
      throw new ToolFailure("there is no directory '" + name + "'");
    }
    return lines(desk.workplace().list(directory), "nothing lies there");
  }

  private static String lines(List<String> names, String nothing) {
    if (names.isEmpty()) {
      return "[" + nothing + "]";
    }
    List<String> shown = names.subList(0, Math.min(names.size(), MOST_NAMES));
    String rest = names.size() > shown.size() ? "\n[… and more]" : "";
    return String.join("\n", shown) + rest;
  }

  private static String find(Arguments arguments, Desk desk) throws ToolFailure, IOException {
    return lines(names(globs(arguments.text("pattern")), desk), "no file matches");
  }

  /** {@return the names of all files that match, sorted} */
  private static List<String> names(PathGlobs globs, Desk desk) throws IOException {
    List<String> names = new ArrayList<>();
    desk.workplace()
        .walk(
            desk::check,
            name -> {
              if (globs.matches(name)) {
                names.add(name);
              }
            });
    Collections.sort(names);
    return names;
  }

  private static PathGlobs globs(String pattern) throws ToolFailure {
    try {
      return PathGlobs.of(pattern);
    } catch (IllegalArgumentException e) {
      throw new ToolFailure(String.valueOf(e.getMessage()));
    }
  }

  private static String search(Arguments arguments, Desk desk) throws ToolFailure, IOException {
    String text = arguments.text("text");
    String pattern = arguments.textOrEmpty("pattern");
    PathGlobs globs = globs(pattern.isEmpty() ? "**" : pattern);
    boolean ignoreCase = arguments.isOn("ignore_case");
    if (text.isEmpty() || text.indexOf('\n') >= 0) {
      throw new ToolFailure("`text` has to be part of one line");
    }
    String wanted = ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
    List<String> found = new ArrayList<>();
    for (String name : names(globs, desk)) {
      desk.check();
      if (found.size() <= MOST_MATCHES) {
        matches(desk.workplace().root().resolve(name), name, wanted, ignoreCase, found);
      }
    }
    boolean more = found.size() > MOST_MATCHES;
    String all = lines(more ? found.subList(0, MOST_MATCHES) : found, "no line contains it");
    return Excerpt.of(more ? all + "\n[… and more]" : all, desk.outputLimit());
  }

  private static void matches(
      Path file, String name, String wanted, boolean ignoreCase, List<String> found)
      throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
      return;
    }
    try (BufferedReader reader = reader(file)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (line.indexOf('\0') >= 0 || found.size() > MOST_MATCHES) {
          return;
        }
        if ((ignoreCase ? line.toLowerCase(Locale.ROOT) : line).contains(wanted)) {
          String shown =
              line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line;
          found.add(name + ":" + number + ": " + shown.strip());
        }
      }
    }
  }

  // ------------------------------------------------------------------ writing

  private static String write(Arguments arguments, Desk desk) throws ToolFailure, IOException {
    String name = arguments.text("path");
    String content = arguments.text("content");
    Path file = desk.workplace().toWrite(name);
    if (Files.exists(file)) {
      requireFile(file, name);
    }
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    put(file, content);
    return "written: %s, %d characters".formatted(desk.workplace().nameOf(file), content.length());
  }

  private static String edit(Arguments arguments, Desk desk) throws ToolFailure, IOException {
    String name = arguments.text("path");
    String old = arguments.text("old_text");
    String replacement = arguments.text("new_text");
    Path file = existing(desk.workplace().toWrite(name), name);
    String content = content(file, name);
    int times = old.isEmpty() ? 0 : times(content, old);
    if (times == 0) {
      throw new ToolFailure("`old_text` is not in '" + name + "'; read the file again");
    } else if (times > 1 && !arguments.isOn("all")) {
      throw new ToolFailure(
          "`old_text` is in '%s' %d times; take more of it, or set `all`".formatted(name, times));
    }
    long length = content.length() + times * ((long) replacement.length() - old.length());
    if (length > LARGEST) {
      throw tooLarge("'" + name + "' would become");
    }
    put(file, content.replace(old, replacement));
    return "replaced in %s: %d".formatted(desk.workplace().nameOf(file), times);
  }

  /** A file that has other names, maybe outside of the workspace, stays what it is under those. */
  private static void put(Path file, String content) throws IOException {
    if (!Files.exists(file) || !hasOtherNames(file)) {
      Files.writeString(file, content);
      return;
    }
    Path fresh = Files.createTempFile(file.getParent(), ".", ".new");
    try {
      Files.writeString(fresh, content);
      Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(file));
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static boolean hasOtherNames(Path file) throws IOException {
    return file.getFileSystem().supportedFileAttributeViews().contains("unix")
        && ((Number) Files.getAttribute(file, "unix:nlink")).intValue() > 1;
  }

  /** What is no UTF-8 would not come out of it as it went in. */
  private static String content(Path file, String name) throws ToolFailure, IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ToolFailure("'" + name + "' is no UTF-8 text, and is left as it is");
    }
  }

  private static int times(String content, String part) {
    int times = 0;
    for (int at = content.indexOf(part); at >= 0; at = content.indexOf(part, at + part.length())) {
      times++;
    }
    return times;
  }
}
