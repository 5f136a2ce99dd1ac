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
import java.util.Optional;
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
 * What the files beside a repository say about how git reads, writes and merges files, as it stood
 * when a workspace was opened, or the first one of a run.
 *
 * <p>An agent that changes them can make a checkpoint say one thing and a gate read another, or a
 * merge out of what does not go together. Of the configuration, only what has a say in the bytes
 * counts: tools write names, remotes, branches and hooks there all the time.
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
          "merge",
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

  /** How merges are shown and begun, and not what comes of them. */
  private static final Set<String> HARMLESS_IN_MERGE =
      Set.of(
          "autostash",
          "branchdesc",
          "conflictstyle",
          "ff",
          "guitool",
          "log",
          "stat",
          "suppressdest",
          "tool",
          "verbosity",
          "verifysignatures");

  private static final List<String> FILES =
      List.of(
          "config",
          "config.worktree",
          "info/attributes",
          "info/exclude",
          // where git merges without a working tree, it takes this one for it
          ".gitattributes",
          // objects that lie elsewhere are not written here, and go when that goes
          "objects/info/alternates");

  private final List<Path> files;
  private final List<String> own;
  private final Map<Path, ObjectId> before;

  private GitSettings(List<Path> files, List<String> own) {
    this(files, own, read(files, own));
  }

  private GitSettings(List<Path> files, List<String> own, Map<Path, ObjectId> before) {
    this.files = files;
    this.own = own;
    this.before = before;
  }

  /**
   * Remember what stands there now beside the repository itself.
   *
   * @param own lines that Maestro itself may write to {@code info/exclude}
   */
  static GitSettings of(GitRepository repository, List<String> own) {
    return new GitSettings(in(repository.common()), own);
  }

  /** {@return these, and what stands there now of one worktree} */
  GitSettings and(Worktree worktree) {
    List<Path> files = new ArrayList<>(in(worktree.gitDirectory()));
    files.add(worktree.gitDirectory().resolve("info/sparse-checkout"));
    GitSettings fresh = new GitSettings(files, own);
    List<Path> all = new ArrayList<>(this.files);
    all.addAll(fresh.files);
    Map<Path, ObjectId> known = new TreeMap<>(before);
    known.putAll(fresh.before);
    return new GitSettings(all, own, known);
  }

  private static List<Path> in(Path directory) {
    return FILES.stream().map(directory::resolve).toList();
  }

  /** Refuse to go on when one of the files says something else by now. */
  void requireUnchanged() {
    change()
        .ifPresent(
            what -> {
              throw new PermanentException(what);
            });
  }

  /** {@return which of the files says something else by now, and what would help, if one does} */
  Optional<String> change() {
    Map<Path, ObjectId> now = read(files, own);
    return files.stream()
        .filter(file -> !Objects.equals(now.get(file), before.get(file)))
        .findFirst()
        .map(
            file ->
                file
                    + " was changed while an agent worked, and has a say in what git takes the"
                    + " files for, so that no checkpoint and no merge can be trusted; put it back to"
                    + " what it was, or, if the change is yours, start Maestro anew");
  }

  private static Map<Path, ObjectId> read(List<Path> files, List<String> own) {
    Map<Path, ObjectId> found = new TreeMap<>();
    try (ObjectInserter.Formatter hash = new ObjectInserter.Formatter()) {
      for (Path file : files) {
        String text = Border.call("read " + file, () -> meaning(file, own));
        found.put(file, hash.idFor(Constants.OBJ_BLOB, text.getBytes(StandardCharsets.ISO_8859_1)));
      }
    }
    return found;
  }

  private static String meaning(Path file, List<String> own) throws IOException {
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

  private static Set<String> harmlessIn(String section) {
    return switch (section.toLowerCase(Locale.ROOT)) {
      case "core" -> HARMLESS_IN_CORE;
      case "merge" -> HARMLESS_IN_MERGE;
      default -> Set.of();
    };
  }

  private static void append(
      StringBuilder lines, Config config, String section, @Nullable String part) {
    for (String name : config.getNames(section, part)) {
      String key = name.toLowerCase(Locale.ROOT);
      if (part != null || !harmlessIn(section).contains(key)) {
        List<String> values = List.of(config.getStringList(section, part, name));
        lines.append(section).append('.').append(part).append('.').append(key);
        lines.append('=').append(values).append('\n');
      }
    }
  }
}
