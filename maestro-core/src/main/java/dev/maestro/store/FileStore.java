package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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
 *  log/000001.log …  segments: checksummed batches of commits, leases and records
 *  log/base          where the log begins, once older segments were deleted
 *  log/archived      which runs had ended and lay in files of their own then
 *  log/snapshot      what the log amounts to, so that opening need not read all of it
 *  runs/default/…    runs that have ended, each a file of JSON lines
 *  blobs/ab/ab12…    blobs, named by their SHA-256
 *  audit.jsonl       a line for each run that was removed, chained by hashes
 *  quarantine/…      what was found damaged and set aside
 *  .gitignore        keeps the store out of a repository that the directory may be in
 * </pre>
 *
 * <p>A write that was cut short by a crash is removed when the store is opened. Damage below what
 * was known to be durable is never passed over: it is reported by place, the runs and records it
 * touched throw {@link StoreException}, all others are as they were; see {@link OpenReport}.
 *
 * <p>The log is kept short: when a segment is full, runs that have ended move into files of their
 * own, where they are read as before; what is still needed of the oldest segments is written once
 * more, and they are deleted. That is done by a thread of the store's that ends with its work, and
 * a little of it at closing.
 *
 * <p>Immutable. The store that it opens may be used by any number of threads.
 */
public final class FileStore implements StoreSource {

  /** How many bytes of the log are written ahead at most. */
  public static final int DEFAULT_PREALLOCATION = 16 * 1024 * 1024;

  /** How many bytes a segment of the log has. */
  public static final int DEFAULT_SEGMENT = 64 * 1024 * 1024;

  static final Log.Settings DEFAULTS =
      new Log.Settings(DEFAULT_SEGMENT, DEFAULT_PREALLOCATION, ChannelFile::open, true);

  private final Path directory;
  private final boolean readOnly;
  private final Log.Settings log;
  private final Retention retention;

  private FileStore(Path directory, boolean readOnly, Log.Settings log, Retention retention) {
    this.directory = Objects.requireNonNull(directory, "directory");
    this.readOnly = readOnly;
    this.log = log;
    this.retention = Objects.requireNonNull(retention, "retention");
  }

  /** {@return the store in this directory, which is created when it is opened first} */
  public static FileStore at(Path directory) {
    return new FileStore(directory, false, DEFAULTS, Retention.everything());
  }

  /**
   * Look at the store in this directory without a lock, while another process may be using it.
   *
   * <p>What is opened shows everything that was durable at that moment and nothing newer; every
   * write throws {@link StoreException}, and nothing in the directory is changed. A run that had
   * ended, and that the other process has written to again or removed since, is refused; whoever
   * opens the store anew sees it as it is by then.
   */
  public static FileStore readOnly(Path directory) {
    return new FileStore(directory, true, DEFAULTS, Retention.everything());
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
    return with(log.withPreallocation(bytes));
  }

  /**
   * Begin a new file of the log when one has so many bytes; {@value #DEFAULT_SEGMENT} by default.
   *
   * <p>What nothing is needed of any more is deleted by whole files.
   */
  public FileStore withSegments(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a segment holds at least one batch: " + bytes);
    }
    return with(log.withSegment(bytes));
  }

  /**
   * Remove runs that have ended by this rule, whenever {@link Store#maintain()} is called; none by
   * default.
   *
   * <p>Of each a line stays in {@code audit.jsonl}, which names the hash of the line before it.
   */
  public FileStore keeping(Retention rule) {
    return new FileStore(directory, readOnly, log, rule);
  }

  /**
   * Check every checksum and chain in the store, and change nothing.
   *
   * <p>That includes blobs that events or records name and that are not there. The audit trail is a
   * chain: that a line was changed or taken out shows, that the last ones were cut off does not.
   *
   * <p>The store may be in use meanwhile; what is written meanwhile may or may not be checked.
   */
  public Verification verify() {
    return new Verifier(directory, log).verify();
  }

  /**
   * Look for runs that cannot be used and that queries leave out: by damage of the log, or because
   * their file is missing, was set aside, is an older one, or has changed in its first line.
   *
   * <p>Of each file of a run no more is read than that line, so a run that is damaged further on is
   * found by {@link #verify()} only. The store may be in use meanwhile; nothing is changed.
   *
   * @return one finding for each, with its file; the name of a run whose file is missing may not be
   *     known
   */
  public List<Verification.Finding> refusedRuns() {
    return new Verifier(directory, log).refusedRuns();
  }

  /**
   * Mend what can be mended without guessing, while nobody has the store open.
   *
   * <p>What a crash cut short is cut off, what can be derived is dropped when it is wrong, and
   * files of runs and blobs that have changed are set aside: the names of such runs stay taken.
   * Damage of the log, and a run whose file is missing, are left as they are.
   */
  public Repair repair() {
    return new Repairer(directory, this).repair();
  }

  /**
   * Have a run forgotten whose file is lost and cannot be restored, while nobody has the store
   * open.
   *
   * <p>Nothing does so by itself: until then the run is refused, so that nobody begins anew what
   * has been done and paid for. A line in {@code audit.jsonl} says when and why.
   *
   * @param why who says so and for what reason; not blank
   * @throws StoreException when the run is there, or when nothing is known of it
   */
  public void forget(RunKey run, String why, InstantSource time) {
    if (why.isBlank()) {
      throw new IllegalArgumentException("a run is not forgotten without a reason");
    }
    try (OpenFileStore open = (OpenFileStore) withoutUpkeep().open(time)) {
      open.forget(run, why);
    }
  }

  /**
   * Have the file of a run that has ended taken as it is, where the log is damaged and cannot prove
   * that nothing was written to the run later, while nobody has the store open.
   *
   * <p>Nothing does so by itself: until then the run is refused. What a run that has ended is
   * written to seldom is at most a late bill. A line in {@code audit.jsonl} says when and why.
   *
   * @param why who says so and for what reason; not blank
   * @throws StoreException when the run has no file that is whole, or is not refused
   */
  public void vouch(RunKey run, String why, InstantSource time) {
    if (why.isBlank()) {
      throw new IllegalArgumentException("a run is not vouched for without a reason");
    }
    try (OpenFileStore open = (OpenFileStore) withoutUpkeep().open(time)) {
      open.vouch(run, why);
    }
  }

  /** Leave everything where it is, so that the log grows until somebody tidies up. */
  public FileStore withoutUpkeep() {
    return with(log.withUpkeep(false));
  }

  /** Put other files in place of the log's. */
  FileStore withFiles(LogFile.Opener other) {
    return with(log.withFiles(other));
  }

  private FileStore with(Log.Settings other) {
    return new FileStore(directory, readOnly, other, retention);
  }

  /** {@return where it is} */
  public Path directory() {
    return directory;
  }

  @Override
  public Store open(InstantSource time) {
    return new StoreOpener(directory, log, retention).open(time, readOnly);
  }

  @Override
  public String toString() {
    return directory.toString();
  }
}
