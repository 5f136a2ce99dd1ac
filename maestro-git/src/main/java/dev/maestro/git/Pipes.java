package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Pipes, sockets and devices where a file is meant to be read: whoever opens one may wait for ever.
 *
 * <p>Among the files of a working tree they count as not there. Where git itself reads one, nobody
 * can step around it, and the place is named instead.
 */
final class Pipes {

  /** What git reads beside the files of a working tree. */
  private static final List<String> READ_BY_GIT =
      List.of(
          "HEAD",
          "config",
          "config.worktree",
          "commondir",
          "index",
          "packed-refs",
          "shallow",
          "info/attributes",
          "info/exclude",
          "info/sparse-checkout",
          "objects/info/alternates");

  private static final Set<String> READ_IN_DIRECTORIES = Set.of(".gitignore", ".gitattributes");

  private Pipes() {}

  /** {@return whether one stands at the path itself} */
  static boolean isAt(Path directory, String path) {
    try {
      return isOne(directory.resolve(path), LinkOption.NOFOLLOW_LINKS);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static boolean isOne(Path place, LinkOption... options) {
    try {
      return Files.readAttributes(place, BasicFileAttributes.class, options).isOther();
    } catch (IOException notThere) {
      return false;
    }
  }

  /**
   * Make room for a file: there is nothing in one that could be kept.
   *
   * <p>What lies behind a link is not within the directory.
   */
  static void makeRoom(Path directory, String path) {
    remove(directory, WorktreeFiles.fileAbove(directory, path).orElse(path));
  }

  /** Take the one away that stands at the path itself, if one does. */
  static void remove(Path directory, String path) {
    if (isAt(directory, path)) {
      Path pipe = directory.resolve(path);
      Border.step("remove the pipe " + pipe, () -> Files.deleteIfExists(pipe));
    }
  }

  /** Refuse to read a repository, or what git keeps of a working tree, that has one in it. */
  static void requireNoneIn(Path gitDirectory) {
    READ_BY_GIT.forEach(name -> requireNone(gitDirectory.resolve(name)));
  }

  /** Refuse to read the file if it is one, or leads to one. */
  static void requireNone(Path file) {
    if (isOne(file)) {
      throw refusal(file);
    }
  }

  /** {@return what to say about the first that git would wait for in a working tree, if any} */
  static Optional<PermanentException> amongRules(Path tree) {
    List<Path> found = new ArrayList<>();
    Border.step(
        "look for pipes in " + tree, () -> Files.walkFileTree(tree, new Finder(tree, found)));
    return found.stream().findFirst().map(Pipes::refusal);
  }

  private static PermanentException refusal(Path place) {
    return new PermanentException(
        place
            + " is a pipe, a socket or a device, and git would wait there for ever instead of"
            + " reading a file; remove it");
  }

  private static final class Finder extends SimpleFileVisitor<Path> {

    private final Path root;
    private final List<Path> found;

    Finder(Path root, List<Path> found) {
      this.root = root;
      this.found = found;
    }

    /** Git reads nothing in other repositories. */
    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      boolean foreign =
          directory.endsWith(".git")
              || !directory.equals(root)
                  && Files.exists(directory.resolve(".git"), LinkOption.NOFOLLOW_LINKS);
      return foreign ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      boolean awaited =
          attributes.isOther() && READ_IN_DIRECTORIES.contains(file.getFileName().toString());
      if (awaited) {
        found.add(file);
      }
      return awaited ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    /** It may go while it is looked for. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }
}
