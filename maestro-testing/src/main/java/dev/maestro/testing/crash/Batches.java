package dev.maestro.testing.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the batches lie in the file that a store appends to; nothing inside them is understood.
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

  static Batches in(Path store) throws IOException {
    Path file = lastSegment(store);
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

  private static Path lastSegment(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store.resolve("log"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.naturalOrder())
          .orElseThrow(() -> new IOException("there is no log in " + store));
    }
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

  boolean isAsItWas(byte[] other) {
    return Arrays.equals(bytes, other);
  }
}
