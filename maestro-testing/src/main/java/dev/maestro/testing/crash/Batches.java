package dev.maestro.testing.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the batches lie in one file of a store's log; nothing inside them is understood.
 *
 * @param file the file
 * @param bytes its content
 * @param starts where each batch starts, and where the last one ends
 */
@SuppressWarnings("ArrayRecordComponent")
record Batches(Path file, byte[] bytes, List<Integer> starts) {

  private static final int MAGIC = 0x4D614231;
  private static final int ALIGNMENT = 8;
  private static final int LENGTH = 8;
  private static final int HEADER = 40;

  // of a snapshot: where it says up to which batch it is, and how that tells the file
  private static final int SNAPSHOT_HEAD = 17;
  private static final int SEGMENT_SHIFT = 40;

  /** {@return the file that a store has appended to last} */
  static Batches last(Path store) throws IOException {
    List<Batches> all = all(store);
    return all.get(all.size() - 1);
  }

  /** {@return all files of the log that hold anything, in their order} */
  static List<Batches> all(Path store) throws IOException {
    List<Batches> all = new ArrayList<>();
    for (Path file : segments(store)) {
      Batches batches = of(file);
      if (batches.count() > 0) {
        all.add(batches);
      }
    }
    if (all.isEmpty()) {
      throw new IOException("there is nothing in the log of " + store);
    }
    return all;
  }

  private static List<Path> segments(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store.resolve("log"))) {
      return files.filter(Batches::isSegment).sorted().toList();
    }
  }

  static boolean isSegment(Path file) {
    return file.toString().endsWith(".log");
  }

  private static Batches of(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    List<Integer> starts = new ArrayList<>();
    int at = 0;
    while (at + HEADER <= bytes.length && buffer.getInt(at) != MAGIC) {
      at += ALIGNMENT;
    }
    while (at + HEADER <= bytes.length && buffer.getInt(at) == MAGIC) {
      starts.add(at);
      at += buffer.getInt(at + LENGTH);
    }
    starts.add(at);
    return new Batches(file, bytes, starts);
  }

  int count() {
    return starts.size() - 1;
  }

  /** {@return where the batch starts, counted from the end: 1 is the last one} */
  int startOfLast(int fromEnd) {
    return starts.get(starts.size() - 1 - fromEnd);
  }

  /** {@return where the last batch ends} */
  int end() {
    return starts.get(starts.size() - 1);
  }

  /** {@return the content with zeros in a part of it} */
  byte[] zeroed(int from, int to) {
    byte[] damaged = bytes.clone();
    Arrays.fill(damaged, from, to, (byte) 0);
    return damaged;
  }

  /** {@return the content with the last batches in the opposite order} */
  byte[] reversed(int last) {
    byte[] damaged = bytes.clone();
    int at = startOfLast(last);
    for (int batch = 1; batch <= last; batch++) {
      int from = startOfLast(batch);
      int length = startOfLast(batch - 1) - from;
      System.arraycopy(bytes, from, damaged, at, length);
      at += length;
    }
    return damaged;
  }

  /**
   * Forget the snapshot in a copy of the store if it is up to the last batch here: that proves that
   * the batch was durable, and so it could not have been torn.
   */
  void forgetProof(Path copy) throws IOException {
    Path snapshot = copy.resolve("log/snapshot");
    if (Files.exists(snapshot)) {
      ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(snapshot));
      if (buffer.getLong(SNAPSHOT_HEAD) == positionOfLast()) {
        Files.delete(snapshot);
      }
    }
  }

  private long positionOfLast() {
    String name = file.getFileName().toString();
    long segment = Long.parseLong(name.substring(0, name.indexOf('.')));
    return segment << SEGMENT_SHIFT | startOfLast(1);
  }

  boolean isSameFileAs(Batches other) {
    return file.equals(other.file);
  }

  boolean isAsItWas(byte[] other) {
    return Arrays.equals(bytes, other);
  }
}
