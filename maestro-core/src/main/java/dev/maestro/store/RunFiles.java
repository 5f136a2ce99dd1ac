package dev.maestro.store;

import java.util.OptionalInt;

/**
 * Which runs lie in files of their own, by the hashes of their names, and the checksum of each
 * file's first line: twelve bytes a run, besides the room for more.
 *
 * <p>It is what tells a file that is lost from one that never was. Not for use by several threads.
 */
final class RunFiles {

  /** The checksum of a file of which nothing is known but that there is one. */
  static final int ANY = 0;

  private static final int FIRST_ROOM = 16;
  private static final long EMPTY = 0;

  // open addressing: a hash lies at the first free place from where it points to
  private long[] hashes = new long[FIRST_ROOM];
  private int[] checksums = new int[FIRST_ROOM];
  private int size;
  private final boolean complete;

  /**
   * List nothing yet.
   *
   * @param complete whether no file was written that is not listed; false for what a version wrote
   *     that had no list
   */
  RunFiles(boolean complete) {
    this.complete = complete;
  }

  private RunFiles(RunFiles other) {
    this.hashes = other.hashes.clone();
    this.checksums = other.checksums.clone();
    this.size = other.size;
    this.complete = other.complete;
  }

  RunFiles copy() {
    return new RunFiles(this);
  }

  boolean isComplete() {
    return complete;
  }

  int size() {
    return size;
  }

  boolean has(long hash) {
    return hashes[find(key(hash))] != EMPTY;
  }

  /** {@return the checksum of a run's file, if the run has one} */
  OptionalInt checksum(long hash) {
    int at = find(key(hash));
    return hashes[at] == EMPTY ? OptionalInt.empty() : OptionalInt.of(checksums[at]);
  }

  void put(long hash, int checksum) {
    if ((size + 1) * 4L > hashes.length * 3L) {
      grow();
    }
    int at = find(key(hash));
    size += hashes[at] == EMPTY ? 1 : 0;
    hashes[at] = key(hash);
    checksums[at] = checksum;
  }

  void remove(long hash) {
    int hole = find(key(hash));
    if (hashes[hole] == EMPTY) {
      return;
    }
    size--;
    // what was pushed on by the one that goes moves back, so that it is still found
    for (int at = next(hole); hashes[at] != EMPTY; at = next(at)) {
      if (isBetween(home(hashes[at]), hole, at)) {
        hashes[hole] = hashes[at];
        checksums[hole] = checksums[at];
        hole = at;
      }
    }
    hashes[hole] = EMPTY;
  }

  /** Takes the entries. */
  @FunctionalInterface
  interface Taker {
    void take(long hash, int checksum);
  }

  void forEach(Taker taker) {
    for (int i = 0; i < hashes.length; i++) {
      if (hashes[i] != EMPTY) {
        taker.take(hashes[i], checksums[i]);
      }
    }
  }

  private void grow() {
    long[] oldHashes = hashes;
    int[] oldChecksums = checksums;
    hashes = new long[oldHashes.length * 2];
    checksums = new int[oldHashes.length * 2];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != EMPTY) {
        int at = find(oldHashes[i]);
        hashes[at] = oldHashes[i];
        checksums[at] = oldChecksums[i];
      }
    }
  }

  /** {@return where this key lies, or the free place where it would} */
  private int find(long key) {
    int at = home(key);
    while (hashes[at] != EMPTY && hashes[at] != key) {
      at = next(at);
    }
    return at;
  }

  private int home(long key) {
    return (int) (key ^ key >>> 32) & hashes.length - 1;
  }

  private int next(int at) {
    return at + 1 & hashes.length - 1;
  }

  /** {@return whether what belongs at {@code home} and lies at {@code at} may move to the hole} */
  private static boolean isBetween(int home, int hole, int at) {
    return hole <= at ? home <= hole || home > at : home <= hole && home > at;
  }

  private static long key(long hash) {
    return hash == EMPTY ? 1 : hash;
  }
}
