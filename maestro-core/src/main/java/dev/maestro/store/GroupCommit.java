package dev.maestro.store;

import dev.maestro.process.Threads;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets all threads that want something written share one force of the disk.
 *
 * <p>Writers queue what they have in the batch that is being filled. Where nobody leads, the writer
 * becomes the leader: it closes the batch, writes and forces it while others fill the next one,
 * shows it to readers, and hands over to the first who waits for the next batch. Nothing is locked
 * while the disk works.
 *
 * <pre>
 *   fill (locked) ──► write, force (leader alone) ──► publish ──► elect next leader ──► wake the rest
 * </pre>
 */
final class GroupCommit {

  /** Writers wait before they make a batch longer than this. */
  static final int ROOMY = 4 * 1024 * 1024;

  private static final int SMALL = 64 * 1024;

  /** Brings a batch to the disk and then before the readers' eyes. */
  interface Sink {
    /** Return when the batch is durable and visible. */
    void write(Batch batch) throws IOException;
  }

  private final Sink sink;
  // made beforehand: when memory runs out, there may be none to say so
  private final StoreException noMemory =
      new StoreException(
          "memory has run out while writing; nothing is written until the store is opened again");
  private final ReentrantLock lock = new ReentrantLock();
  // signalled when a batch has been closed or the last leader has gone
  private final Condition moved = lock.newCondition();
  // guarded by lock, as all that follow
  private Batch filling = new Batch(new Bytes(SMALL));
  private @Nullable Batch writing;
  private @Nullable Bytes spare = new Bytes(SMALL);
  private @Nullable Thread leader;
  private @Nullable StoreException refusal;
  private @Nullable Throwable failure;

  GroupCommit(Sink sink) {
    this.sink = sink;
  }

  /** Refuse every later write for this reason; an earlier reason stays. */
  void refuse(StoreException reason) {
    lock.lock();
    try {
      refusal = refusal == null ? reason : refusal;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Throw when writes are refused. */
  void requireWritable() {
    lock.lock();
    try {
      if (refusal != null) {
        throw new StoreException(String.valueOf(refusal.getMessage()), refusal);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Look at what is guarded by the lock. */
  <T extends @Nullable Object> T reading(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** {@return whether writes are refused} */
  boolean isRefusing() {
    return reading(() -> refusal != null);
  }

  /**
   * Refuse later writes and return when no batch is under way.
   *
   * @return whether none ever failed
   */
  boolean drain(StoreException reason) {
    Batch noted;
    lock.lock();
    try {
      refuse(reason);
      while (leader != null) {
        moved.awaitUninterruptibly();
      }
      if (failure != null || filling.isEmpty()) {
        return failure == null;
      }
      leader = Thread.currentThread();
      noted = filling;
    } finally {
      lock.unlock();
    }
    lead(noted);
    return noted.failure() == null;
  }

  /**
   * Fill in something and return when it, and whatever was filled in before, is durable.
   *
   * @param filler runs under the lock; when it throws, nobody knows what it has changed, and the
   *     store is poisoned
   * @return what the filler returned
   */
  <T> T write(Function<Batch, T> filler) {
    Batch batch;
    T result;
    boolean leading = false;
    lock.lock();
    try {
      awaitRoom();
      result = fill(filler);
      // Even a refusal may rest on what is not durable yet.
      batch = filling.isEmpty() ? writing : filling;
      if (batch == null) {
        return result;
      }
      leading = leader == null;
      if (leading) {
        leader = Thread.currentThread();
      } else {
        batch.addWaiting(Thread.currentThread());
      }
    } finally {
      lock.unlock();
    }
    if (leading || batch.awaitDoneOrLead()) {
      lead(batch);
    }
    Throwable cause = batch.failure();
    if (cause != null) {
      throw describe(cause);
    }
    return result;
  }

  /**
   * Fill in something that need not be durable when this returns: the next batch, or closing, takes
   * it along.
   *
   * @param filler as for {@link #write}
   * @return what the filler returned
   */
  <T> T note(Function<Batch, T> filler) {
    lock.lock();
    try {
      if (filling.bytes.length() < SMALL) {
        requireWritable();
        return fill(filler);
      }
    } finally {
      lock.unlock();
    }
    return write(filler);
  }

  private <T> T fill(Function<Batch, T> filler) {
    try {
      return filler.apply(filling);
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
  }

  /** From here on nothing is filled in any more, and what was is never written. */
  private void fail(Throwable cause) {
    failure = failure == null ? cause : failure;
    refuse(refusalFor(cause));
  }

  private StoreException refusalFor(Throwable cause) {
    try {
      return describe(cause);
    } catch (OutOfMemoryError e) {
      return noMemory;
    }
  }

  private void awaitRoom() {
    requireWritable();
    while (filling.bytes.length() > ROOMY) {
      moved.awaitUninterruptibly();
      requireWritable();
    }
  }

  private void lead(Batch batch) {
    Throwable cause;
    try {
      cause = close(batch);
      if (cause == null) {
        sink.write(batch);
      }
    } catch (IOException | RuntimeException | Error e) {
      cause = e;
    }
    handOver(batch, cause);
  }

  private @Nullable Throwable close(Batch batch) {
    lock.lock();
    try {
      writing = batch;
      filling = new Batch(spare == null ? new Bytes(SMALL) : spare);
      spare = null;
      moved.signalAll();
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no memory: a leader that does not hand over would be waited for without end. */
  private void handOver(Batch batch, @Nullable Throwable cause) {
    Batch doomed = null;
    Thread next = null;
    Threads.lock(lock);
    try {
      writing = null;
      spare = batch.bytes.capacity() <= 2 * ROOMY ? batch.bytes : null;
      if (cause != null) {
        fail(cause);
      }
      if (failure == null) {
        next = filling.electLeader();
      } else {
        doomed = filling;
      }
      leader = next;
      moved.signalAll();
    } finally {
      lock.unlock();
    }
    // The next force starts before the rest wakes up.
    LockSupport.unpark(next);
    batch.finish(cause);
    if (doomed != null) {
      doomed.finish(failureNow());
    }
  }

  private @Nullable Throwable failureNow() {
    Threads.lock(lock);
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuse every later write because the disk failed.
   *
   * @return what to throw
   */
  StoreException poison(IOException cause) {
    lock.lock();
    try {
      fail(cause);
    } finally {
      lock.unlock();
    }
    return describe(cause);
  }

  private static StoreException describe(Throwable failure) {
    return failure instanceof StoreException e
        ? new StoreException(String.valueOf(e.getMessage()), e)
        : new StoreException(
            "the disk failed while writing ("
                + failure
                + "); what was not acknowledged may be lost; nothing is written until the store is"
                + " opened again",
            failure);
  }
}
