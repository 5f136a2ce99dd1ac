package dev.maestro.git;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Small files that are replaced whole, and directories that are deleted without following links.
 */
final class WorktreeFiles {

  /**
   * Others would have to come between so often in a row. Where many queue for a slow disk in step,
   * they come between a hundred times.
   */
  private static final int TRIES = 10_000;

  private static final int TRIES_IN_STEP = 100;
  private static final long LONGEST_NAP_NANOS = 50_000_000;

  private static final Pattern HALF_WRITTEN = Pattern.compile("\\._.+[0-9]\\.tmp");

  private WorktreeFiles() {}

  /** {@return the text of a small file without white space around it, if it is a file} */
  static Optional<String> read(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(file, StandardCharsets.UTF_8).strip());
    } catch (NoSuchFileException vanished) {
      return Optional.empty();
    }
  }

  /** Replace the file whole, so that a crash leaves the old or the new one. */
  static void write(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".maestro");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(text + "\n");
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Append a line in one write. */
  static void append(Path file, String line) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  static boolean isEmptyOrAbsent(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    } catch (NoSuchFileException vanished) {
      return true;
    }
  }

  /** Make the directory and those above it, though others may take empty ones away meanwhile. */
  static void makeDirectories(Path directory) throws IOException {
    for (int tried = 1; ; tried++) {
      try {
        Files.createDirectories(directory);
        return;
      } catch (NoSuchFileException | FileAlreadyExistsException cameOrWent) {
        if (tried == TRIES) {
          throw cameOrWent;
        }
        if (tried % TRIES_IN_STEP == 0) {
          // uneven on purpose, so that those who queue get out of step
          LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_NAP_NANOS));
        }
      }
    }
  }

  /** Take the directory away if nothing is in it. */
  static void deleteIfEmpty(Path directory) throws IOException {
    if (isEmptyOrAbsent(directory)) {
      try {
        Files.deleteIfExists(directory);
      } catch (DirectoryNotEmptyException wanted) {
        // another has put something there: it is needed again
        return;
      }
    }
  }

  /**
   * {@return whether a file or link stands at the path}
   *
   * <p>What lies behind a link is not within the directory, wherever the link leads.
   */
  static boolean isFileWithin(Path directory, String path) {
    Path file = directory;
    for (String name : path.split("/", -1)) {
      if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Optional<Path> next = resolve(file, name);
      if (next.isEmpty()) {
        return false;
      }
      file = next.get();
    }
    return Files.isSymbolicLink(file) || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** {@return what stands where a directory that the path leads through has to be, if anything} */
  static Optional<String> fileAbove(Path directory, String path) {
    for (int end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
      String above = path.substring(0, end);
      Optional<Path> place = resolve(directory, above);
      if (place.isEmpty() || !Files.exists(place.get(), LinkOption.NOFOLLOW_LINKS)) {
        return Optional.empty();
      } else if (!Files.isDirectory(place.get(), LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(above);
      }
    }
    return Optional.empty();
  }

  /** {@return the paths of all files and links in the directory of this path, if it is one} */
  static List<String> filesIn(Path directory, String path) {
    Optional<Path> place =
        resolve(directory, path)
            .filter(found -> Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS));
    if (place.isEmpty() || fileAbove(directory, path).isPresent()) {
      return List.of();
    }
    List<String> files = new ArrayList<>();
    Border.step(
        "list the files of " + place.get(),
        () ->
            Files.walkFileTree(
                place.get(),
                new SimpleFileVisitor<>() {
                  @Override
                  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(directory.relativize(file).toString().replace('\\', '/'));
                    return FileVisitResult.CONTINUE;
                  }
                }));
    return files;
  }

  /** {@return whether anything stands at the path} */
  static boolean exists(Path directory, String path) {
    return resolve(directory, path)
        .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
        .isPresent();
  }

  /** In a locale without UTF-8 there are names that git can write and Java cannot say. */
  private static Optional<Path> resolve(Path directory, String path) {
    try {
      return Optional.of(directory.resolve(path));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** Delete the directory and all below it; links go, what they point at stays. */
  static void delete(Path directory) throws IOException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.walkFileTree(directory, new Deleter());
    }
  }

  /** Delete all that stands in the directory, but for what has this name. */
  static void deleteWithin(Path directory, String kept) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (!entry.getFileName().toString().equals(kept)) {
          delete(entry);
        }
      }
    }
  }

  /** Delete what JGit leaves of files when it is killed while it writes them. */
  static void deleteHalfWritten(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (HALF_WRITTEN.matcher(file.getFileName().toString()).matches()) {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static final class Deleter extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
        throws IOException {
      makeWritable(directory);
      return FileVisitResult.CONTINUE;
    }

    /** Some tools write-protect the directories of their caches. */
    private static void makeWritable(Path directory) throws IOException {
      PosixFileAttributeView view =
          Files.getFileAttributeView(
              directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (view != null && !Files.isWritable(directory)) {
        view.setPermissions(PosixFilePermissions.fromString("rwx------"));
      }
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
