package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class GroupCommitTest {

  /** What cannot even be named, as when memory has run out. */
  private static final class Unspeakable extends IOException {

    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new OutOfMemoryError("no memory for words");
    }
  }

  @Test
  void everybodyHearsOfAFailureThatThereIsNoMemoryToDescribe() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch fail = new CountDownLatch(1);
    GroupCommit group =
        new GroupCommit(
            batch -> {
              writing.countDown();
              awaitQuietly(fail);
              throw new Unspeakable();
            });
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> leader = threads.submit(writer(group, new CountDownLatch(1)));
      writing.await();
      CountDownLatch filled = new CountDownLatch(1);
      Future<?> follower = threads.submit(writer(group, filled));
      filled.await();
      fail.countDown();

      assertThatThrownBy(() -> leader.get(120, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      assertThatThrownBy(() -> follower.get(120, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
      assertThatThrownBy(group::requireWritable)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("memory has run out");
      assertThat(group.drain(new StoreException("closed"))).isFalse();
    } finally {
      threads.shutdownNow();
    }
  }

  private static Callable<Integer> writer(GroupCommit group, CountDownLatch filled) {
    return () ->
        group.write(
            batch -> {
              batch.bytes.u8(1);
              filled.countDown();
              return 1;
            });
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
