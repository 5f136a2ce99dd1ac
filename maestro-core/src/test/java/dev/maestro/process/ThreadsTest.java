package dev.maestro.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

/** Threads have names, are virtual where they can be, and keep no JVM alive. */
class ThreadsTest {

  @Test
  void areVirtualFromJava21On() {
    assertThat(Threads.areVirtual()).isEqualTo(Runtime.version().feature() >= 21);
  }

  @Test
  void carryTheirNameAndKeepNoJvmAlive() {
    CompletableFuture<Thread> seen = new CompletableFuture<>();

    Thread started = Threads.start("maestro-test", () -> seen.complete(Thread.currentThread()));

    assertThat(Recorder.get(seen)).isSameAs(started);
    assertThat(started.getName()).isEqualTo("maestro-test");
    assertThat(started.isDaemon()).isTrue();
  }

  @Test
  void aFactoryCountsItsThreads() {
    ThreadFactory factory = Threads.factory("maestro-role");

    assertThat(factory.newThread(() -> {}).getName()).isEqualTo("maestro-role-1");
    assertThat(factory.newThread(() -> {}).getName()).isEqualTo("maestro-role-2");
  }
}
