package dev.maestro.hosted;

import dev.maestro.run.RunListener;
import dev.maestro.run.RunRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Lets calls wait until something has happened that may change their answer. */
final class Changes implements RunListener {

  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // guarded by lock
  private long count;

  @Override
  public void on(RunRecord entry) {
    lock.lock();
    try {
      count++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@return the first answer to a question that is asked again after each change; empty in the
   * end}
   */
  <T> Optional<T> await(Supplier<Optional<T>> question, Duration patience)
      throws InterruptedException {
    long left = patience.toNanos();
    while (true) {
      long seen = count();
      Optional<T> answer = question.get();
      if (answer.isPresent() || left <= 0) {
        return answer;
      }
      left = waitBeyond(seen, left);
    }
  }

  private long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Wait for a further change; {@return how many nanoseconds are left after that} */
  private long waitBeyond(long seen, long nanos) throws InterruptedException {
    long left = nanos;
    lock.lockInterruptibly();
    try {
      while (count == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    return left;
  }
}
