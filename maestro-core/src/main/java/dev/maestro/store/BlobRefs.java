package dev.maestro.store;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds the blobs that bytes name.
 *
 * <p>A store does not look inside events, so whatever looks like the id of a blob counts as one: 64
 * hexadecimal digits. That may keep a blob too many, and never one too few.
 */
final class BlobRefs {

  private static final int DIGITS = 64;

  private final Set<BlobId> found = new HashSet<>();

  /** {@return the ids that were found} */
  Set<BlobId> found() {
    return found;
  }

  /** Note what these bytes name; {@return what was not known before} */
  Set<BlobId> scan(byte[] bytes) {
    Set<BlobId> more = new HashSet<>();
    scan(
        bytes,
        id -> {
          if (found.add(id)) {
            more.add(id);
          }
        });
    return more;
  }

  /** Tell of every id in these bytes. */
  static void scan(byte[] bytes, Consumer<BlobId> to) {
    int length = 0;
    for (int at = 0; at <= bytes.length; at++) {
      if (at < bytes.length && isDigit(bytes[at])) {
        length++;
        if (length >= DIGITS) {
          to.accept(id(bytes, at + 1 - DIGITS));
        }
      } else {
        length = 0;
      }
    }
  }

  private static BlobId id(byte[] bytes, int from) {
    return new BlobId(new String(bytes, from, DIGITS, StandardCharsets.US_ASCII));
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9' || b >= 'a' && b <= 'f';
  }
}
