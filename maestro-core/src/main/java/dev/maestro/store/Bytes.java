package dev.maestro.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** A growing array of bytes and the few ways in which the log writes values into it. */
final class Bytes {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] array;
  private int length;

  Bytes(int capacity) {
    array = new byte[capacity];
  }

  static int intAt(byte[] array, int at) {
    return (int) INT.get(array, at);
  }

  static long longAt(byte[] array, int at) {
    return (long) LONG.get(array, at);
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  int capacity() {
    return array.length;
  }

  /** Keep only the first bytes. */
  void truncate(int newLength) {
    length = newLength;
  }

  /** Append zeros. */
  Bytes zeros(int count) {
    room(count);
    Arrays.fill(array, length, length + count, (byte) 0);
    length += count;
    return this;
  }

  Bytes u8(int value) {
    room(1);
    array[length++] = (byte) value;
    return this;
  }

  Bytes u32(int value) {
    room(4);
    INT.set(array, length, value);
    length += 4;
    return this;
  }

  Bytes u64(long value) {
    room(8);
    LONG.set(array, length, value);
    length += 8;
    return this;
  }

  void setU32(int at, int value) {
    INT.set(array, at, value);
  }

  void setU64(int at, long value) {
    LONG.set(array, at, value);
  }

  /** Append seven bits a byte, low bits first. */
  Bytes varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      array[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    array[length++] = (byte) rest;
    return this;
  }

  Bytes string(String value) {
    return isAscii(value) ? ascii(value) : block(value.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isAscii(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /** Nearly all names are of this kind, and there are several in each entry. */
  private Bytes ascii(String value) {
    int count = value.length();
    varint(count);
    room(count);
    for (int i = 0; i < count; i++) {
      array[length + i] = (byte) value.charAt(i);
    }
    length += count;
    return this;
  }

  /** Append the length and the bytes. */
  Bytes block(byte[] bytes) {
    varint(bytes.length);
    return raw(bytes, bytes.length);
  }

  Bytes raw(byte[] bytes, int count) {
    room(count);
    System.arraycopy(bytes, 0, array, length, count);
    length += count;
    return this;
  }

  Bytes instant(Instant instant) {
    long seconds = instant.getEpochSecond();
    return varint((seconds << 1) ^ (seconds >> 63)).varint(instant.getNano());
  }

  private void room(int more) {
    if (array.length - length < more) {
      int needed = Math.addExact(length, more);
      array = Arrays.copyOf(array, Math.max(needed, (int) Math.min(2L * length, 1 << 30)));
    }
  }
}
