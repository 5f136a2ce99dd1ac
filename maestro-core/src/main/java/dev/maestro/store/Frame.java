package dev.maestro.store;

import java.util.zip.CRC32C;

/**
 * The frame round a batch of entries, which is written whole and believed only whole.
 *
 * <pre>
 *  0  magic       4  "MaB1"
 *  4  checksum    4  CRC32C of everything behind it
 *  8  length      4  of the whole frame, a multiple of 8
 * 12  salt        4  drawn anew at each opening
 * 16  number      8  of the batch, from 1 without gaps
 * 24  watermark   8  number of the last batch that was known to be on disk when this one was written
 * 32  previous    4  checksum of the batch before
 * 36  flags       4  1 when the log goes on in the next segment, otherwise 0
 * 40  entries, then zeros
 * </pre>
 *
 * @param position where it starts in the log
 * @param length how long it is
 * @param number the number of the batch
 * @param watermark up to where the log was durable
 * @param previous the checksum of the batch before
 * @param checksum its own checksum
 * @param isLast whether the log goes on in the next segment, which was there before this was
 *     written
 */
record Frame(
    long position,
    int length,
    long number,
    long watermark,
    int previous,
    int checksum,
    boolean isLast) {

  static final int HEADER = 40;
  static final int MAGIC = 0x4D614231;
  static final int ALIGNMENT = 8;
  static final int MAX_LENGTH = 1 << 27;

  private static final int CHECKSUM = 4;
  private static final int CHECKED_FROM = 8;
  private static final int LENGTH = 8;
  private static final int SALT = 12;
  private static final int NUMBER = 16;
  private static final int WATERMARK = 24;
  private static final int PREVIOUS = 32;
  private static final int FLAGS = 36;
  private static final int LAST = 1;

  /** {@return the position of what follows} */
  long end() {
    return isLast ? Log.start(Log.segment(position) + 1) : position + length;
  }

  /** Close the frame round the entries, which start at {@link #HEADER}. */
  static Frame seal(Bytes bytes, LogScan.Tail after, int salt, boolean isLast) {
    bytes.zeros(-bytes.length() & ALIGNMENT - 1);
    if (bytes.length() > MAX_LENGTH) {
      throw new StoreException("a batch of " + bytes.length() + " bytes could not be read again");
    }
    bytes.setU32(0, MAGIC);
    bytes.setU32(LENGTH, bytes.length());
    bytes.setU32(SALT, salt);
    bytes.setU64(NUMBER, after.number());
    bytes.setU64(WATERMARK, after.number() - 1);
    bytes.setU32(PREVIOUS, after.previous());
    bytes.setU32(FLAGS, isLast ? LAST : 0);
    bytes.setU32(CHECKSUM, checksum(bytes.array(), 0, bytes.length()));
    return read(bytes.array(), 0, after.end());
  }

  /** {@return the length that a header claims, or 0 when it cannot be a header} */
  static int claimedLength(byte[] array, int at) {
    int length = Bytes.intAt(array, at + LENGTH);
    boolean plausible =
        Bytes.intAt(array, at) == MAGIC
            && length >= HEADER
            && length <= MAX_LENGTH
            && length % ALIGNMENT == 0;
    return plausible ? length : 0;
  }

  static boolean isIntact(byte[] array, int at, int length) {
    return Bytes.intAt(array, at + CHECKSUM) == checksum(array, at, length);
  }

  static Frame read(byte[] array, int at, long position) {
    return new Frame(
        position,
        Bytes.intAt(array, at + LENGTH),
        Bytes.longAt(array, at + NUMBER),
        Bytes.longAt(array, at + WATERMARK),
        Bytes.intAt(array, at + PREVIOUS),
        Bytes.intAt(array, at + CHECKSUM),
        (Bytes.intAt(array, at + FLAGS) & LAST) != 0);
  }

  private static int checksum(byte[] array, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(array, at + CHECKED_FROM, length - CHECKED_FROM);
    return (int) crc.getValue();
  }
}
