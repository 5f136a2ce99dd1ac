package dev.maestro.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a log from its first batch to its last and tells a torn tail from damage.
 *
 * <p>Where a batch cannot be read, the next one that can be is searched, in later segments too. If
 * any later batch says that the log was durable up to the unreadable one, that is damage, and the
 * walk goes on behind it. So it is when a segment says that the log goes on in another one that is
 * not there. Otherwise nobody was ever told that it is written, and the log ends there. Segments
 * that tell different stories of the same numbers are refused.
 */
final class LogScan {

  /** Is told what the walk comes by, in order. */
  interface Visitor {
    /** See a batch; the array is only lent, and the frame starts at {@code at}. */
    void batch(Frame frame, byte[] array, int at);

    void damage(Damage damage);
  }

  /**
   * Where the log ends.
   *
   * @param lastBatch the position of the last batch; {@code end} when there is none
   * @param end the position of the next batch
   * @param torn how many bytes lie there that are no batch
   * @param number the number of the next batch
   * @param previous the checksum of the last batch
   */
  record Tail(long lastBatch, long end, long torn, long number, int previous) {

    /** {@return the tail of a log in which nothing comes before this segment} */
    static Tail before(long segment, long firstBatch) {
      long start = Log.start(segment);
      return new Tail(start, start, 0, firstBatch, 0);
    }

    static Tail after(Frame frame) {
      return new Tail(frame.position(), frame.end(), 0, frame.number() + 1, frame.checksum());
    }

    Tail withTorn(long bytes) {
      return new Tail(lastBatch, end, bytes, number, previous);
    }

    /**
     * {@return this tail when the batches up to this number are lost, and their place with them}
     */
    Tail behindLoss(long lastLost, long segment) {
      return new Tail(Log.start(segment), Log.start(segment), 0, lastLost + 1, 0);
    }
  }

  private final Log log;
  private final Visitor visitor;
  private @Nullable LogWindow window;
  // of the segment that the window is on
  private long windowed;

  LogScan(Log log, Visitor visitor) {
    this.log = log;
    this.visitor = visitor;
  }

  /** Walk from here to the end. */
  Tail run(Tail from) throws IOException {
    Tail tail = from;
    for (Frame frame = next(tail); frame != null; frame = next(tail)) {
      LogWindow on = window(Log.segment(frame.position()));
      visitor.batch(frame, on.array(), on.at(Log.offset(frame.position()), frame.length()));
      tail = Tail.after(frame);
    }
    if (log.find(Log.segment(tail.end())).isEmpty()) {
      return lostSegment(tail);
    }
    return tail.withTorn(torn(tail));
  }

  /** {@return the batch at this position, if it is there, intact and has this number} */
  Optional<Frame> batchAt(long position, long number) throws IOException {
    Frame frame = log.find(Log.segment(position)).isEmpty() ? null : intactFrame(position);
    return frame == null || frame.number() != number ? Optional.empty() : Optional.of(frame);
  }

  /** The last batch says that there was another segment, and nobody knows what was in it. */
  private Tail lostSegment(Tail here) {
    long lost = Log.segment(here.end());
    visitor.damage(new Damage(log.path(lost), 0, 0, here.number(), here.number()));
    return here.behindLoss(here.number(), lost + 1);
  }

  private long torn(Tail tail) throws IOException {
    long segment = Log.segment(tail.end());
    long from = Log.offset(tail.end());
    long torn = window(segment).endOfContent(from) - from;
    for (Optional<Segment> later = log.next(segment + 1);
        later.isPresent();
        later = log.next(later.get().number() + 1)) {
      torn += window(later.get().number()).endOfContent(Segment.HEADER) - Segment.HEADER;
    }
    return torn;
  }

  /** {@return the batch to go on with, or null where the log ends} */
  private @Nullable Frame next(Tail here) throws IOException {
    Frame frame = successor(here);
    if (frame != null) {
      return frame;
    }
    requireNoOther(here);
    Frame later = search(here.end(), here.number());
    if (later == null || !provesDurable(here.number(), later)) {
      return null;
    }
    // Another process may have written the missing batch after it was looked at.
    forget();
    frame = successor(here);
    if (frame == null) {
      lost(here, later).forEach(visitor::damage);
      frame = later;
    }
    return frame;
  }

  private @Nullable Frame successor(Tail here) throws IOException {
    Frame frame = batchAt(here.end(), here.number()).orElse(null);
    // What came before the first batch that is there is not known.
    boolean follows =
        frame != null && (here.lastBatch() == here.end() || frame.previous() == here.previous());
    return follows ? frame : null;
  }

  /**
   * Throw when a later segment holds batches of numbers that were seen already.
   *
   * <p>No crash leaves that. A file of the log was put back, after the store had gone on without
   * it, and what was written since would pass for a torn end.
   */
  private void requireNoOther(Tail here) throws IOException {
    Frame other = search(Log.start(Log.segment(here.end()) + 1), 0);
    if (other != null && other.number() < here.number()) {
      long segment = Log.segment(other.position());
      throw new StoreException(
          log.path(segment)
              + " does not go on where the file before it ends: batch "
              + other.number()
              + " stands in both. A file of the log was put back after the store had gone on without"
              + " it. Take it away again, or, with what was written since, "
              + log.path(segment)
              + " and all behind it");
    }
  }

  private boolean provesDurable(long number, Frame from) throws IOException {
    Frame frame = from;
    while (frame != null && frame.watermark() < number) {
      frame = search(frame.end(), number);
    }
    return frame != null;
  }

  private @Nullable Frame search(long from, long leastNumber) throws IOException {
    long position = from;
    for (Optional<Segment> segment = log.next(Log.segment(from));
        segment.isPresent();
        segment = log.next(segment.get().number() + 1)) {
      long number = segment.get().number();
      position = Math.max(position, Log.start(number));
      Frame frame = searchSegment(position, leastNumber);
      if (frame != null) {
        return frame;
      }
    }
    return null;
  }

  private @Nullable Frame searchSegment(long from, long leastNumber) throws IOException {
    long segment = Log.segment(from);
    long offset = window(segment).find(Frame.MAGIC, Log.offset(from));
    while (offset >= 0) {
      Frame frame = intactFrame(Log.position(segment, offset));
      if (frame != null && frame.number() >= leastNumber) {
        return frame;
      }
      offset = window(segment).find(Frame.MAGIC, offset + Frame.ALIGNMENT);
    }
    return null;
  }

  private @Nullable Frame intactFrame(long position) throws IOException {
    LogWindow on = window(Log.segment(position));
    long offset = Log.offset(position);
    int head = on.at(offset, Frame.HEADER);
    int length = head < 0 ? 0 : Frame.claimedLength(on.array(), head);
    int at = length == 0 ? -1 : on.at(offset, length);
    if (at < 0 || !Frame.isIntact(on.array(), at, length)) {
      return null;
    }
    return Frame.read(on.array(), at, position);
  }

  private LogWindow window(long segment) throws IOException {
    if (window == null || windowed != segment) {
      window = new LogWindow(log.require(segment).file());
      windowed = segment;
    }
    return window;
  }

  private void forget() {
    if (window != null) {
      window.forget();
    }
  }

  // ------------------------------------------------------------------ places

  /** {@return what lies between two batches, by file} */
  private List<Damage> lost(Tail here, Frame later) throws IOException {
    List<Damage> places = new ArrayList<>();
    long last = Log.segment(later.position());
    long batch = here.number();
    for (long segment = Log.segment(here.end()); segment <= last; segment++) {
      OptionalLong next = segment == last ? OptionalLong.of(later.number()) : firstOf(segment + 1);
      if (next.isPresent() && next.getAsLong() > batch) {
        long from = segment == Log.segment(here.end()) ? Log.offset(here.end()) : Segment.HEADER;
        long to = segment == last ? Log.offset(later.position()) : length(segment);
        long lastLost = Math.min(next.getAsLong(), later.number()) - 1;
        places.add(new Damage(log.path(segment), from, Math.max(0, to - from), batch, lastLost));
        batch = lastLost + 1;
      }
    }
    return places;
  }

  private OptionalLong firstOf(long segment) throws IOException {
    Optional<Segment> found = log.find(segment);
    return found.isPresent() ? found.get().firstBatch() : OptionalLong.empty();
  }

  private long length(long segment) throws IOException {
    Optional<Segment> found = log.find(segment);
    return found.isPresent() ? found.get().file().size() : 0;
  }
}
