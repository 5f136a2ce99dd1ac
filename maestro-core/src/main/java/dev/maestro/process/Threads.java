package dev.maestro.process;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * Threads for blocking work: virtual ones where this JVM has them, daemon ones otherwise.
 *
 * <p>Java 17 is the floor, so virtual threads are found by reflection, once. They suit whatever
 * waits for locks, queues, sockets and other processes' exits. They do not suit reading a child
 * process: a read of a pipe keeps its carrier, and where the JVM makes up for that by adding
 * carriers it stops at 256. The readers of {@link ProcessRunner} are therefore platform threads
 * everywhere.
 */
public final class Threads {

  private static final @Nullable VirtualThreads VIRTUAL = VirtualThreads.find();

  private Threads() {}

  /** {@return whether this JVM offers virtual threads} */
  public static boolean areVirtual() {
    return VIRTUAL != null;
  }

  /** Start a thread of this name; it never keeps the JVM alive. */
  public static Thread start(String name, Runnable work) {
    Thread thread = unstarted(name, work);
    thread.start();
    return thread;
  }

  /**
   * Take a lock even where memory has run out: lining up for one takes some, and taking one that is
   * free takes none. So it lasts no longer than those who hold it.
   */
  public static void lock(Lock lock) {
    boolean locked = false;
    while (!locked) {
      try {
        lock.lock();
        locked = true;
      } catch (OutOfMemoryError e) {
        Thread.onSpinWait();
      }
    }
  }

  /** {@return a factory of threads named {@code role-1}, {@code role-2} and so on} */
  public static ThreadFactory factory(String role) {
    Objects.requireNonNull(role, "role");
    AtomicLong count = new AtomicLong();
    return work -> unstarted(role + "-" + count.incrementAndGet(), work);
  }

  /** {@return a daemon platform thread, not started, that inherits no thread locals} */
  static Thread platform(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, 0, false);
    thread.setDaemon(true);
    return thread;
  }

  private static Thread unstarted(String name, Runnable work) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(work, "work");
    return VIRTUAL == null ? platform(name, work) : VIRTUAL.unstarted(name, work);
  }

  /** The builder of virtual threads, as reflection sees it. */
  private record VirtualThreads(Method ofVirtual, Method name, Method unstarted) {

    static @Nullable VirtualThreads find() {
      try {
        Class<?> builder = Class.forName("java.lang.Thread$Builder");
        VirtualThreads found =
            new VirtualThreads(
                Thread.class.getMethod("ofVirtual"),
                builder.getMethod("name", String.class),
                builder.getMethod("unstarted", Runnable.class));
        found.ofVirtual().invoke(null);
        return found;
      } catch (ReflectiveOperationException e) {
        // Before Java 21 they are missing, or a preview that refuses to be used.
        return null;
      }
    }

    Thread unstarted(String threadName, Runnable work) {
      try {
        Object builder = name.invoke(ofVirtual.invoke(null), threadName);
        return (Thread) unstarted.invoke(builder, work);
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException("virtual threads were here and are gone", e);
      }
    }
  }
}
