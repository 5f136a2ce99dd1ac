package dev.maestro.store;

import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What the log amounts to up to one of its batches, so that opening need not read what comes
 * before.
 *
 * <p>It is derived: without it, opening takes longer and ends in the same. But it also proves that
 * the batches up to its own were there.
 *
 * <pre>
 *  0  magic       8  "MAESNAP\\n"
 *  8  checksum    4  CRC32C of everything behind it
 * 12  format      4
 * 16  tail, token, runs, records, each with a length, so that later formats may append to it;
 *     then, in versions that list them, the runs that lie in files: hash and checksum of each
 * </pre>
 *
 * @param state what readers see
 * @param token the highest token that was given out
 */
record Snapshot(View.State state, long token) {

  private static final byte[] MAGIC = {'M', 'A', 'E', 'S', 'N', 'A', 'P', '\n'};
  private static final int CHECKSUM = 8;
  private static final int CHECKED_FROM = 12;
  private static final int START = 16;

  static Path path(Path logDirectory) {
    return logDirectory.resolve("snapshot");
  }

  /** {@return the snapshot, if there is one that is whole and of this format} */
  static Optional<Snapshot> read(Path logDirectory) throws IOException {
    Path file = path(logDirectory);
    if (Files.notExists(file)) {
      return Optional.empty();
    }
    byte[] bytes = Uninterrupted.call(() -> Files.readAllBytes(file));
    boolean intact =
        bytes.length >= START
            && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
            && Bytes.intAt(bytes, CHECKSUM) == checksum(bytes, bytes.length)
            && Bytes.intAt(bytes, CHECKED_FROM) == Segment.FORMAT;
    try {
      return intact ? Optional.of(new Reader().read(bytes)) : Optional.empty();
    } catch (IndexOutOfBoundsException
        | IllegalArgumentException
        | ArithmeticException
        | DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Put it in the place of an earlier one. */
  void write(Path logDirectory) throws IOException {
    Bytes out = new Bytes(1 << 16).raw(MAGIC, MAGIC.length).u32(0).u32(Segment.FORMAT);
    Bytes part = new Bytes(1 << 12);
    LogScan.Tail tail = state.tail();
    part.u64(tail.lastBatch()).u64(tail.end()).u64(tail.number()).u32(tail.previous());
    end(part.varint(token), out);
    out.varint(state.runs().size());
    state.runs().forEach(run -> end(write(run, part), out));
    out.varint(state.records().size());
    state.records().forEach(record -> end(write(record, part), out));
    out.varint(state.files().size());
    state.files().forEach((hash, checksum) -> out.u64(hash).u32(checksum));
    out.setU32(CHECKSUM, checksum(out.array(), out.length()));
    Durably.write(path(logDirectory), Arrays.copyOf(out.array(), out.length()));
  }

  private static void end(Bytes part, Bytes out) {
    out.varint(part.length()).raw(part.array(), part.length());
    part.truncate(0);
  }

  private static Bytes write(View.OfRun run, Bytes part) {
    part.string(run.key.tenant().value()).string(run.key.run().value());
    part.varint(run.revision).varint(run.token).varint(run.headAt).varint(run.indexAt);
    part.varint(run.count);
    long last = 0;
    for (int i = 0; i < run.count; i++) {
      // mostly a little further on
      long step = run.positions[i] - last;
      part.varint(step << 1 ^ step >> 63);
      last = run.positions[i];
    }
    Optional<RunIndex> index = run.index();
    part.u8(index.isPresent() ? 1 : 0);
    index.ifPresent(entry -> EntryWriter.write(entry, part));
    return part;
  }

  private static Bytes write(View.OfRecord record, Bytes part) {
    part.string(record.key.tenant().value()).string(record.key.namespace());
    part.string(record.key.key()).varint(record.version).varint(record.position);
    part.u8(record.json == null ? 0 : 1);
    return record.json == null ? part : part.block(record.json);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, CHECKED_FROM, length - CHECKED_FROM);
    return (int) crc.getValue();
  }

  /** Reads what was written, equal words as one. */
  private static final class Reader {
    private final Map<String, String> words = new HashMap<>();

    Snapshot read(byte[] bytes) {
      Cursor all = new Cursor(bytes, START, bytes.length);
      Cursor head = all.next(all.count());
      long lastBatch = head.u64();
      LogScan.Tail tail = new LogScan.Tail(lastBatch, head.u64(), 0, head.u64(), head.u32());
      long token = head.varint();
      List<View.OfRun> runs = new ArrayList<>();
      for (int left = all.count(); left > 0; left--) {
        runs.add(run(all.next(all.count())));
      }
      List<View.OfRecord> records = new ArrayList<>();
      for (int left = all.count(); left > 0; left--) {
        records.add(record(all.next(all.count())));
      }
      return new Snapshot(new View.State(runs, records, files(all), tail), token);
    }

    private static RunFiles files(Cursor all) {
      RunFiles files = new RunFiles(all.hasMore());
      for (int left = files.isComplete() ? all.count() : 0; left > 0; left--) {
        files.put(all.u64(), all.u32());
      }
      return files;
    }

    private View.OfRun run(Cursor part) {
      View.OfRun run =
          new View.OfRun(new RunKey(Tenant.of(same(part.string())), RunId.of(part.string())));
      run.revision = part.varint();
      run.token = part.varint();
      run.headAt = part.varint();
      run.indexAt = part.varint();
      run.count = part.count();
      run.positions = new long[run.count];
      long last = 0;
      for (int i = 0; i < run.count; i++) {
        long step = part.varint();
        last += step >>> 1 ^ -(step & 1);
        run.positions[i] = last;
      }
      if (part.u8() != 0) {
        run.set(EntryWriter.readIndex(run.key, part, this::same));
      }
      return run;
    }

    private View.OfRecord record(Cursor part) {
      RecordKey key =
          new RecordKey(Tenant.of(same(part.string())), same(part.string()), part.string());
      long version = part.varint();
      long position = part.varint();
      byte @Nullable [] json = part.u8() == 0 ? null : part.block();
      return new View.OfRecord(key, version, json, position);
    }

    private String same(String word) {
      return words.computeIfAbsent(word, w -> w);
    }
  }
}
