package dev.maestro.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** Reads what {@link Bytes} wrote. */
final class Cursor {

  private final byte[] array;
  private int at;
  private int end;

  Cursor(byte[] array, int from, int end) {
    this.array = array;
    this.at = from;
    this.end = end;
  }

  boolean hasMore() {
    return at < end;
  }

  int at() {
    return at;
  }

  /**
   * Split off the next bytes as a cursor of their own, so that unknown fields at their end do no
   * harm.
   */
  Cursor next(int length) {
    require(length);
    Cursor part = new Cursor(array, at, at + length);
    at += length;
    return part;
  }

  int u8() {
    require(1);
    return array[at++] & 0xFF;
  }

  int u32() {
    require(4);
    int value = Bytes.intAt(array, at);
    at += 4;
    return value;
  }

  long u64() {
    require(8);
    long value = Bytes.longAt(array, at);
    at += 8;
    return value;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = u8();
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IndexOutOfBoundsException("a number of more than 64 bits");
  }

  int count() {
    return Math.toIntExact(varint());
  }

  String string() {
    int length = count();
    require(length);
    String value = new String(array, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }

  byte[] block() {
    int length = count();
    require(length);
    byte[] bytes = Arrays.copyOfRange(array, at, at + length);
    at += length;
    return bytes;
  }

  Instant instant() {
    long seconds = varint();
    return Instant.ofEpochSecond((seconds >>> 1) ^ -(seconds & 1), varint());
  }

  private void require(int length) {
    if (length < 0 || length > end - at) {
      throw new IndexOutOfBoundsException(length + " bytes wanted, " + (end - at) + " left");
    }
  }
}
