package dev.maestro.langchain4j;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends a launch that is cancelled, takes too long, or hears nothing from its model for too long.
 */
final class Watch implements AutoCloseable {

  private final Time time;
  private final Limits limits;
  private final Mailbox mailbox;
  private final Duration begun;
  private final Registration cancelled;
  private final Registration overdue;
  // guarded by this
  private Duration sign = Duration.ZERO;
  // guarded by this: whether a call is under way
  private boolean listening;
  // guarded by this
  private @Nullable Registration silence;

  Watch(Time time, Limits limits, Cancellation cancellation, Mailbox mailbox) {
    this.time = time;
    this.limits = limits;
    this.mailbox = mailbox;
    begun = time.uptime();
    cancelled =
        cancellation.onCancel(mode -> mailbox.stop(Failure.of(ErrorClass.CANCELLED, "cancelled")));
    overdue =
        time.after(
            limits.total(), () -> mailbox.stop(timeout("took longer than " + limits.total())));
  }

  private static Failure timeout(String message) {
    return Failure.of(ErrorClass.TIMEOUT, message);
  }

  /** {@return how much of the launch's time is left; at least a millisecond} */
  Duration left() {
    Duration left = limits.total().minus(time.uptime().minus(begun));
    return left.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : left;
  }

  /** A call of the model begins. */
  void listen() {
    sign();
    synchronized (this) {
      listening = true;
    }
    arm(limits.inactivity());
  }

  /** The model has said something. */
  void sign() {
    Duration now = time.uptime();
    synchronized (this) {
      sign = now;
    }
  }

  /** The call is over. */
  void rest() {
    Registration pending;
    synchronized (this) {
      listening = false;
      pending = silence;
      silence = null;
    }
    if (pending != null) {
      pending.close();
    }
  }

  private void arm(Duration wait) {
    Registration next = time.after(wait, this::look);
    synchronized (this) {
      silence = next;
      if (listening) {
        return;
      }
    }
    next.close();
  }

  private void look() {
    Duration now = time.uptime();
    Duration left;
    synchronized (this) {
      if (!listening) {
        return;
      }
      left = limits.inactivity().minus(now.minus(sign));
    }
    if (left.isNegative() || left.isZero()) {
      mailbox.stop(timeout("the model said nothing for " + limits.inactivity()));
    } else {
      arm(left);
    }
  }

  @Override
  public void close() {
    cancelled.close();
    overdue.close();
    rest();
  }
}
