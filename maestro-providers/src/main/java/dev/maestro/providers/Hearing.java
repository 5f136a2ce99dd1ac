package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessInput;
import dev.maestro.process.ProcessListener;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.Registration;
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
  // whatever is left by it is taken out of what becomes of the line
  private final Mask lineMask;
  private final MaskedFlow words;
  private final MaskedFlow thoughts;
  // ends a program that is talked to
  private final CancellationSource end = new CancellationSource();
  private final Lock lock = new ReentrantLock();
  private volatile boolean started;

  Hearing(AgentListener listener, Reading reading, Account account, Mask mask) {
    this.listener = listener;
    this.reading = reading;
    this.account = account;
    this.mask = mask;
    lineMask = mask.forJson();
    words = new MaskedFlow(mask);
    thoughts = new MaskedFlow(mask);
  }

  /** The listener makes the start durable, for which a virtual thread must not hold a monitor. */
  @Override
  public void started(ProcessIdentity identity) {
    started = true;
    listener.on(new AgentEvent.Launched(identity));
  }

  @Override
  public void opened(ProcessInput input) {
    if (reading instanceof Dialogue dialogue) {
      lock.lock();
      try {
        dialogue.open(new Talk(input));
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void line(String line) {
    lock.lock();
    try {
      reading.line(lineMask.apply(line), account);
      tell();
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    account.take().forEach(this::tell);
  }

  /** What is said and thought may come in pieces, and a secret in two of them. */
  private void tell(AgentEvent event) {
    if (event instanceof AgentEvent.Text said) {
      tellThoughts();
      say(words.pass(said.text()));
    } else if (event instanceof AgentEvent.Thinking thought) {
      tellWords();
      think(thoughts.pass(thought.text()));
    } else {
      tellRest();
      listener.on(discreet(event));
    }
  }

  /** What JSON has quoted in another way than ours shows itself only when it is read. */
  private AgentEvent discreet(AgentEvent event) {
    if (event instanceof AgentEvent.ToolUse use) {
      return new AgentEvent.ToolUse(use.id(), mask.apply(use.tool()), mask.apply(use.input()));
    } else if (event instanceof AgentEvent.ToolResult result) {
      return new AgentEvent.ToolResult(result.id(), result.ok(), mask.apply(result.output()));
    }
    return event;
  }

  private void tellRest() {
    tellWords();
    tellThoughts();
  }

  private void tellWords() {
    say(words.rest());
  }

  private void tellThoughts() {
    think(thoughts.rest());
  }

  private void say(String text) {
    if (!text.isEmpty()) {
      listener.on(new AgentEvent.Text(text));
    }
  }

  private void think(String text) {
    if (!text.isEmpty()) {
      listener.on(new AgentEvent.Thinking(text));
    }
  }

  /** {@return whether the program is talked to while it works} */
  boolean isTalk() {
    return reading instanceof Dialogue;
  }

  /**
   * Run the process; one that is talked to hears of a cancellation before its stdin ends, and is
   * let go once all is said.
   */
  ProcessResult run(ProcessRunner runner, ProcessSpec spec, Cancellation cancellation)
      throws InterruptedException {
    if (!(reading instanceof Dialogue dialogue)) {
      return runner.run(spec, this, cancellation);
    }
    Registration cancelling =
        cancellation.onCancel(
            mode -> {
              dialogue.stop();
              end.cancel(mode);
            });
    try {
      ProcessResult result = runner.run(spec, this, end);
      return dialogue.isOver() && !isStopped(result) ? ended(result) : result;
    } finally {
      cancelling.close();
    }
  }

  /** What it says when it reached a limit is not how it ended. */
  private static boolean isStopped(ProcessResult result) {
    return result.ending() == ProcessResult.Ending.TIMED_OUT
        || result.ending() == ProcessResult.Ending.INACTIVE;
  }

  /** It had come to its end before it was let go. */
  private static ProcessResult ended(ProcessResult result) {
    return new ProcessResult(
        ProcessResult.Ending.EXITED,
        0,
        result.errorTail(),
        result.startedAt(),
        result.elapsed(),
        result.linesCut(),
        result.survivors());
  }

  /** What a dialogue does to the process and says to the listener. */
  private final class Talk implements Dialogue.Partner {

    private final ProcessInput input;

    Talk(ProcessInput input) {
      this.input = input;
    }

    @Override
    public void say(String line) {
      input.write(line + "\n");
    }

    @Override
    public PermissionDecision permit(PermissionRequest request) {
      tell();
      tellRest();
      return listener.permit(
          new PermissionRequest(
              mask.apply(request.tool()), mask.apply(request.input()), request.granted()));
    }

    @Override
    public void letGo() {
      end.cancel(Cancellation.Mode.GRACEFUL);
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
    tellRest();
    listener.on(
        reply
            .problem()
            .<AgentEvent>map(AgentEvent.Failed::new)
            .orElseGet(() -> new AgentEvent.Completed(reply.text())));
  }
}
