package dev.maestro.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What {@link FileStore#verify()} has checked and found.
 *
 * @param segments files of the log
 * @param batches batches of the log that are intact
 * @param runs files of runs that have ended
 * @param blobs files of blobs
 * @param auditLines lines of the audit trail
 * @param findings everything that is not as it was written
 */
public record Verification(
    long segments, long batches, long runs, long blobs, long auditLines, List<Finding> findings) {

  /** What is wrong, by what would have to be done about it. */
  public enum Kind {
    /** A write that a crash cut short and nobody was told about; opening the store removes it. */
    TORN,
    /** The log was durable there once and cannot be read any more. */
    LOG,
    /** A file that can be derived is wrong; only opening is slower without it. */
    DERIVED,
    /** The file of a run that has ended has changed. */
    RUN,
    /**
     * The file of a run that has ended, or a blob that a run or a record names, is not there; only
     * a copy can bring it back.
     */
    MISSING,
    /** The file of a blob has another SHA-256 than its name says. */
    BLOB,
    /** The chain of the audit trail is broken. */
    AUDIT,
    /**
     * The file of a run that has ended is whole, but the log may have lost what was written to the
     * run later; a copy of the store tells, or {@link FileStore#vouch}.
     */
    UNPROVED,
    /**
     * A file that {@link FileStore#repair()} found damaged and set aside has not come back: the run
     * that it held is refused, and so is whatever needs the blob. It is no finding any more once it
     * was restored from a copy, or the run forgotten, or the blob deleted where it lies.
     */
    SET_ASIDE
  }

  /**
   * One place that is not as it was written.
   *
   * @param kind what is wrong
   * @param file the file
   * @param offset where in it
   * @param what the finding in words
   */
  public record Finding(Kind kind, Path file, long offset, String what) {

    /** Check that nothing is missing. */
    public Finding {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(what, "what");
    }

    @Override
    public String toString() {
      return kind + " " + file + " at offset " + offset + ": " + what;
    }
  }

  /** Copy the list. */
  public Verification {
    findings = List.copyOf(findings);
  }

  /** {@return whether everything is as it was written; a torn write does no harm} */
  public boolean isIntact() {
    return findings.stream().allMatch(finding -> finding.kind() == Kind.TORN);
  }
}
