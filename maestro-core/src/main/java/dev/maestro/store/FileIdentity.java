package dev.maestro.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Knows a file again: what is written to one that was deleted or replaced is lost, and no system
 * call says so.
 *
 * <p>It is the directory that is asked, and the file only when something in the directory has
 * changed. Whoever asks a file when it was written makes Linux note that more precisely from then
 * on, and so each force of a file that is asked after each force has this to write besides: a
 * second write of the disk. Where directories tell of changes only by the tick of a clock, a file
 * is asked after so many forces all the same. Safe for use by any number of threads.
 */
final class FileIdentity {

  /** After how many looks at the directory the file itself is looked at. */
  static final int LOOKS = 256;

  private static final Seen UNSEEN = new Seen(Optional.empty(), FileTime.fromMillis(0), 0);

  private final Path file;
  private final Path directory;
  // null where files have no identity
  private final @Nullable Object key;
  private volatile Seen seen = UNSEEN;

  /**
   * The directory, as it was when the file was looked at.
   *
   * @param key its identity; empty before that
   * @param changed when something in it was created, renamed or deleted last
   * @param left how many looks at the directory are enough from here on
   */
  private record Seen(Optional<Object> key, FileTime changed, int left) {

    boolean isEnough(BasicFileAttributes now) {
      return left > 0
          && key.isPresent()
          && key.get().equals(now.fileKey())
          && changed.equals(now.lastModifiedTime());
    }
  }

  private FileIdentity(Path file, Path directory, @Nullable Object key) {
    this.file = file;
    this.directory = directory;
    this.key = key;
  }

  static FileIdentity of(Path file) throws IOException {
    return new FileIdentity(file, Durably.directoryOf(file), attributes(file).fileKey());
  }

  /** Fail when its path leads to another file by now, or to none. */
  void require() throws IOException {
    if (!isSame()) {
      throw new NoSuchFileException(file.toString(), null, "deleted or replaced while in use");
    }
  }

  /** Fail likewise, and ask the file itself: for before it is opened again. */
  void requireAnew() throws IOException {
    seen = UNSEEN;
    require();
  }

  private boolean isSame() throws IOException {
    try {
      // first the directory: what happens to the file after that is seen the next time
      BasicFileAttributes now = attributes(directory);
      Seen before = seen;
      if (before.isEnough(now)) {
        seen = new Seen(before.key, before.changed, before.left - 1);
        return true;
      }
      if (!Objects.equals(key, attributes(file).fileKey())) {
        return false;
      }
      seen = new Seen(Optional.ofNullable(now.fileKey()), now.lastModifiedTime(), LOOKS);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static BasicFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class);
  }
}
