package dev.maestro.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Looks at a log through a piece of memory; used by one thread. */
final class LogWindow {

  private static final int SIZE = 1 << 20;
  private static final byte[] ZEROS = new byte[1 << 14];

  private final LogFile file;
  private final long size;
  private byte[] array;
  private long start;
  private int length;

  LogWindow(LogFile file) throws IOException {
    this.file = file;
    this.size = file.size();
    this.array = new byte[(int) Math.min(SIZE, size)];
  }

  long size() {
    return size;
  }

  byte[] array() {
    return array;
  }

  /** Forget what was read: somebody else may have written. */
  void forget() {
    length = 0;
  }

  /**
   * Bring this part of the log before the window.
   *
   * @return where it starts in {@link #array()}, or -1 when the log ends before
   */
  int at(long position, int count) throws IOException {
    if (position + count > size) {
      return -1;
    }
    if (position < start || position + count > start + length) {
      load(position, count);
    }
    return position + count <= start + length ? (int) (position - start) : -1;
  }

  /** {@return the first aligned position from here on that holds this word, or -1} */
  long find(int word, long from) throws IOException {
    for (long position = from; ; position += Frame.ALIGNMENT) {
      int at = at(position, Integer.BYTES);
      if (at < 0 || Bytes.intAt(array, at) == word) {
        return at < 0 ? -1 : position;
      }
    }
  }

  /** {@return the position behind the last byte that is not zero, or {@code from}} */
  long endOfContent(long from) throws IOException {
    long end = from;
    for (long position = from; at(position, 1) >= 0; position = start + length) {
      int last = lastNonZero((int) (position - start));
      end = last < 0 ? end : start + last + 1;
    }
    return end;
  }

  private int lastNonZero(int from) {
    int end = length;
    while (end > from) {
      int begin = Math.max(from, end - ZEROS.length);
      if (!Arrays.equals(array, begin, end, ZEROS, 0, end - begin)) {
        break;
      }
      end = begin;
    }
    while (end > from && array[end - 1] == 0) {
      end--;
    }
    return end > from ? end - 1 : -1;
  }

  private void load(long position, int count) throws IOException {
    if (count > array.length) {
      array = new byte[count];
    }
    start = position;
    length = 0;
    int wanted = (int) Math.min(array.length, size - position);
    while (length < wanted) {
      ByteBuffer part = ByteBuffer.wrap(array, length, Math.min(SIZE, wanted - length));
      int read = file.read(part, position + length);
      if (read == 0) {
        break;
      }
      length += read;
    }
  }
}
