package dev.maestro.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log: a header, frames, and zeros that were written ahead.
 *
 * <p>Room is written ahead so that forcing a batch has no new blocks or lengths to note: a disk
 * that is full shows before a batch is written, and a force costs one write. A long frame has no
 * room made for it: it would be written twice. Appending is for one thread at a time, reading for
 * any number.
 *
 * <pre>
 *  0  magic        8  "MAESTRO\n"
 *  8  checksum     4  CRC32C of the rest of the header
 * 12  format       4
 * 16  segment      8  its number, from 1
 * 24  first batch  8  the number of the batch that it begins with
 * 32  zeros       32
 * </pre>
 */
final class Segment implements Closeable {

  static final int HEADER = 64;
  static final int FORMAT = 2;

  private static final byte[] MAGIC = {'M', 'A', 'E', 'S', 'T', 'R', 'O', '\n'};
  private static final int CHECKSUM = 8;
  private static final int CHECKED_FROM = 12;
  private static final int NUMBER = 16;
  private static final int FIRST_BATCH = 24;
  private static final int FIRST_ROOM = 256 * 1024;
  private static final int CHUNK = 256 * 1024;

  // from here on zeros take longer to write than the file's new length takes to note
  private static final int LONG = 256 * 1024;

  private final Path path;
  private final LogFile file;
  private final long number;
  private final int preallocation;
  private long room;
  // made when something is written first
  private @Nullable ByteBuffer buffer;

  private Segment(Path path, LogFile file, long number, int preallocation) throws IOException {
    this.path = path;
    this.file = file;
    this.number = number;
    this.preallocation = preallocation;
    this.room = file.size();
  }

  static Path path(Path logDirectory, long number) {
    String digits = Long.toString(number);
    return logDirectory.resolve("0".repeat(Math.max(0, 6 - digits.length())) + digits + ".log");
  }

  /** Write a new file that holds the header and nothing else. */
  static void create(Path path, long number, long firstBatch) throws IOException {
    Durably.write(path, header(number, firstBatch));
  }

  static Segment open(Path path, LogFile file, long number, int preallocation) throws IOException {
    return new Segment(path, file, number, preallocation);
  }

  long number() {
    return number;
  }

  Path path() {
    return path;
  }

  LogFile file() {
    return file;
  }

  /** {@return the number of its first batch; empty when the header is not as it was written} */
  OptionalLong firstBatch() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(HEADER);
    int length = file.read(buffer, 0);
    byte[] found = buffer.array();
    boolean intact =
        length == HEADER
            && Arrays.equals(found, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
            && Bytes.intAt(found, CHECKSUM) == checksum(found)
            && Bytes.intAt(found, CHECKED_FROM) == FORMAT
            && Bytes.longAt(found, NUMBER) == number;
    return intact ? OptionalLong.of(Bytes.longAt(found, FIRST_BATCH)) : OptionalLong.empty();
  }

  /**
   * Write a frame and return when it is on the disk.
   *
   * @param most how long the file should become at most, unless the frame needs more
   */
  void append(Bytes frame, long position, long most) throws IOException {
    long end = position + frame.length();
    if (end > room && frame.length() < LONG) {
      extend(end, most);
    }
    room = Math.max(room, end);
    for (int from = 0; from < frame.length(); from += CHUNK) {
      int count = Math.min(CHUNK, frame.length() - from);
      file.write(chunk().put(frame.array(), from, count).flip(), position + from);
    }
    file.force();
  }

  /** Overwrite with zeros, so that nothing of what was there can ever be taken for a batch. */
  void erase(long from, long to) throws IOException {
    zero(from, to);
    file.force();
  }

  /**
   * Write again what stands there already.
   *
   * <p>Whoever wrote it may have been killed before it was forced, or told that forcing it failed;
   * then the system's memory shows what the disk may not hold.
   */
  void affirm(long from, long to) throws IOException {
    for (long at = from; at < to; at += CHUNK) {
      ByteBuffer part = chunk().limit((int) Math.min(CHUNK, to - at));
      file.read(part, at);
      file.write(part.flip(), at);
    }
    file.force();
  }

  /** {@return the offset behind the last byte that is not zero} */
  long endOfContent() throws IOException {
    return new LogWindow(file).endOfContent(HEADER);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void extend(long end, long most) throws IOException {
    long step = Math.min(preallocation, Math.max(FIRST_ROOM, room));
    long wanted = Math.max(Math.min(room + step, most), end);
    zero(room, wanted);
    room = wanted;
  }

  private void zero(long from, long to) throws IOException {
    ByteBuffer zeros = chunk().put(new byte[CHUNK]);
    for (long at = from; at < to; at += CHUNK) {
      file.write(zeros.clear().limit((int) Math.min(CHUNK, to - at)), at);
    }
  }

  private ByteBuffer chunk() {
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(CHUNK);
    }
    return buffer.clear();
  }

  private static byte[] header(long number, long firstBatch) {
    Bytes bytes = new Bytes(HEADER).raw(MAGIC, MAGIC.length).u32(0).u32(FORMAT).u64(number);
    bytes.u64(firstBatch).zeros(HEADER - bytes.length());
    bytes.setU32(CHECKSUM, checksum(bytes.array()));
    return bytes.array();
  }

  private static int checksum(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, CHECKED_FROM, HEADER - CHECKED_FROM);
    return (int) crc.getValue();
  }
}
