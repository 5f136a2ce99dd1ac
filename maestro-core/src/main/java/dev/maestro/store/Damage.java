package dev.maestro.store;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A place in a store whose content was once durable and cannot be read any more.
 *
 * @param file the file
 * @param offset where the damage starts in it
 * @param length how many bytes cannot be read
 * @param firstBatch the number of the first batch that is lost; 0 for the head of a file, which
 *     holds no batch
 * @param lastBatch the number of the last batch that is lost
 */
public record Damage(Path file, long offset, long length, long firstBatch, long lastBatch) {

  /** Check that nothing is missing. */
  public Damage {
    Objects.requireNonNull(file, "file");
  }

  @Override
  public String toString() {
    return "damage in " + file + ", " + length + " bytes at offset " + offset + ", " + batches();
  }

  private String batches() {
    if (firstBatch == 0) {
      return "the head of the file";
    }
    return firstBatch == lastBatch
        ? "batch " + firstBatch
        : "batches " + firstBatch + " to " + lastBatch;
  }
}
