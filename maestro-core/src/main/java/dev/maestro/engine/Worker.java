package dev.maestro.engine;

import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.run.Phase;
import dev.maestro.task.TaskId;
import org.jspecify.annotations.Nullable;

/** One phase of one attempt that is being carried out by a thread. */
final class Worker {

  private final TaskId task;
  private final int attempt;
  private final Phase phase;
  private final CancellationSource cancellation = new CancellationSource();
  // guarded by this
  private @Nullable Thread thread;
  // guarded by this
  private boolean ended;

  Worker(TaskId task, int attempt, Phase phase) {
    this.task = task;
    this.attempt = attempt;
    this.phase = phase;
  }

  TaskId task() {
    return task;
  }

  boolean isAt(int number, Phase where) {
    return attempt == number && phase == where;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  synchronized void runsOn(Thread worker) {
    thread = worker;
  }

  synchronized void ended() {
    ended = true;
    thread = null;
  }

  /** Tell it to stop; calls whatever those who carry it out want to be called. */
  void cancel(Cancellation.Mode mode) {
    cancellation.cancel(mode);
  }

  /** Interrupt it, which is the last resort: what can be told to stop has a token for that. */
  synchronized void interrupt() {
    if (thread != null && !ended) {
      thread.interrupt();
    }
  }

  @Override
  public String toString() {
    return task + "#" + attempt + " at " + phase;
  }
}
