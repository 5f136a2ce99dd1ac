package dev.maestro.store;

import java.io.IOException;
import java.util.Optional;

/**
 * Finds out what a log amounts to: from its snapshot and what comes after it, or, where there is
 * none that fits, from its beginning. Both end in the same.
 */
final class LogOpening {

  private final Log log;
  private final LogBase base;
  private final Optional<Snapshot> snapshot;

  /**
   * What the log amounts to.
   *
   * @param base where it begins
   * @param replay everything in it
   * @param tail where it ends
   */
  record Found(LogBase base, Replay replay, LogScan.Tail tail) {}

  private LogOpening(Log log, LogBase base, Optional<Snapshot> snapshot) {
    this.log = log;
    this.base = base;
    this.snapshot = snapshot;
  }

  static Found open(Log log) throws IOException {
    LogBase base = LogBase.read(log.directory()).orElse(LogBase.FIRST);
    return new LogOpening(log, base, Snapshot.read(log.directory())).open();
  }

  /** Read the whole log, whether there is a snapshot or not. */
  static Found openAll(Log log) throws IOException {
    LogBase base = LogBase.read(log.directory()).orElse(LogBase.FIRST);
    return new LogOpening(log, base, Snapshot.read(log.directory())).fromBeginning();
  }

  private Found open() throws IOException {
    if (snapshot.isPresent() && isWhole()) {
      Optional<Found> found = from(snapshot.get());
      if (found.isPresent()) {
        return found.get();
      }
    }
    return fromBeginning();
  }

  /** {@return whether no segment is missing; what is in them, nobody has looked at yet} */
  private boolean isWhole() throws IOException {
    boolean whole = log.last() >= base.segment();
    for (long segment = base.segment(); segment <= log.last() && whole; segment++) {
      whole = log.find(segment).isPresent();
    }
    return whole;
  }

  private Optional<Found> from(Snapshot known) throws IOException {
    LogScan.Tail tail = known.state().tail();
    Replay replay = new Replay(known);
    LogScan scan = new LogScan(log, replay);
    boolean fits =
        Log.segment(tail.lastBatch()) >= base.segment()
            && scan.batchAt(tail.lastBatch(), tail.number() - 1)
                .filter(batch -> batch.checksum() == tail.previous())
                .isPresent();
    if (!fits) {
      return Optional.empty();
    }
    noteHeaders(replay, Log.segment(tail.end()));
    return Optional.of(new Found(base, replay, scan.run(tail)));
  }

  private Found fromBeginning() throws IOException {
    Optional<RunFileList> list =
        base.listed() ? RunFileList.read(log.directory(), base.batch()) : Optional.empty();
    boolean complete = base.isFirst() || list.isPresent();
    Replay replay = new Replay(base, list.map(RunFileList::files).orElse(new RunFiles(complete)));
    if (base.listed() && list.isEmpty()) {
      replay.lostList(new Damage(RunFileList.path(log.directory()), 0, 0, 1, base.batch() - 1));
    }
    long first = base.segment();
    if (log.next(first).isEmpty()) {
      throw new StoreException(log.path(first) + " is missing; restore the store from a copy");
    }
    long there = log.next(first).get().number();
    if (there > first) {
      long last = Math.max(base.batch(), firstBatch(there) - 1);
      replay.damage(new Damage(log.path(first), 0, 0, base.batch(), last));
    }
    boolean intact = noteHeaders(replay, there);
    LogScan.Tail start = LogScan.Tail.before(there, firstBatch(there));
    LogScan.Tail tail = new LogScan(log, replay).run(start);
    if (!intact && tail.number() == start.number()) {
      throw new StoreException(
          log.path(there) + " is no log of Maestro; restore the store from a copy");
    }
    return new Found(base, replay, proved(replay, tail));
  }

  /** A snapshot of later batches than there are proves that some are lost. */
  private LogScan.Tail proved(Replay replay, LogScan.Tail tail) {
    if (snapshot.isEmpty() || snapshot.get().state().tail().number() <= tail.number()) {
      return tail;
    }
    long last = snapshot.get().state().tail().number() - 1;
    Damage lost =
        new Damage(
            log.path(Log.segment(tail.end())),
            Log.offset(tail.end()),
            tail.torn(),
            tail.number(),
            last);
    replay.compare(snapshot.get(), lost);
    return tail.behindLoss(last, Math.max(log.last(), Log.segment(tail.end())) + 1);
  }

  private boolean noteHeaders(Replay replay, long from) throws IOException {
    boolean intact = true;
    for (long number = from; number <= log.last(); number++) {
      Optional<Segment> segment = log.find(number);
      if (segment.isPresent() && segment.get().firstBatch().isEmpty()) {
        replay.damage(new Damage(segment.get().path(), 0, Segment.HEADER, 0, 0));
        intact = false;
      }
    }
    return intact;
  }

  private long firstBatch(long segment) throws IOException {
    return log.require(segment).firstBatch().orElse(base.batch());
  }
}
