package dev.maestro.store;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;

/**
 * A store in a directory, which one process at a time may open.
 *
 * <p>Everything is in one log that is forced to the disk before a commit returns; all that commit
 * at the same time share one force. Blobs are files of their own. Layout:
 *
 * <pre>
 *  format            the version of the format, and the first version of Maestro that reads it
 *  lock, owner       who has it open
 *  log/000001.log    checksummed batches of commits, leases and records
 *  blobs/ab/ab12…    blobs, named by their SHA-256
 * </pre>
 *
 * <p>A write that was cut short by a crash is removed when the store is opened. Damage below what
 * was known to be durable is never passed over: it is reported by place, the runs and records it
 * touched throw {@link StoreException}, all others are as they were; see {@link OpenReport}.
 *
 * <p>Immutable. The store that it opens may be used by any number of threads, and starts none of
 * its own.
 */
public final class FileStore implements StoreSource {

  /** How many bytes of the log are written ahead at most. */
  public static final int DEFAULT_PREALLOCATION = 16 * 1024 * 1024;

  private final Path directory;
  private final boolean readOnly;
  private final int preallocation;
  private final LogFile.Opener opener;

  private FileStore(Path directory, boolean readOnly, int preallocation, LogFile.Opener opener) {
    this.directory = Objects.requireNonNull(directory, "directory");
    this.readOnly = readOnly;
    this.preallocation = preallocation;
    this.opener = opener;
  }

  /** {@return the store in this directory, which is created when it is opened first} */
  public static FileStore at(Path directory) {
    return new FileStore(directory, false, DEFAULT_PREALLOCATION, ChannelFile::open);
  }

  /**
   * Look at the store in this directory without a lock, while another process may be using it.
   *
   * <p>What is opened shows everything that was durable at that moment and nothing newer; every
   * write throws {@link StoreException}, and nothing in the directory is changed.
   */
  public static FileStore readOnly(Path directory) {
    return new FileStore(directory, true, DEFAULT_PREALLOCATION, ChannelFile::open);
  }

  /**
   * Write so many bytes of the log ahead at most; {@value #DEFAULT_PREALLOCATION} by default.
   *
   * <p>More makes pauses rarer and longer. A small log is written ahead by less.
   */
  public FileStore withPreallocation(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("at least one byte has to be written ahead, not " + bytes);
    }
    return new FileStore(directory, readOnly, bytes, opener);
  }

  /** Put other files in place of the log's. */
  FileStore withFiles(LogFile.Opener other) {
    return new FileStore(directory, readOnly, preallocation, other);
  }

  /** {@return where it is} */
  public Path directory() {
    return directory;
  }

  @Override
  public Store open(InstantSource time) {
    return new StoreOpener(directory, preallocation, opener).open(time, readOnly);
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
