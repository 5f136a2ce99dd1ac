package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes runs out of a store and into another, of whatever kind, without losing anything.
 *
 * <p>What is taken out is a stream of JSON lines: which run, the blobs that its events name, its
 * events byte for byte, and a line that proves that nothing is missing. Leases and fencing tokens
 * stay behind: who drives the run in its new place takes a lease there.
 */
public final class StoreTransfer {

  private static final int PAGE = 500;

  private StoreTransfer() {}

  /**
   * What is in a store, as numbers that are equal in a complete copy.
   *
   * @param runs the runs that queries find
   * @param events of these runs
   * @param records the records that exist
   * @param blobs the blobs that events and records name
   * @param sha256 of all of that, in order
   */
  public record Summary(long runs, long events, long records, long blobs, String sha256) {}

  // ------------------------------------------------------------------ one run

  /**
   * Write a run to a stream, which stays open, as it is now; it may go on meanwhile.
   *
   * @throws StoreException when there is no such run
   */
  public static void exportRun(Store store, RunKey run, OutputStream out) throws IOException {
    Optional<RunIndex> index = store.index(run);
    long sequence = length(store, run);
    for (Optional<RunIndex> now = store.index(run); !now.equals(index); now = store.index(run)) {
      // it moved on in between, and the two must tell of the same moment
      index = now;
      sequence = length(store, run);
    }
    if (sequence == 0 && index.isEmpty()) {
      throw new StoreException("there is no run " + run);
    }
    RunFileWriter file = new RunFileWriter(out);
    file.head(new RunFile.Head(run, 0, 0, sequence, index.orElse(null)));
    BlobRefs refs = new BlobRefs();
    for (long next = 1; next <= sequence; next += PAGE) {
      for (StoredEvent event : page(store, run, next, sequence)) {
        collect(store, event.envelope().json(), refs, file::blob);
      }
    }
    for (long next = 1; next <= sequence; next += PAGE) {
      for (StoredEvent event : page(store, run, next, sequence)) {
        file.event(event);
      }
    }
    file.end();
  }

  /**
   * Read a run from a stream, which stays open, into a store.
   *
   * <p>Doing so again changes nothing, and goes on where it was broken off.
   *
   * @return the run
   * @throws StoreException when the stream is damaged, or when the store has another run of this
   *     name; a stream that turns out to be damaged may leave a run that no query finds
   */
  public static RunKey importRun(Store store, InputStream in) throws IOException {
    RunFileReader file = new RunFileReader("what is imported", in);
    RunFile.Head head = file.head();
    List<StoredEvent> page = new ArrayList<>();
    for (RunFile.Line line = file.next(); line != null; line = file.next()) {
      if (line instanceof RunFile.Blob blob) {
        putBlob(store, blob.id(), blob.bytes());
      } else if (line instanceof RunFile.Event event) {
        page.add(event.event());
        if (page.size() == PAGE) {
          append(store, head.run(), page);
          page.clear();
        }
      }
    }
    append(store, head.run(), page);
    finish(store, head.run(), head.sequence(), Optional.ofNullable(head.index()));
    return head.run();
  }

  private static void putBlob(Store store, BlobId id, byte[] bytes) {
    if (!store.put(bytes).equals(id)) {
      throw new StoreException("damage: blob " + id + " has another SHA-256");
    }
  }

  /** Append what is not there yet. */
  private static void append(Store to, RunKey run, List<StoredEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    List<StoredEvent> there = to.read(run, events.get(0).sequence(), events.size());
    for (int i = 0; i < there.size(); i++) {
      requireSame(run, there.get(i), events.get(i));
    }
    List<Envelope> missing =
        events.subList(there.size(), events.size()).stream().map(StoredEvent::envelope).toList();
    if (!missing.isEmpty()) {
      long sequence = events.get(0).sequence() - 1 + there.size();
      commit(to, new Commit(run, sequence, 0, missing, null, List.of()));
    }
  }

  private static void requireSame(RunKey run, StoredEvent there, StoredEvent event) {
    Envelope one = there.envelope();
    Envelope other = event.envelope();
    boolean same =
        one.type().equals(other.type())
            && one.version() == other.version()
            && one.at().equals(other.at())
            && Arrays.equals(one.json(), other.json());
    if (!same) {
      throw new StoreException(
          "the store has another run " + run + ": event " + event.sequence() + " is not the same");
    }
  }

  private static void finish(Store to, RunKey run, long sequence, Optional<RunIndex> index) {
    if (!to.read(run, sequence + 1, 1).isEmpty()) {
      throw new StoreException("the store has another run " + run + ", which is longer");
    }
    if (!to.index(run).equals(index)) {
      commit(to, new Commit(run, sequence, 0, List.of(), index.orElse(null), List.of()));
    }
  }

  private static void commit(Store to, Commit commit) {
    CommitOutcome outcome = to.commit(List.of(commit)).get(0);
    if (!(outcome instanceof CommitOutcome.Committed)) {
      throw new StoreException("somebody else writes to " + commit.run() + ": " + outcome);
    }
  }

  // ------------------------------------------------------------------ a whole store

  /**
   * Copy every run that queries find, every record and every blob that these name.
   *
   * <p>Records that the other store has already stay as they are there. Nobody may write to either
   * store meanwhile.
   *
   * @return what was copied
   */
  public static Summary copy(Store from, Store to) throws IOException {
    for (RunIndex index : from.find(RunQuery.all())) {
      copy(from, to, index);
    }
    for (VersionedRecord record : from.records()) {
      copyBlobs(from, to, record.json());
      if (to.record(record.key()).isEmpty()) {
        commit(to, Commit.ofRecords(List.of(new RecordWrite(record.key(), 0, record.json()))));
      }
    }
    return summary(from);
  }

  private static void copy(Store from, Store to, RunIndex index) throws IOException {
    RunKey run = index.run();
    long sequence = 0;
    while (true) {
      List<StoredEvent> page = from.read(run, sequence + 1, PAGE);
      if (page.isEmpty()) {
        break;
      }
      for (StoredEvent event : page) {
        copyBlobs(from, to, event.envelope().json());
      }
      append(to, run, page);
      sequence += page.size();
    }
    finish(to, run, sequence, Optional.of(index));
  }

  private static void copyBlobs(Store from, Store to, byte[] json) throws IOException {
    collect(from, json, new BlobRefs(), (id, bytes) -> putBlob(to, id, bytes));
  }

  /** {@return what is in a store, counted and hashed} */
  public static Summary summary(Store store) throws IOException {
    Hash hash = new Hash();
    BlobRefs refs = new BlobRefs();
    Set<String> blobs = new TreeSet<>();
    long runs = 0;
    long events = 0;
    for (RunIndex index : store.find(RunQuery.all())) {
      runs++;
      hash.add(RunFile.write(index).toString().getBytes(StandardCharsets.UTF_8));
      hash.add(index.run().toString().getBytes(StandardCharsets.UTF_8));
      long sequence = length(store, index.run());
      for (long next = 1; next <= sequence; next += PAGE) {
        for (StoredEvent event : page(store, index.run(), next, sequence)) {
          events++;
          hash.add(RunFile.write(event));
          collect(store, event.envelope().json(), refs, (id, bytes) -> blobs.add(id.hex()));
        }
      }
    }
    long records = 0;
    for (VersionedRecord record : store.records()) {
      records++;
      hash.add(record.key().toString().getBytes(StandardCharsets.UTF_8));
      hash.add(record.json());
      collect(store, record.json(), refs, (id, bytes) -> blobs.add(id.hex()));
    }
    blobs.forEach(id -> hash.add(id.getBytes(StandardCharsets.US_ASCII)));
    return new Summary(runs, events, records, blobs.size(), hash.hex());
  }

  // ------------------------------------------------------------------ reading

  private static long length(Store store, RunKey run) {
    long sequence = 0;
    while (true) {
      List<StoredEvent> page = store.read(run, sequence + 1, PAGE);
      if (page.isEmpty()) {
        return sequence;
      }
      sequence += page.size();
    }
  }

  /** {@return the next events, none behind the last that was seen} */
  private static List<StoredEvent> page(Store store, RunKey run, long next, long last) {
    return store.read(run, next, (int) Math.min(PAGE, last - next + 1));
  }

  /** Takes the blobs that were found. */
  @FunctionalInterface
  private interface BlobSink {
    void accept(BlobId id, byte[] bytes) throws IOException;
  }

  /** Find the blobs that these bytes name and that were not found before, and those they name. */
  private static void collect(Store store, byte[] json, BlobRefs refs, BlobSink to)
      throws IOException {
    Deque<BlobId> open = new ArrayDeque<>(refs.scan(json));
    while (!open.isEmpty()) {
      BlobId id = open.pop();
      Optional<byte[]> bytes = store.blob(id);
      if (bytes.isPresent()) {
        to.accept(id, bytes.get());
        open.addAll(refs.scan(bytes.get()));
      }
    }
  }

  /** A hash of many pieces, each with its length. */
  private static final class Hash {
    private final MessageDigest digest = BlobId.sha256();

    void add(byte[] piece) {
      digest.update(new Bytes(8).u64(piece.length).array());
      digest.update(piece);
    }

    String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
