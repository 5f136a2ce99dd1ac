package dev.maestro.task;

/** The fifteen states of a task; {@link Transitions} says which moves between them exist. */
public enum TaskState {
  /** Waits for dependencies, a slot, or a claim. */
  PENDING,
  /** The agent writes its plan first. */
  PLANNING,
  /** A question must be answered before it goes on. */
  AWAITING_APPROVAL,
  /** Act: the first launch. */
  RUNNING,
  /** Verify: Maestro runs the gates. */
  TESTING,
  /** The work is there, a person decides. */
  READY_FOR_REVIEW,
  /** Accepted by evidence or person; integrate may be open. */
  VERIFIED,
  /** The attempt failed; it waits out its back-off, or is final when nothing takes it up. */
  FAILED,
  /** Act: a further launch. */
  RETRYING,
  /** Stopped by a person, an emergency stop, a quota window or a budget. */
  PAUSED,
  /** Cannot go on; says what would unblock it. */
  BLOCKED,
  /** Recovery found it open. */
  INTERRUPTED,
  /** Done, with whatever evidence was asked for. */
  COMPLETED,
  /** Its condition was false. */
  SKIPPED,
  /** Given up on request. */
  CANCELLED;

  /** {@return whether no move leads out of this state} */
  public boolean isFinal() {
    return this == COMPLETED || this == SKIPPED || this == CANCELLED;
  }

  /** {@return whether tasks that depend on this one may start, unless they insist on COMPLETED} */
  public boolean satisfiesDependents() {
    return this == VERIFIED || this == COMPLETED || this == SKIPPED;
  }

  /** {@return whether act, verify or integrate may be at work in this state} */
  public boolean isActive() {
    return this == PLANNING || this == RUNNING || this == RETRYING || this == TESTING;
  }
}
