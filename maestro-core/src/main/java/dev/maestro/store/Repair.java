package dev.maestro.store;

import java.util.List;

/**
 * What {@link FileStore#repair()} has done, and what it has left because it would have to guess.
 *
 * @param done in words, each with its place
 * @param left what is still wrong
 */
public record Repair(List<String> done, List<Verification.Finding> left) {

  /** Copy the lists. */
  public Repair {
    done = List.copyOf(done);
    left = List.copyOf(left);
  }
}
