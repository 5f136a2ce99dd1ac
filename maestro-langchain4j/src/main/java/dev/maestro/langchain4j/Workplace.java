package dev.maestro.langchain4j;

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
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The directory that file tools work in and do not leave: not by {@code ..}, not by an absolute
 * path, not by a link.
 *
 * <p>What git and Maestro keep for themselves, {@code .git} and {@code .maestro}, is neither
 * listed, read nor written.
 */
final class Workplace {

  private static final Set<String> KEPT = Set.of(".git", ".maestro");
  private static final int MOST_LINKS = 40;

  private final Path root;

  Workplace(Path root) throws IOException {
    this.root = root.toRealPath();
  }

  /** {@return the directory itself, with no link in its name} */
  Path root() {
    return root;
  }

  /** {@return where a file to be read is; it need not be there} */
  Path toRead(String name) throws ToolFailure {
    try {
      Path real = real(root.resolve(name.isBlank() ? "." : name).normalize(), MOST_LINKS);
      if (!real.startsWith(root)) {
        throw new ToolFailure("'" + name + "' is outside of the workspace");
      }
      for (Path part : root.relativize(real)) {
        if (isKept(part)) {
          throw new ToolFailure("'" + name + "' is kept by git or Maestro; tools leave it alone");
        }
      }
      return real;
    } catch (InvalidPathException | IOException e) {
      throw new ToolFailure("'" + name + "' is no path that can be used here");
    }
  }

  /** {@return where a file to be written is} */
  Path toWrite(String name) throws ToolFailure {
    Path real = toRead(name);
    if (real.equals(root)) {
      throw new ToolFailure("name a file, not the workspace itself");
    }
    return real;
  }

  /** {@return whether it is theirs; there are file systems that do not tell capitals apart} */
  private static boolean isKept(Path name) {
    return KEPT.contains(String.valueOf(name.getFileName()).toLowerCase(Locale.ROOT));
  }

  /** What does not exist yet is below what does; a link that leads nowhere is followed, too. */
  private static Path real(Path path, int links) throws IOException, ToolFailure {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    if (links == 0) {
      throw new ToolFailure("there are too many links on the way");
    }
    Path parent = path.getParent();
    if (parent == null) {
      return path;
    }
    if (Files.isSymbolicLink(path)) {
      Path target = parent.resolve(Files.readSymbolicLink(path)).normalize();
      return real(target, links - 1);
    }
    return real(parent, links).resolve(path.getFileName());
  }

  /** {@return the name of a file in the workspace, with {@code /} between names} */
  String nameOf(Path file) {
    return root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "/");
  }

  /**
   * Go over the names of all files, in no order; links are not followed, and what cannot be read is
   * left out.
   *
   * @param check is run at each file, and throws to end the walk
   */
  void walk(Runnable check, Consumer<String> visitor) throws IOException {
    Files.walkFileTree(root, new Walk(check, visitor));
  }

  private final class Walk extends SimpleFileVisitor<Path> {

    private final Runnable check;
    private final Consumer<String> visitor;

    Walk(Runnable check, Consumer<String> visitor) {
      this.check = check;
      this.visitor = visitor;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      check.run();
      return isTheirs(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      check.run();
      if (attributes.isRegularFile() && !isTheirs(file)) {
        visitor.accept(nameOf(file));
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      // gone, or not ours to read: there is nothing to tell of it
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }

  private boolean isTheirs(Path path) {
    return !path.equals(root) && isKept(path);
  }

  /** {@return what lies in a directory, by name, directories with a {@code /} at the end} */
  List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
        if (!isTheirs(entry)) {
          boolean isDirectory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
          names.add(entry.getFileName() + (isDirectory ? "/" : ""));
        }
      }
    }
    return names;
  }
}
