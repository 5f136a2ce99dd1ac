package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentReply;
import dev.maestro.failure.Failure;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessListener;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hears one launch from the process's first sign to its last line, and passes on what a {@link
 * Reading} makes of it.
 *
 * <p>Called by one thread at a time; the account is looked at when the process has ended.
 */
final class Hearing implements ProcessListener {

  private final AgentListener listener;
  private final Reading reading;
  private final Account account;
  private final Mask mask;
  private final Lock lock = new ReentrantLock();
  private volatile boolean started;

  Hearing(AgentListener listener, Reading reading, Account account, Mask mask) {
    this.listener = listener;
    this.reading = reading;
    this.account = account;
    this.mask = mask;
  }

  /** The listener makes the start durable, for which a virtual thread must not hold a monitor. */
  @Override
  public void started(ProcessIdentity identity) {
    started = true;
    listener.on(new AgentEvent.Launched(identity));
  }

  @Override
  public void line(String line) {
    lock.lock();
    try {
      reading.line(mask.apply(line), account);
      account.take().forEach(listener::on);
    } finally {
      lock.unlock();
    }
  }

  boolean isStarted() {
    return started;
  }

  /** {@return what was told, for when the process has ended} */
  Account account() {
    return account;
  }

  /** {@return whether it should have said that it has come to its end, and has not} */
  boolean isLeftOpen() {
    return reading.needsCompletion() && !account.isComplete();
  }

  /** {@return what points to the reason of a failure that was not told as one, or null} */
  @Nullable Failure reason(String errorTail) {
    if (!reading.needsCompletion()) {
      return null;
    }
    return account.known().or(() -> account.read(errorTail)).or(account::unknown).orElse(null);
  }

  /** Tell the listener how it ended. */
  void ended(AgentReply reply) {
    listener.on(
        reply
            .problem()
            .<AgentEvent>map(AgentEvent.Failed::new)
            .orElseGet(() -> new AgentEvent.Completed(reply.text())));
  }
}
