package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.process.Threads;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class CrewTest {

  private static final Duration LONG = Duration.ofMinutes(2);

  private final Crew crew = new Crew("crew-test");

  @AfterEach
  void shut() {
    crew.shut();
  }

  @Test
  void everythingIsBegunHoweverLongTheRestBlocks() throws Exception {
    int many = 50;
    CountDownLatch begun = new CountDownLatch(many);
    CountDownLatch done = new CountDownLatch(many);
    for (int i = 0; i < many; i++) {
      crew.add(
          () -> {
            begun.countDown();
            await(begun);
            done.countDown();
          });
    }

    crew.call();

    done.await();
  }

  @Test
  void whoeverAddsWorkWhileWorkingTakesItUpWithoutACall() throws Exception {
    Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());
    CountDownLatch done = new CountDownLatch(1);
    crew.add(() -> chain(1_000, threads, done));

    crew.call();

    done.await();
    assertThat(threads).hasSize(1);
  }

  private void chain(int left, Set<Thread> threads, CountDownLatch done) {
    threads.add(Thread.currentThread());
    if (left == 0) {
      done.countDown();
    } else {
      crew.add(() -> chain(left - 1, threads, done));
    }
  }

  @Test
  void aThreadThatWaitsIsCalledAgain() throws Exception {
    for (int i = 0; i < 100; i++) {
      CountDownLatch done = new CountDownLatch(1);
      crew.add(done::countDown);
      crew.call();
      done.await();
    }
  }

  @Test
  void anInterruptThatWorkLeavesBehindDisturbsNobody() throws Exception {
    CountDownLatch done = new CountDownLatch(2);
    crew.add(
        () -> {
          Thread.currentThread().interrupt();
          done.countDown();
        });
    crew.call();
    crew.add(done::countDown);
    crew.call();

    done.await();
  }

  @Test
  void whatIsQueuedIsDoneBeforeItsThreadsEnd() throws Exception {
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      crew.add(done::countDown);
    }
    crew.call();

    crew.shut();

    assertThat(crew.awaitEnd(LONG)).isTrue();
    assertThat(done.getCount()).isZero();
    assertThatThrownBy(() -> crew.add(done::countDown))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void interruptingItEndsWhatBlocks() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    crew.add(
        () -> {
          begun.countDown();
          await(never);
        });
    crew.call();
    begun.await();

    crew.shut();
    crew.interrupt();

    assertThat(crew.awaitEnd(LONG)).isTrue();
  }

  @Test
  void whatIsQueuedWaitsForTheNextCallWhereNoThreadIsToBeHad() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    Crew poor = new Crew(refusing(Integer.MAX_VALUE, refused));
    poor.add(() -> {});

    assertThatThrownBy(poor::call).isInstanceOf(OutOfMemoryError.class);

    assertThat(refused.get()).isBetween(2, 1_000);
  }

  @Test
  void aThreadThatIsToBeHadALittleLaterComes() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    Crew poor = new Crew(refusing(3, refused));
    CountDownLatch done = new CountDownLatch(1);
    poor.add(done::countDown);

    poor.call();

    done.await();
    assertThat(refused).hasValue(3);
    poor.shut();
    assertThat(poor.awaitEnd(LONG)).isTrue();
  }

  private static ThreadFactory refusing(int times, AtomicInteger refused) {
    ThreadFactory threads = Threads.factory("poor");
    return work -> {
      if (refused.get() < times) {
        refused.incrementAndGet();
        throw new OutOfMemoryError("unable to create native thread");
      }
      return threads.newThread(work);
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
