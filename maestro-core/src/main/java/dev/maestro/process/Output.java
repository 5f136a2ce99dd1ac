package dev.maestro.process;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Both outputs of a child process, on their way to its listener. */
final class Output {

  private static final int BUFFER = 16 << 10;
  private static final Duration STUCK_AFTER = Duration.ofSeconds(1);
  private static final Duration ONE_STEP = Duration.ofMillis(200);
  private static final Duration LISTENER_PATIENCE = Duration.ofSeconds(5);

  private final Process process;
  private final Activity activity;
  private final Runnable onFailure;
  private final Lines lines;
  private final Lines errorLines;
  private final Tail errorTail;
  private final CountDownLatch open = new CountDownLatch(2);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final ReentrantLock listening = new ReentrantLock();
  private final List<Thread> readers;
  private volatile boolean muted;

  Output(
      Process process,
      ProcessLimits limits,
      ProcessListener listener,
      Activity activity,
      Runnable onFailure) {
    this.process = process;
    this.activity = activity;
    this.onFailure = onFailure;
    lines = new Lines(limits.lineBytes(), line -> tell(listener::line, line));
    errorLines = new Lines(limits.lineBytes(), line -> tell(listener::errorLine, line));
    errorTail = new Tail(limits.errorTailBytes());
    String name = "maestro-process-" + process.pid();
    readers =
        List.of(
            Threads.platform(name + "-out", () -> read(process.getInputStream(), lines, null)),
            Threads.platform(
                name + "-err", () -> read(process.getErrorStream(), errorLines, errorTail)));
  }

  void start() {
    readers.forEach(Thread::start);
  }

  /**
   * Wait until every line has been handed on.
   *
   * <p>It ends early when a second goes by without a sign of life from the output, which is then
   * held open by a process that nobody can identify, and once somebody is in a hurry. A machine on
   * which the readers stand still, too, uses up none of that second.
   */
  void drain(BooleanSupplier isHurried) throws InterruptedException {
    boolean moving = true;
    while (moving && !endsBefore(Deadline.in(STUCK_AFTER))) {
      moving = !isHurried.getAsBoolean() && activity.movedSinceLastAsked();
    }
  }

  private boolean endsBefore(Deadline deadline) throws InterruptedException {
    boolean ended = false;
    for (long piece = deadline.nanosToWait(); !ended && piece > 0; piece = deadline.nanosToWait()) {
      ended = open.await(piece, TimeUnit.NANOSECONDS);
    }
    return ended;
  }

  /**
   * Hand on nothing more and let the readers go.
   *
   * <p>A listener is interrupted as the last resort only: it may be writing to a file that an
   * interrupt would close.
   *
   * @param wakeReaders gets a reader out of a pipe that a process nobody can identify holds open
   * @return whether both have ended
   */
  boolean close(Runnable wakeReaders) {
    muted = true;
    // Once muted a reader ends at its next step: one that stays is in a listener or in the pipe.
    if (!Waiting.forAll(readers, ONE_STEP) && !activity.isReaderBusy()) {
      wakeReaders.run();
    }
    if (!Waiting.forAll(readers, LISTENER_PATIENCE)) {
      readers.forEach(Thread::interrupt);
    }
    boolean ended = Waiting.forAll(readers, Waiting.PATIENCE);
    Waiting.close(process.getInputStream());
    Waiting.close(process.getErrorStream());
    return ended;
  }

  /** {@return what the listener threw, or null} */
  @Nullable Throwable failure() {
    return failure.get();
  }

  String errorTail() {
    return errorTail.text();
  }

  long linesCut() {
    return lines.cuts() + errorLines.cuts();
  }

  private void read(InputStream stream, Lines target, @Nullable Tail tail) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int count = next(stream, buffer); count >= 0; count = next(stream, buffer)) {
        activity.readerLeaves();
        try {
          if (tail != null) {
            tail.append(buffer, count);
          }
          target.accept(buffer, count);
        } finally {
          activity.readerReturns(hasMore(stream));
        }
      }
      target.end();
    } catch (Throwable t) {
      // What a listener throws belongs to whoever runs the process, unless that has given it up.
      if (!muted) {
        failure.compareAndSet(null, t);
        onFailure.run();
      }
    } finally {
      open.countDown();
    }
  }

  private int next(InputStream stream, byte[] buffer) {
    try {
      return muted ? -1 : stream.read(buffer);
    } catch (IOException e) {
      return -1; // closed on our side: the end, too
    }
  }

  private static boolean hasMore(InputStream stream) {
    try {
      return stream.available() > 0;
    } catch (IOException e) {
      return false; // closed on our side: the end, too
    }
  }

  private void tell(Consumer<String> listener, String line) {
    listening.lock();
    try {
      if (!muted && failure.get() == null) {
        listener.accept(line);
      }
    } finally {
      listening.unlock();
    }
  }
}
