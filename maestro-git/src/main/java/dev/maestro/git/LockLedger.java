package dev.maestro.git;

import dev.maestro.process.Registration;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says which lock files this process is about to take, so that one that outlives it can be told
 * from another's.
 *
 * <p>A JVM that is killed between locking a ref and renaming the lock leaves the lock, and nobody
 * could move that ref any more. A lock is removed only when a process that announced it is dead, it
 * is no older than the announcement, and it stayed the same for as long as Maestro has patience.
 */
final class LockLedger {

  private static final Pattern ANNOUNCER = Pattern.compile("(\\d+) \\d+");

  private final Path directory;

  LockLedger(Path common) {
    this.directory = common.resolve("maestro/locks");
  }

  /** Announce the locks until the registration is closed. */
  Registration announce(Path... locks) {
    Path entry =
        Border.call(
            "announce " + locks[0],
            () -> {
              Files.createDirectories(directory);
              Path file = Files.createTempFile(directory, "", "");
              Files.writeString(file, self() + "\n" + lines(locks));
              return file;
            });
    return () -> Border.step("withdraw " + locks[0], () -> Files.deleteIfExists(entry));
  }

  private static String lines(Path... locks) {
    return Stream.of(locks).map(lock -> lock + "\n").collect(Collectors.joining());
  }

  private static String self() {
    ProcessHandle process = ProcessHandle.current();
    return process.pid() + " " + start(process);
  }

  private static long start(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /**
   * Wait for the lock to go; {@return whether it is gone, maybe because it was a dead process's}
   */
  boolean isFree(Path lock) throws InterruptedException {
    return movesOn(lock) && identity(lock).isEmpty();
  }

  /**
   * Wait for the lock to go or to change hands; {@return whether it did, so that whoever waits for
   * it has only to wait for longer, or was a dead process's and is gone}
   */
  boolean movesOn(Path lock) throws InterruptedException {
    Optional<String> before = identity(lock);
    return before.isEmpty()
        || Patience.until(() -> !identity(lock).equals(before))
        || Border.call("look after " + lock, () -> breakDead(lock))
        || !identity(lock).equals(before);
  }

  private static Optional<String> identity(Path lock) {
    return Border.call(
        "look at " + lock,
        () -> {
          try {
            BasicFileAttributes attributes =
                Files.readAttributes(lock, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return Optional.of(attributes.fileKey() + " " + attributes.lastModifiedTime());
          } catch (NoSuchFileException gone) {
            return Optional.empty();
          }
        });
  }

  /** Remove the lock if a dead process announced it; {@return whether one did} */
  boolean breakDead(Path lock) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (isOfDeadProcess(entry, lock)) {
          Files.deleteIfExists(lock);
          // it may have left the other lock that it announced, too
          tidy(entry);
          return true;
        }
      }
    }
    return false;
  }

  /** Drop what dead processes announced and did not leave behind. */
  void tidy() {
    Border.step(
        "tidy " + directory,
        () -> {
          if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
              for (Path entry : entries) {
                tidy(entry);
              }
            }
          }
        });
  }

  private static void tidy(Path entry) throws IOException {
    List<String> lines = WorktreeFiles.read(entry).orElse("").lines().toList();
    boolean spent =
        !lines.isEmpty()
            && isDead(lines.get(0))
            && lines.stream().skip(1).noneMatch(lock -> Files.exists(Path.of(lock)));
    if (spent) {
      Files.deleteIfExists(entry);
    }
  }

  private static boolean isOfDeadProcess(Path entry, Path lock) throws IOException {
    List<String> lines = WorktreeFiles.read(entry).orElse("").lines().toList();
    if (!lines.contains(lock.toString())) {
      return false;
    }
    try {
      FileTime announced = Files.getLastModifiedTime(entry);
      return Files.getLastModifiedTime(lock).compareTo(announced) >= 0 && isDead(lines.get(0));
    } catch (NoSuchFileException gone) {
      // withdrawn, or unlocked, by one who is alive
      return false;
    }
  }

  private static boolean isDead(String announcer) {
    Matcher words = ANNOUNCER.matcher(announcer);
    // cut short by a crash: it came before any lock
    return !words.matches()
        || ProcessHandle.of(Long.parseLong(words.group(1)))
            .filter(process -> announcer.equals(process.pid() + " " + start(process)))
            .filter(ProcessHandle::isAlive)
            .isEmpty();
  }
}
