package dev.maestro.store;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file {@code log/archived}: which runs lay in files of their own when the beginning of the log
 * was deleted, with the names that are known.
 *
 * <p>It is written before {@link LogBase}, which says whether there has to be one. What the log
 * says from there on comes on top; so it does no harm when the list is newer than the base.
 *
 * <pre>
 *  0  magic       8  "MAEARCH\n"
 *  8  checksum    4  CRC32C of everything behind it
 * 12  format      4
 * 16  batch       8  the number of the batch that came next when it was written
 * 24  the number of entries; then each with its length: hash, checksum, tenant, run
 * </pre>
 *
 * @param batch up to where it tells
 * @param files the hashes
 * @param names of those whose names are known
 */
record RunFileList(long batch, RunFiles files, Map<Long, RunKey> names) {

  private static final byte[] MAGIC = {'M', 'A', 'E', 'A', 'R', 'C', 'H', '\n'};
  private static final int CHECKSUM = 8;
  private static final int CHECKED_FROM = 12;
  private static final int START = 16;

  static Path path(Path logDirectory) {
    return logDirectory.resolve("archived");
  }

  /** {@return the list, unless it is missing, damaged, or older than this batch} */
  static Optional<RunFileList> read(Path logDirectory, long leastBatch) throws IOException {
    Path file = path(logDirectory);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    byte[] bytes = Uninterrupted.call(() -> Files.readAllBytes(file));
    boolean intact =
        bytes.length > START
            && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
            && Bytes.intAt(bytes, CHECKSUM) == checksum(bytes, bytes.length);
    return intact
        ? Optional.of(parse(new Cursor(bytes, CHECKED_FROM, bytes.length)))
            .filter(list -> list.batch() >= leastBatch)
        : Optional.empty();
  }

  private static RunFileList parse(Cursor all) {
    int format = all.u32();
    if (format != Segment.FORMAT) {
      throw new StoreException("the list of runs that have ended has format " + format);
    }
    long batch = all.u64();
    RunFiles files = new RunFiles(true);
    Map<Long, RunKey> names = new HashMap<>();
    for (int left = all.count(); left > 0; left--) {
      Cursor entry = all.next(all.count());
      long hash = entry.u64();
      files.put(hash, entry.u32());
      String tenant = entry.string();
      if (!tenant.isEmpty()) {
        names.put(hash, new RunKey(Tenant.of(tenant), RunId.of(entry.string())));
      }
    }
    return new RunFileList(batch, files, names);
  }

  /**
   * Put a list in the place of an earlier one.
   *
   * @param named runs whose names are known, whether they are listed or not
   */
  static void write(Path logDirectory, long batch, RunFiles files, Collection<RunKey> named)
      throws IOException {
    Bytes out = new Bytes(1 << 12).raw(MAGIC, MAGIC.length).u32(0).u32(Segment.FORMAT).u64(batch);
    out.varint(files.size());
    RunFiles nameless = files.copy();
    Bytes entry = new Bytes(1 << 8);
    for (RunKey run : named) {
      long hash = Slot.hash(run);
      if (nameless.has(hash)) {
        start(hash, files, entry).string(run.tenant().value()).string(run.run().value());
        end(entry, out);
        nameless.remove(hash);
      }
    }
    nameless.forEach((hash, checksum) -> end(start(hash, files, entry).string(""), out));
    out.setU32(CHECKSUM, checksum(out.array(), out.length()));
    Durably.write(path(logDirectory), Arrays.copyOf(out.array(), out.length()));
  }

  private static Bytes start(long hash, RunFiles files, Bytes entry) {
    return entry.u64(hash).u32(files.checksum(hash).orElseThrow());
  }

  private static void end(Bytes entry, Bytes out) {
    out.varint(entry.length()).raw(entry.array(), entry.length());
    entry.truncate(0);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, CHECKED_FROM, length - CHECKED_FROM);
    return (int) crc.getValue();
  }
}
