package dev.maestro.process;

import java.nio.charset.StandardCharsets;

/** The last bytes of a stream. */
final class Tail {

  private final byte[] ring;
  // guarded by this
  private long total;

  Tail(int capacity) {
    ring = new byte[capacity];
  }

  synchronized void append(byte[] bytes, int count) {
    for (int at = Math.max(0, count - ring.length); at < count; at++) {
      ring[(int) ((total + at) % ring.length)] = bytes[at];
    }
    total += count;
  }

  /** {@return the tail as text, beginning with a whole character, and a mark where it was cut} */
  synchronized String text() {
    int size = (int) Math.min(total, ring.length);
    byte[] bytes = new byte[size];
    for (int at = 0; at < size; at++) {
      bytes[at] = ring[(int) ((total - size + at) % ring.length)];
    }
    int start = 0;
    while (total > size && start < Math.min(3, size) && (bytes[start] & 0xC0) == 0x80) {
      start++;
    }
    String text = new String(bytes, start, size - start, StandardCharsets.UTF_8);
    return total > size ? "…" + text : text;
  }
}
