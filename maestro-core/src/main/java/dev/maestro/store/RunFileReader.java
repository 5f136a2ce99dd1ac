package dev.maestro.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads a run line by line, and checks each line, the count and the SHA-256 on the way. */
final class RunFileReader {

  private static final int CHUNK = 16 * 1024;

  private final String place;
  private final InputStream in;
  private final MessageDigest digest = BlobId.sha256();
  private final byte[] chunk = new byte[CHUNK];
  private int at;
  private int length;
  // of the line that comes next
  private long offset;
  private long lineNumber;
  private long sequence;
  private long announced;
  private int checksum;
  private boolean ended;
  private boolean skipped;

  /**
   * Read from a stream that the caller closes.
   *
   * @param place where it comes from, for messages
   */
  RunFileReader(String place, InputStream in) {
    this.place = place;
    this.in = in;
  }

  /** {@return the first line} */
  RunFile.Head head() throws IOException {
    if (next() instanceof RunFile.Head head) {
      return head;
    }
    throw new StoreException(place + " does not begin as the file of a run does");
  }

  /** {@return the checksum of the first line, once that was read} */
  int checksum() {
    return checksum;
  }

  /** Go on here, where the line behind this event begins; the SHA-256 is not checked then. */
  void skipTo(long newOffset, long lastSequence) throws IOException {
    long ahead = newOffset - offset;
    int buffered = length - at;
    if (ahead > buffered) {
      in.skipNBytes(ahead - buffered);
    }
    at += (int) Math.min(ahead, buffered);
    offset = newOffset;
    sequence = lastSequence;
    skipped = true;
  }

  /** {@return where the next line begins} */
  long offset() {
    return offset;
  }

  /** {@return the next line, or null behind the last} */
  RunFile.@Nullable Line next() throws IOException {
    long start = offset;
    byte[] bytes = line();
    if (bytes == null) {
      if (!ended) {
        throw damage(start, "the file is cut short");
      }
      return null;
    }
    RunFile.Line line = ended ? null : RunFile.read(bytes);
    if (line == null) {
      throw damage(start, "the line has changed");
    }
    if (!(line instanceof RunFile.End)) {
      digest.update(bytes);
      digest.update((byte) '\n');
    }
    if (line instanceof RunFile.Head) {
      checksum = RunFile.checksum(bytes);
    }
    check(line, start);
    return line;
  }

  private void check(RunFile.Line line, long start) {
    if (line instanceof RunFile.Head head) {
      announced = head.sequence();
    }
    if (line instanceof RunFile.Event event && event.event().sequence() != ++sequence) {
      throw damage(start, "event " + sequence + " is missing");
    }
    if (line instanceof RunFile.End end) {
      String sha256 = HexFormat.of().formatHex(digest.digest());
      if (end.events() != sequence
          || announced != sequence
          || !skipped && !end.sha256().equals(sha256)) {
        throw damage(start, "lines are missing or have changed");
      }
      ended = true;
    }
  }

  private StoreException damage(long start, String what) {
    return new StoreException(
        "damage in " + place + " at offset " + start + ", line " + lineNumber + ": " + what);
  }

  /** {@return the next line without its end, or null where there is none} */
  private byte @Nullable [] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    while (true) {
      if (at == length) {
        length = in.read(chunk);
        at = 0;
        if (length <= 0) {
          length = 0;
          return line.size() == 0 ? null : taken(line);
        }
      }
      int end = at;
      while (end < length && chunk[end] != '\n') {
        end++;
      }
      line.write(chunk, at, end - at);
      at = end;
      if (end < length) {
        at++;
        offset++;
        return taken(line);
      }
    }
  }

  private byte[] taken(ByteArrayOutputStream line) {
    byte[] bytes = line.toByteArray();
    offset += bytes.length;
    lineNumber++;
    return bytes;
  }
}
