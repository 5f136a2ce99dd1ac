package dev.maestro.store;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Appends batches to the log and shows them to readers; used by the one leader of the moment.
 *
 * @see GroupCommit
 */
final class LogWriter implements GroupCommit.Sink {

  private final Log log;
  private final View view;
  private final Trail trail;
  private final int salt;
  private final EntryWriter entries = new EntryWriter();
  private LogScan.Tail tail;
  private boolean hasWritten;
  private Runnable onRoll = () -> {};
  // since the last snapshot
  private volatile long growth;

  LogWriter(Log log, View view, Trail trail, LogScan.Tail tail, long growth) {
    this.growth = growth;
    this.log = log;
    this.view = view;
    this.trail = trail;
    this.tail = tail;
    this.salt = ThreadLocalRandom.current().nextInt();
  }

  @Override
  public void write(Batch batch) throws IOException {
    if (log.isFull(tail.end(), batch.bytes.length())) {
      roll();
    }
    batch.mark(trail);
    Frame frame = append(batch.bytes, trail.isDue(batch.bytes.length()), false);
    view.publish(batch.changes, frame.position(), tail);
  }

  /** Write a last batch, which proves that everything before it was durable. */
  void finish() throws IOException {
    if (hasWritten) {
      Frame frame = append(empty(), true, false);
      view.publish(List.of(), frame.position(), tail);
    }
  }

  /**
   * Go on in the next segment.
   *
   * <p>It is there before the last batch of this one says so. Who finds that batch and no next
   * segment knows that it is lost.
   */
  private void roll() throws IOException {
    log.begin(Log.segment(tail.end()) + 1, tail.number() + 1);
    append(empty(), true, true);
    onRoll.run();
  }

  /** Have something begun, elsewhere, whenever a segment is full. */
  void onRoll(Runnable work) {
    onRoll = work;
  }

  /** {@return what the log has grown by since the last snapshot} */
  long growth() {
    return growth;
  }

  /** Note that there is a new snapshot. */
  void hasSnapshot() {
    growth = 0;
  }

  private static Bytes empty() {
    return new Bytes(Frame.HEADER).zeros(Frame.HEADER);
  }

  private Frame append(Bytes bytes, boolean withTrail, boolean isLast) throws IOException {
    entries.trail(withTrail ? trail.all() : trail.near(), bytes);
    if (withTrail) {
      trail.written();
    }
    Frame frame = Frame.seal(bytes, tail, salt, isLast);
    log.append(bytes, frame.position());
    hasWritten = true;
    growth = growth + frame.length();
    trail.endBatch(frame.number(), frame.length());
    tail = LogScan.Tail.after(frame);
    return frame;
  }
}
