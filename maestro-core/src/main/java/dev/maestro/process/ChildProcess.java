package dev.maestro.process;

import dev.maestro.process.ProcessResult.Ending;
import dev.maestro.process.ProcessTable.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One started process, until nothing is left of it.
 *
 * <p>The thread that runs it decides everything; alarms, cancellation, readers and the exit only
 * put a signal into its queue.
 */
final class ChildProcess implements AutoCloseable {

  private enum Signal {
    EXITED,
    OUT_OF_TIME,
    SILENT,
    CANCELLED,
    EMERGENCY,
    GRACE_OVER,
    LISTENER_FAILED
  }

  private final ProcessSpec spec;
  private final ProcessListener listener;
  private final Time time;
  private final Process process;
  private final ProcessIdentity identity;
  private final ProcessTable table;
  private final ProcessTree tree;
  private final List<String> pipes;
  private final Set<Entry> strangers = new LinkedHashSet<>();
  private final Instant startedAt;
  private final Duration startedUptime;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Activity activity;
  private final Output output;
  private final ProcessInput input = new ProcessInput();
  private final List<Registration> registrations = new ArrayList<>();
  private final List<Thread> helpers = new ArrayList<>();
  private boolean hasHadTerm;
  private @Nullable List<Entry> survivors;
  private boolean closed;

  ChildProcess(
      ProcessSpec spec,
      ProcessListener listener,
      Time time,
      ProcessTable table,
      Process process,
      String marker) {
    this.spec = spec;
    this.listener = listener;
    this.time = time;
    this.process = process;
    this.table = table;
    startedAt = time.instant();
    startedUptime = time.uptime();
    long startTicks = startTicks(table, process);
    identity = new ProcessIdentity(table.bootId(), process.pid(), startTicks, marker);
    Entry root = new Entry(process.pid(), 0, startTicks);
    tree = ProcessTree.of(table, root, marker);
    pipes = Stream.of(1, 2).flatMap(n -> table.pipe(process.pid(), n).stream()).toList();
    activity = new Activity(time, spec.limits().inactivity(), () -> signals.add(Signal.SILENT));
    output =
        new Output(
            process, spec.limits(), listener, activity, () -> signals.add(Signal.LISTENER_FAILED));
  }

  /** Introduce the process to its listener, give it its input, and see it to its end. */
  ProcessResult run(Cancellation cancellation) throws InterruptedException {
    listener.started(identity);
    registrations.add(
        cancellation.onCancel(
            mode ->
                signals.add(
                    mode == Cancellation.Mode.EMERGENCY ? Signal.EMERGENCY : Signal.CANCELLED)));
    boolean wanted = !cancellation.isCancelled();
    if (wanted) {
      offerInput();
    }
    watch();
    output.start();
    help("exit", this::awaitExit, false);
    Ending ending = wanted ? untilItEnds() : Ending.CANCELLED;
    endTree(ProcessTree.TERM_PATIENCE);
    boolean byItself = ending == Ending.EXITED;
    output.drain(() -> !byItself || !signals.isEmpty());
    close();
    throwFailure();
    return result(ending);
  }

  /** End what is left and let go of everything; an interrupt waits until that is done. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = Thread.interrupted();
    registrations.forEach(Registration::close);
    if (!endTree(ProcessTree.TERM_PATIENCE).isEmpty()) {
      helpers.forEach(Thread::interrupt);
    }
    input.abandon();
    release();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Entry> endTree(Duration patience) {
    List<Entry> left = survivors;
    if (left == null) {
      left = tree.end(patience);
      survivors = left;
      if (process.isAlive()) {
        // Collected a moment later, or hidden from us: the handle of a child reaches it anyway.
        process.toHandle().destroyForcibly();
      }
    }
    return left;
  }

  private void release() {
    boolean readersEnded = output.close(this::freePipes);
    boolean helpersEnded = Waiting.forAll(helpers, Waiting.PATIENCE);
    if (helpersEnded) {
      Waiting.close(process.getOutputStream()); // which waits for a writer that is stuck
    }
    if (!readersEnded || !helpersEnded) {
      log()
          .warn(
              "A listener or a pipe of process {} cannot be freed; a thread stays until it ends",
              process.pid());
    }
  }

  /** Note who holds our pipes without being provably ours, and stop waiting for them. */
  private void freePipes() {
    for (String pipe : pipes) {
      strangers.addAll(table.holders(pipe));
      table.wakeReader(pipe);
    }
  }

  private void awaitExit() {
    try {
      process.waitFor();
      signals.add(Signal.EXITED);
    } catch (InterruptedException e) {
      // The process cannot be ended, and nobody waits for it any more.
    }
  }

  private void watch() {
    Duration limit = spec.limits().time();
    if (limit != null) {
      Duration left = limit.minus(time.uptime().minus(startedUptime));
      registrations.add(time.after(left, () -> signals.add(Signal.OUT_OF_TIME)));
    }
    registrations.add(activity);
    activity.start();
  }

  private void offerInput() {
    if (spec.input().isEmpty() && !spec.keepsInputOpen()) {
      input.close();
      Waiting.close(process.getOutputStream());
      return;
    }
    input.write(spec.input());
    if (spec.keepsInputOpen()) {
      listener.opened(input);
    } else {
      input.close();
    }
    help("in", () -> input.pump(process.getOutputStream()), true);
  }

  private Ending untilItEnds() throws InterruptedException {
    boolean cancelled = false;
    while (true) {
      switch (signals.take()) {
        case EXITED -> {
          return cancelled ? Ending.CANCELLED : Ending.EXITED;
        }
        case OUT_OF_TIME -> {
          return cancelled ? Ending.CANCELLED : Ending.TIMED_OUT;
        }
        case SILENT -> {
          if (!cancelled) {
            return Ending.INACTIVE;
          }
        }
        case CANCELLED -> {
          cancelled = true;
          askToEnd();
        }
        case GRACE_OVER -> {
          endTree(hasHadTerm ? Duration.ZERO : ProcessTree.TERM_PATIENCE);
          return Ending.CANCELLED;
        }
        case EMERGENCY -> {
          return Ending.CANCELLED;
        }
        case LISTENER_FAILED -> {
          return Ending.EXITED;
        }
      }
    }
  }

  /**
   * Give the process its grace: the end of its input is the hint where it still has one to come.
   *
   * <p>One whose input is complete would only work on unawares, so it gets TERM for a hint, and
   * after the grace KILL. The tree is looked at before that: once the parents have ended, children
   * without the marker are nobody's.
   */
  private void askToEnd() {
    tree.members();
    hasHadTerm = !input.closeAsHint() && tree.terminate();
    registrations.add(time.after(spec.limits().grace(), () -> signals.add(Signal.GRACE_OVER)));
  }

  private void throwFailure() {
    Throwable failure = output.failure();
    if (failure instanceof RuntimeException e) {
      throw e;
    } else if (failure instanceof Error e) {
      throw e;
    } else if (failure != null) {
      throw new IllegalStateException("a listener threw a checked exception", failure);
    }
  }

  private ProcessResult result(Ending ending) {
    Stream<ProcessIdentity> ours =
        endTree(Duration.ZERO).stream().map(left -> identify(left, identity.marker()));
    Stream<ProcessIdentity> unproved = strangers.stream().map(left -> identify(left, ""));
    return new ProcessResult(
        ending,
        process.isAlive() ? null : (Integer) process.exitValue(),
        output.errorTail(),
        startedAt,
        time.uptime().minus(startedUptime),
        output.linesCut(),
        Stream.concat(ours, unproved).toList());
  }

  private ProcessIdentity identify(Entry left, String marker) {
    return new ProcessIdentity(identity.bootId(), left.pid(), left.startTicks(), marker);
  }

  private void help(String role, Runnable work, boolean readsOrWritesPipes) {
    String name = "maestro-process-" + process.pid() + "-" + role;
    if (readsOrWritesPipes) {
      Thread thread = Threads.platform(name, work);
      thread.start();
      helpers.add(thread);
    } else {
      helpers.add(Threads.start(name, work));
    }
  }

  private static long startTicks(ProcessTable table, Process process) {
    long ticks = table.find(process.pid()).map(Entry::startTicks).orElse(0L);
    // Once it has ended, its pid may be somebody else's.
    return process.isAlive() ? ticks : 0;
  }

  private static Logger log() {
    return LoggerFactory.getLogger(ChildProcess.class);
  }
}
