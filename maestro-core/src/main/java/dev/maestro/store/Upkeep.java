package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log of a store short: runs that have ended move into files of their own, what is still
 * needed of the oldest segments is written once more, and what nothing is needed of is deleted.
 *
 * <p>Whatever it does goes through the log like any commit, a little at a time, so that others can
 * write in between. Each step is harmless when it is the last before a crash. Used by one thread at
 * a time.
 *
 * <pre>
 *  run has ended → its file is durable → the log says so → the run leaves memory
 *  oldest segments → what is needed of them is in the log again → log/base → they are deleted
 * </pre>
 */
final class Upkeep {

  private static final int RUNS_AT_ONCE = 64;
  private static final int PAGE = 500;
  // what an event or a record takes besides its JSON, roughly
  private static final int OVERHEAD = 64;

  private final OpenFileStore.Parts parts;
  private final GroupCommit group;
  private final EventReader events;
  // guarded by the lock of the group
  private final EntryWriter entries = new EntryWriter();

  Upkeep(OpenFileStore.Parts parts, GroupCommit group, EventReader events) {
    this.parts = parts;
    this.group = group;
    this.events = events;
  }

  // ------------------------------------------------------------------ runs that have ended

  /**
   * Move runs that have ended into files.
   *
   * @return how many
   */
  int archive(int most, BooleanSupplier goOn) throws IOException {
    int archived = 0;
    List<RunKey> ended = parts.view().ended();
    for (int from = 0; from < Math.min(most, ended.size()) && goOn.getAsBoolean(); ) {
      int to = Math.min(Math.min(most, ended.size()), from + RUNS_AT_ONCE);
      archived += archive(ended.subList(from, to));
      from = to;
    }
    return archived;
  }

  private int archive(List<RunKey> runs) throws IOException {
    List<Archive.Draft> drafts = new ArrayList<>();
    for (RunKey run : runs) {
      Optional<RunFile.Head> head = head(run);
      if (head.isPresent()) {
        draft(head.get()).ifPresent(drafts::add);
      }
    }
    parts.archive().place(drafts);
    return group.write(
        batch -> (int) drafts.stream().filter(draft -> archived(draft, batch)).count());
  }

  private Optional<Archive.Draft> draft(RunFile.Head head) throws IOException {
    try {
      return Optional.of(parts.archive().draft(head, file -> write(head, file)));
    } catch (StoreException e) {
      log().warn("run {} stays in the log, because it cannot be read", head.run(), e);
      return Optional.empty();
    }
  }

  /** {@return the first line of the run's file, unless it goes on or is not durable yet} */
  private Optional<RunFile.Head> head(RunKey run) {
    RunFile.@Nullable Head head =
        group.reading(
            () ->
                parts
                    .contents()
                    .find(run)
                    .filter(slot -> slot.index != null && !slot.index.open())
                    .map(s -> new RunFile.Head(run, s.revision, s.token, s.sequence, s.index))
                    .orElse(null));
    return Optional.ofNullable(head)
        .filter(h -> parts.view().positions(run, 1, Integer.MAX_VALUE).length == h.sequence());
  }

  private void write(RunFile.Head head, RunFileWriter file) throws IOException {
    for (long next = 1; next <= head.sequence(); next += PAGE) {
      int count = (int) Math.min(PAGE, head.sequence() - next + 1);
      long[] positions = parts.view().positions(head.run(), next, count);
      for (StoredEvent event : events.read(positions, next)) {
        file.event(event);
      }
    }
  }

  /** Hand over every event of a run that is in the log. */
  void forEach(RunKey run, Consumer<StoredEvent> to) throws IOException {
    events.forEach(parts.view().positions(run, 1, Integer.MAX_VALUE), to);
  }

  private boolean archived(Archive.Draft draft, Batch batch) {
    RunFile.Head head = draft.head();
    Optional<Slot.OfRun> slot =
        parts.contents().find(head.run()).filter(s -> s.revision == head.revision());
    slot.ifPresent(
        run -> {
          run.revision++;
          batch.touchFiled(run);
          batch.changes.add(entries.archived(run, draft.checksum(), batch.bytes));
          parts.contents().drop(run.key);
        });
    return slot.isPresent();
  }

  /** Bring a run that was archived back into the log, because somebody writes to it. */
  void revive(RunKey key) throws IOException {
    Optional<RunFile.Head> head = parts.archive().head(key);
    if (head.isEmpty()) {
      return;
    }
    List<Envelope> envelopes =
        parts.archive().read(key, 1, Integer.MAX_VALUE).stream()
            .map(StoredEvent::envelope)
            .toList();
    if (size(envelopes) > Commit.LARGEST) {
      throw new StoreException("run " + key + " has ended and is too long to be written to again");
    }
    group.write(batch -> revived(head.get(), envelopes, batch));
  }

  private boolean revived(RunFile.Head head, List<Envelope> envelopes, Batch batch) {
    if (parts.contents().find(head.run()).isPresent()) {
      return false;
    }
    Slot.OfRun run = parts.contents().run(head.run());
    // its way into the archive counted, too
    run.revision = head.revision() + 1;
    run.token = head.token();
    run.sequence = head.sequence();
    run.index = head.index();
    // as it stands in its file
    batch.touchFiled(run);
    batch.changes.add(entries.moved(run, 1, envelopes, batch.bytes));
    return true;
  }

  private void move(Slot.OfRun run, long firstSequence, List<Envelope> envelopes, Batch batch) {
    batch.touch(run);
    batch.changes.add(entries.moved(run, firstSequence, envelopes, batch.bytes));
  }

  private static long size(List<Envelope> envelopes) {
    return envelopes.stream().mapToLong(e -> e.json().length + e.type().length() + OVERHEAD).sum();
  }

  // ------------------------------------------------------------------ old segments

  /**
   * Empty the oldest segments of which at most half is still needed, and delete them.
   *
   * @return how many were deleted
   */
  int clean(BooleanSupplier goOn) throws IOException {
    long last = Log.segment(parts.view().state().tail().end());
    long first = parts.log().first();
    long needed = first;
    while (needed < last && goOn.getAsBoolean() && empty(needed)) {
      needed++;
    }
    return needed == first ? 0 : dropBefore(needed);
  }

  /** Write once more what is needed of a segment, unless that is more than half of it. */
  private boolean empty(long segment) throws IOException {
    long end = Log.start(segment + 1);
    View.State state = parts.view().state();
    List<View.OfRun> runs = state.runsBefore(end).toList();
    List<View.OfRecord> records = state.recordsBefore(end).toList();
    long bytes = parts.log().find(segment).map(Upkeep::length).orElse(0L);
    if (neededOf(runs, records, end) > bytes / 2) {
      return false;
    }
    for (View.OfRun run : runs) {
      moveBefore(run, end);
    }
    for (int from = 0; from < records.size(); from += PAGE) {
      List<View.OfRecord> page = records.subList(from, Math.min(records.size(), from + PAGE));
      group.write(batch -> page.stream().filter(record -> moved(record, batch)).count());
    }
    return true;
  }

  private static long length(Segment segment) {
    return segment.path().toFile().length();
  }

  /** {@return roughly how long what is needed of a segment is} */
  private long neededOf(List<View.OfRun> runs, List<View.OfRecord> records, long end)
      throws IOException {
    long bytes = 0;
    for (View.OfRun run : runs) {
      bytes += OVERHEAD + events.length(run.positionsBefore(end));
    }
    for (View.OfRecord record : records) {
      bytes += OVERHEAD + (record.json == null ? 0 : record.json.length);
    }
    return bytes;
  }

  /** Write a run once more, as far as it lies before this position, in pieces. */
  private void moveBefore(View.OfRun run, long end) throws IOException {
    boolean moved = false;
    for (int from = 0; from < run.count; ) {
      int to = from;
      while (to < run.count && to - from < PAGE && run.positions[to] < end) {
        to++;
      }
      if (to > from) {
        movePieces(run.key, from + 1, events.read(Arrays.copyOfRange(run.positions, from, to), 1));
        moved = true;
      }
      from = Math.max(to, from + 1);
    }
    if (!moved) {
      movePiece(run.key, 1, List.of());
    }
  }

  private void movePieces(RunKey key, long first, List<StoredEvent> found) {
    List<Envelope> piece = new ArrayList<>();
    long from = first;
    for (StoredEvent event : found) {
      piece.add(event.envelope());
      if (size(piece) > GroupCommit.ROOMY) {
        movePiece(key, from, piece);
        from += piece.size();
        piece = new ArrayList<>();
      }
    }
    movePiece(key, from, piece);
  }

  private void movePiece(RunKey key, long first, List<Envelope> piece) {
    group.write(
        batch -> {
          Optional<Slot.OfRun> run = parts.contents().find(key);
          run.ifPresent(slot -> move(slot, first, piece, batch));
          return run.isPresent();
        });
  }

  private boolean moved(View.OfRecord record, Batch batch) {
    Slot.OfRecord slot = parts.contents().record(record.key);
    boolean latest = slot.revision == record.version;
    if (latest) {
      batch.touch(slot);
      batch.changes.add(entries.moved(record, batch.bytes));
    }
    return latest;
  }

  private int dropBefore(long segment) throws IOException {
    long token = group.reading(() -> parts.contents().leases.lastToken());
    long firstBatch = parts.log().require(segment).firstBatch().orElse(0);
    if (firstBatch == 0) {
      return 0;
    }
    listFiles();
    new LogBase(segment, firstBatch, token, true).write(parts.log().directory());
    int dropped = 0;
    for (long number = parts.log().first(); number < segment; number++) {
      parts.log().delete(number);
      dropped++;
    }
    return dropped;
  }

  /** Write down which runs lie in files, because the entries that say so are about to go. */
  private void listFiles() throws IOException {
    Path directory = parts.log().directory();
    View.State state = parts.view().state();
    List<RunKey> named = new ArrayList<>(parts.archive().runs());
    RunFileList.read(directory, 0).ifPresent(list -> named.addAll(list.names().values()));
    RunFileList.write(directory, state.tail().number(), state.files(), named);
  }

  // ------------------------------------------------------------------ the snapshot

  /** Write down what the log amounts to now. */
  void snapshot() throws IOException {
    View.State state = parts.view().state();
    if (state.tail().lastBatch() < state.tail().end()) {
      long token = group.reading(() -> parts.contents().leases.lastToken());
      new Snapshot(state, token).write(parts.log().directory());
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(FileStore.class);
  }
}
