package dev.maestro.git;

import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds the files that stand in a directory and match, whatever git ignores.
 *
 * <p>A pattern that begins with a name says where: all that it matches there counts. One that
 * begins with {@code **} names no place, and is taken to mean the directories that the checkpoint
 * has: packages and build outputs are full of files that it would match. {@code **} alone finds
 * nothing here, for whoever puts back everything does not mean the build outputs.
 *
 * <p>A name that is no text in this machine's encoding cannot be handed on, so that such a file is
 * out of reach unless the checkpoint has one of a name that reads the same.
 */
final class ProtectedFiles {

  private static final String ANYWHERE = "**";

  /** What Java reads for what is no text in the encoding of names. */
  static final char UNSAYABLE = '\uFFFD';

  private final Path root;
  private final Set<String> known;
  private final PathGlobs somewhere;
  private final PathGlobs anywhere;
  private final Predicate<String> isSubmodule;
  private final Predicate<String> isKnown;
  private final List<String> files = new ArrayList<>();
  private final List<String> unreachable = new ArrayList<>();
  private final List<String> pipes = new ArrayList<>();

  private ProtectedFiles(
      Path root,
      PathGlobs globs,
      Set<String> known,
      Predicate<String> isSubmodule,
      Predicate<String> isKnown) {
    this.isKnown = isKnown;
    this.root = root;
    this.known = known;
    this.isSubmodule = isSubmodule;
    this.somewhere = only(globs, pattern -> !pattern.startsWith(ANYWHERE));
    this.anywhere =
        only(globs, pattern -> pattern.startsWith(ANYWHERE) && !pattern.matches("[*/]+"));
  }

  private static PathGlobs only(PathGlobs globs, Predicate<String> which) {
    return new PathGlobs(globs.patterns().stream().filter(which).toList());
  }

  /**
   * Look through the directory.
   *
   * @param known directories of the checkpoint
   * @param isSubmodule whether the checkpoint has another repository at a path
   * @param isKnown whether the checkpoint has a file whose path reads so in this machine's encoding
   */
  static ProtectedFiles in(
      Path directory,
      PathGlobs globs,
      Set<String> known,
      Predicate<String> isSubmodule,
      Predicate<String> isKnown) {
    ProtectedFiles found = new ProtectedFiles(directory, globs, known, isSubmodule, isKnown);
    Border.step("list the files of " + directory, () -> found.walk(directory, "", false));
    return found;
  }

  /** {@return files and links that match} */
  List<String> files() {
    return files;
  }

  /** {@return pipes, sockets and devices that match: a gate could be fed through them} */
  List<String> pipes() {
    return pipes;
  }

  /** {@return files that match, and that git will not take for they are another repository's} */
  List<String> unreachable() {
    return unreachable;
  }

  private void walk(Path directory, String path, boolean foreign) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        String inner = path.isEmpty() ? name : path + "/" + name;
        boolean git = name.equalsIgnoreCase(".git");
        if (git && path.isEmpty()) {
          continue;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          if (mayHold(inner) && !isSubmodule.test(inner)) {
            walk(entry, inner, foreign || git || Files.exists(entry.resolve(".git")));
          }
        } else if (!matches(path, inner)) {
          continue;
        } else if (!isFile(entry)) {
          pipes.add(inner);
        } else if (foreign || git) {
          unreachable.add(inner);
        } else if (inner.indexOf(UNSAYABLE) < 0) {
          files.add(inner);
        } else if (!isKnown.test(inner)) {
          unreachable.add(inner);
        }
      }
    }
  }

  private static boolean isFile(Path entry) {
    return Files.isSymbolicLink(entry) || Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS);
  }

  private boolean matches(String directory, String path) {
    return somewhere.matches(path) || known.contains(directory) && anywhere.matches(path);
  }

  private boolean mayHold(String directory) {
    return !anywhere.isEmpty() && known.contains(directory)
        || somewhere.patterns().stream()
            .map(ProtectedFiles::place)
            .anyMatch(
                place -> place.startsWith(directory + "/") || (directory + "/").startsWith(place));
  }

  /** {@return the names of a pattern before the first wildcard, each with its '/'} */
  private static String place(String pattern) {
    StringBuilder place = new StringBuilder();
    for (String name : pattern.split("/")) {
      if (name.contains("*") || name.contains("?")) {
        break;
      }
      place.append(name).append('/');
    }
    return place.toString();
  }
}
