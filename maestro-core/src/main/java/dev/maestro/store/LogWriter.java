package dev.maestro.store;

import java.io.IOException;

/**
 * Appends batches to the log and shows them to readers; used by the one leader of the moment.
 *
 * @see GroupCommit
 */
final class LogWriter implements GroupCommit.Sink {

  private final Segment segment;
  private final View view;
  private final Trail trail;
  private final int salt;
  private final EntryWriter entries = new EntryWriter();
  private LogScan.Tail tail;
  private boolean hasWritten;

  LogWriter(Segment segment, View view, Trail trail, LogScan.Tail tail, int salt) {
    this.segment = segment;
    this.view = view;
    this.trail = trail;
    this.tail = tail;
    this.salt = salt;
  }

  @Override
  public void write(Batch batch) throws IOException {
    batch.mark(trail);
    Frame frame = append(batch.bytes, trail.isDue(batch.bytes.length()));
    view.publish(batch.changes, frame.position());
  }

  /** Write a last batch, which proves that everything before it was durable. */
  void finish() throws IOException {
    if (hasWritten) {
      append(new Bytes(Frame.HEADER).zeros(Frame.HEADER), true);
    }
  }

  private Frame append(Bytes bytes, boolean withTrail) throws IOException {
    if (withTrail) {
      entries.trail(trail.since(), trail.revisions(), bytes);
      trail.written();
    }
    Frame frame = Frame.seal(bytes, tail.end(), tail.number(), tail.previous(), salt);
    segment.append(bytes, frame.position());
    hasWritten = true;
    trail.endBatch(frame.number(), frame.length());
    tail = LogScan.Tail.after(frame);
    return frame;
  }
}
