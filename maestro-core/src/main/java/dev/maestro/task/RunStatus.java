package dev.maestro.task;

/** The states of a run. */
public enum RunStatus {
  /** Recorded, and nothing has moved yet. */
  PENDING,
  /** Tasks are at work, or may start as soon as there is a slot. */
  RUNNING,
  /** Only a person, a timer or a host can move it. */
  WAITING,
  /** Stopped by a person until resumed. */
  PAUSED,
  /** Ended well. */
  SUCCEEDED,
  /** Ended with a failed task. */
  FAILED,
  /** Ended on request. */
  CANCELLED;

  /** {@return whether it has ended} */
  public boolean isTerminal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED;
  }
}
