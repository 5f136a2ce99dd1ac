package dev.maestro.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * The right of this process to a store's directory, until it is closed or the process ends.
 *
 * <p>The right is a lock on the file {@code lock}. Who has it stands in the file {@code owner}: a
 * process loses its lock as soon as it closes any channel on the locked file, so nobody may look
 * into that one, not even to find out that this very process has it.
 */
final class DirectoryLock implements AutoCloseable {

  private static final int LOOKS = 100;
  private static final long BETWEEN_LOOKS_NANOS = Duration.ofMillis(20).toNanos();

  private final Path ownerFile;
  private final FileChannel channel;

  private DirectoryLock(Path ownerFile, FileChannel channel) {
    this.ownerFile = ownerFile;
    this.channel = channel;
  }

  static DirectoryLock take(Path directory) throws IOException {
    for (int look = 1; ; look++) {
      Optional<DirectoryLock> taken = tryToTake(directory, look == LOOKS);
      if (taken.isPresent()) {
        return taken.get();
      }
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
    }
  }

  /**
   * {@return the lock, or nothing when who has it does not say so: it has only just come, or is
   * about to go, and it is worth looking again}
   */
  private static Optional<DirectoryLock> tryToTake(Path directory, boolean last)
      throws IOException {
    // Of two threads of one process the second must find the owner's file, see above.
    synchronized (DirectoryLock.class) {
      Path ownerFile = directory.resolve("owner");
      Owner self = Owner.self();
      Optional<Owner> owner = Owner.read(ownerFile);
      if (owner.isPresent() && owner.get().equals(self)) {
        throw inUse(directory, "this very process, ", owner);
      }
      Optional<FileChannel> channel = locked(directory);
      if (channel.isPresent()) {
        return Optional.of(begin(ownerFile, self, channel.get()));
      }
      owner = Owner.read(ownerFile).filter(each -> !each.isGone());
      if (owner.isPresent() || last) {
        throw inUse(directory, "", owner);
      }
      return Optional.empty();
    }
  }

  private static DirectoryLock begin(Path ownerFile, Owner self, FileChannel channel)
      throws IOException {
    DirectoryLock lock = new DirectoryLock(ownerFile, channel);
    try {
      self.write(ownerFile);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
    return lock;
  }

  @Override
  public void close() throws IOException {
    synchronized (DirectoryLock.class) {
      try {
        // The directory may have been replaced, and another process may own the new one.
        if (Owner.read(ownerFile)
            .map(Owner::toString)
            .equals(Optional.of(Owner.self().toString()))) {
          Files.deleteIfExists(ownerFile);
        }
      } finally {
        channel.close();
      }
    }
  }

  private static Optional<FileChannel> locked(Path directory) throws IOException {
    return Uninterrupted.call(
        () -> {
          FileChannel channel =
              FileChannel.open(
                  directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          boolean taken = false;
          try {
            FileLock lock = channel.tryLock();
            taken = lock != null;
          } catch (OverlappingFileLockException e) {
            // Somebody has removed the owner's file; the answer is the same.
            taken = false;
          } finally {
            if (!taken) {
              channel.close();
            }
          }
          return taken ? Optional.of(channel) : Optional.empty();
        });
  }

  private static StoreException inUse(Path directory, String which, Optional<Owner> owner) {
    return new StoreException(
        "the store in "
            + directory
            + " is in use by "
            + which
            + owner.map(Owner::toString).orElse("another process")
            + "; close it there, or look at it with FileStore.readOnly");
  }

  /** Who has the lock. */
  private record Owner(String pid, String host, String startedAt) {

    static Owner self() {
      ProcessHandle process = ProcessHandle.current();
      String started = process.info().startInstant().map(Instant::toString).orElse("unknown");
      return new Owner(Long.toString(process.pid()), hostName(), started);
    }

    static Optional<Owner> read(Path file) throws IOException {
      List<String> lines;
      try {
        lines = Uninterrupted.call(() -> Files.readAllLines(file));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
      return lines.size() < 3
          ? Optional.empty()
          : Optional.of(new Owner(lines.get(0), lines.get(1), lines.get(2)));
    }

    /** {@return whether it is certain that this process of this machine has ended} */
    boolean isGone() {
      return host.equals(hostName())
          && ProcessHandle.of(Long.parseLong(pid))
              .map(ProcessHandle::info)
              .flatMap(ProcessHandle.Info::startInstant)
              .filter(start -> start.toString().equals(startedAt))
              .isEmpty();
    }

    void write(Path file) throws IOException {
      Path temporary = file.resolveSibling("owner.tmp");
      List<String> lines = List.of(pid, host, startedAt);
      Uninterrupted.call(() -> Files.write(temporary, lines, StandardCharsets.UTF_8));
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public String toString() {
      return "process " + pid + " on host " + host + ", started at " + startedAt;
    }

    /** Ask the machine for its name, but not the network. */
    private static String hostName() {
      try {
        Path kernel = Path.of("/proc/sys/kernel/hostname");
        if (Files.isReadable(kernel)) {
          return Uninterrupted.call(() -> Files.readString(kernel)).strip();
        }
      } catch (IOException e) {
        // Only a message for people depends on it: go on with what the environment says.
      }
      String name = System.getenv("HOSTNAME");
      return name != null ? name : String.valueOf(System.getenv("COMPUTERNAME"));
    }
  }
}
