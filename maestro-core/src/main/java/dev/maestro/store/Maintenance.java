package dev.maestro.store;

/**
 * What {@link Store#maintain()} did.
 *
 * @param archivedRuns runs that had ended and were moved into files of their own
 * @param deletedSegments files of the log that nothing was needed of any more
 * @param removedRuns runs that the {@link Retention} let go of
 * @param deletedBlobs blobs that nothing named any more
 */
public record Maintenance(
    int archivedRuns, int deletedSegments, int removedRuns, int deletedBlobs) {

  /** {@return what a store did that has nothing to tidy up} */
  public static Maintenance nothing() {
    return new Maintenance(0, 0, 0, 0);
  }
}
