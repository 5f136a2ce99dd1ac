package dev.maestro.store;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Walks through a log from its first batch to its last and tells a torn tail from damage.
 *
 * <p>Where a batch cannot be read, the next one that can be is searched. If any later batch says
 * that the log was durable up to the unreadable one, that is damage, and the walk goes on behind
 * it. Otherwise nobody was ever told that it is written, and the log ends there.
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
   * @param end the position behind the last batch
   * @param endOfContent the position behind the last byte that is not zero; later than {@code end}
   *     when the tail is torn
   * @param number the number of the next batch
   * @param previous the checksum of the last batch
   */
  record Tail(long lastBatch, long end, long endOfContent, long number, int previous) {

    static Tail ofEmptyLog() {
      return new Tail(Segment.HEADER, Segment.HEADER, Segment.HEADER, 1, 0);
    }

    static Tail after(Frame frame) {
      return new Tail(
          frame.position(), frame.end(), frame.end(), frame.number() + 1, frame.checksum());
    }

    Tail withContentTo(long position) {
      return new Tail(lastBatch, end, position, number, previous);
    }
  }

  private final Path path;
  private final LogWindow window;
  private final Visitor visitor;

  LogScan(Path path, LogFile file, Visitor visitor) throws IOException {
    this.path = path;
    this.window = new LogWindow(file);
    this.visitor = visitor;
  }

  Tail run() throws IOException {
    Tail tail = Tail.ofEmptyLog();
    for (Frame frame = next(tail); frame != null; frame = next(tail)) {
      visitor.batch(frame, window.array(), window.at(frame.position(), frame.length()));
      tail = Tail.after(frame);
    }
    return tail.withContentTo(window.endOfContent(tail.end()));
  }

  /** {@return the batch to go on with, or null where the log ends} */
  private @Nullable Frame next(Tail here) throws IOException {
    Frame frame = successor(here);
    if (frame != null) {
      return frame;
    }
    Frame later = search(here.end(), here.number());
    if (later == null || !provesDurable(here.number(), later)) {
      return null;
    }
    // Another process may have written the missing batch after it was looked at.
    window.forget();
    frame = successor(here);
    if (frame == null) {
      long length = later.position() - here.end();
      visitor.damage(new Damage(path, here.end(), length, here.number(), later.number() - 1));
      frame = later;
    }
    return frame;
  }

  private @Nullable Frame successor(Tail here) throws IOException {
    Frame frame = intactFrame(here.end());
    boolean follows =
        frame != null && frame.number() == here.number() && frame.previous() == here.previous();
    return follows ? frame : null;
  }

  private boolean provesDurable(long number, Frame from) throws IOException {
    Frame frame = from;
    while (frame != null && frame.watermark() < number) {
      frame = search(frame.end(), number);
    }
    return frame != null;
  }

  private @Nullable Frame search(long from, long leastNumber) throws IOException {
    long position = window.find(Frame.MAGIC, from);
    while (position >= 0) {
      Frame frame = intactFrame(position);
      if (frame != null && frame.number() >= leastNumber) {
        return frame;
      }
      position = window.find(Frame.MAGIC, position + Frame.ALIGNMENT);
    }
    return null;
  }

  private @Nullable Frame intactFrame(long position) throws IOException {
    int head = window.at(position, Frame.HEADER);
    int length = head < 0 ? 0 : Frame.claimedLength(window.array(), head);
    int at = length == 0 ? -1 : window.at(position, length);
    if (at < 0 || !Frame.isIntact(window.array(), at, length)) {
      return null;
    }
    return Frame.read(window.array(), at, position);
  }
}
