package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.jspecify.annotations.Nullable;

/**
 * What the files beside a repository say about how git reads and writes working files, as it stood
 * when a workspace was opened.
 *
 * <p>An agent that changes them can make a checkpoint say one thing and a gate read another. Of the
 * configuration, only what has a say in the bytes counts: tools write names, remotes, branches and
 * hooks there all the time.
 */
final class GitSettings {

  private static final Set<String> SECTIONS =
      Set.of(
          "core",
          "filter",
          "include",
          "includeif",
          "extensions",
          "sparse",
          "index",
          "attr",
          "feature");

  /** Maestro's own steps are free of these, or they say nothing about files. */
  private static final Set<String> HARMLESS_IN_CORE =
      Set.of(
          "abbrev",
          "askpass",
          "commentchar",
          "editor",
          "fsmonitor",
          "hookspath",
          "logallrefupdates",
          "pager",
          "quotepath",
          "sshcommand",
          "whitespace");

  private static final List<String> FILES =
      List.of(
          "config",
          "config.worktree",
          "info/attributes",
          "info/exclude",
          // objects that lie elsewhere are not written here, and go when that goes
          "objects/info/alternates");

  private final List<Path> files;
  private final List<String> own;
  private final Map<Path, ObjectId> before;

  private GitSettings(List<Path> files, List<String> own) {
    this.files = files;
    this.own = own;
    this.before = read();
  }

  /**
   * Remember what stands there now.
   *
   * @param own lines that Maestro itself may write to {@code info/exclude}
   */
  static GitSettings of(GitRepository repository, Worktree worktree, List<String> own) {
    List<Path> files = new ArrayList<>();
    for (Path directory : List.of(repository.common(), worktree.gitDirectory())) {
      FILES.forEach(file -> files.add(directory.resolve(file)));
    }
    files.add(worktree.gitDirectory().resolve("info/sparse-checkout"));
    return new GitSettings(files, own);
  }

  /** Refuse to go on when one of the files says something else by now. */
  void requireUnchanged() {
    Map<Path, ObjectId> now = read();
    for (Path file : files) {
      if (!Objects.equals(now.get(file), before.get(file))) {
        throw new PermanentException(
            file
                + " was changed while an agent worked, and has a say in what git takes the files"
                + " for, so that no checkpoint can be trusted; put it back to what it was, or, if"
                + " the change is yours, start Maestro anew");
      }
    }
  }

  private Map<Path, ObjectId> read() {
    Map<Path, ObjectId> found = new TreeMap<>();
    try (ObjectInserter.Formatter hash = new ObjectInserter.Formatter()) {
      for (Path file : files) {
        String text = Border.call("read " + file, () -> meaning(file));
        found.put(file, hash.idFor(Constants.OBJ_BLOB, text.getBytes(StandardCharsets.ISO_8859_1)));
      }
    }
    return found;
  }

  private String meaning(Path file) throws IOException {
    String text = text(file);
    if (file.endsWith("info/exclude")) {
      return text.lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#") && !own.contains(line))
          .collect(Collectors.joining("\n"));
    }
    boolean isConfiguration = file.endsWith("config") || file.endsWith("config.worktree");
    return isConfiguration ? aboutFiles(text) : text;
  }

  private static String text(Path file) throws IOException {
    try {
      Pipes.requireNone(file);
      return Files.isDirectory(file) ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static String aboutFiles(String text) {
    Config config = new Config();
    try {
      config.fromText(text);
    } catch (ConfigInvalidException e) {
      return text;
    }
    StringBuilder lines = new StringBuilder();
    for (String section : config.getSections()) {
      if (SECTIONS.contains(section.toLowerCase(Locale.ROOT))) {
        append(lines, config, section, null);
        config.getSubsections(section).forEach(part -> append(lines, config, section, part));
      }
    }
    return lines.toString();
  }

  private static void append(
      StringBuilder lines, Config config, String section, @Nullable String part) {
    for (String name : config.getNames(section, part)) {
      String key = name.toLowerCase(Locale.ROOT);
      if (!section.equalsIgnoreCase("core") || !HARMLESS_IN_CORE.contains(key)) {
        List<String> values = List.of(config.getStringList(section, part, name));
        lines.append(section).append('.').append(part).append('.').append(key);
        lines.append('=').append(values).append('\n');
      }
    }
  }
}
