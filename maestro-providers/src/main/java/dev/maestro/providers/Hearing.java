package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.Failure;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessListener;
import dev.maestro.task.Usage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hears one launch from the process's first sign to its last line, passes events on, and remembers
 * what the reply is made of.
 *
 * <p>Called by one thread at a time; what it remembers is asked for when the process has ended.
 */
final class Hearing implements ProcessListener {

  static final int LONGEST_TEXT = 4 << 20;

  private final AgentListener listener;
  private final Function<String, Report> reading;
  private final StringBuilder said = new StringBuilder();
  private boolean started;
  private boolean cut;
  private @Nullable String result;
  private @Nullable Failure failure;
  private @Nullable Usage usage;
  private @Nullable SessionId session;

  Hearing(AgentListener listener, Function<String, Report> reading) {
    this.listener = listener;
    this.reading = reading;
  }

  @Override
  public synchronized void started(ProcessIdentity identity) {
    started = true;
    listener.on(new AgentEvent.Launched(identity));
  }

  @Override
  public synchronized void line(String line) {
    Report report = reading.apply(line);
    report.events().forEach(this::hear);
    if (report.result() != null) {
      result = report.result();
    }
    if (report.failure() != null) {
      failure = report.failure();
    }
  }

  private void hear(AgentEvent event) {
    if (event instanceof AgentEvent.Text text) {
      append(text.text());
    } else if (event instanceof AgentEvent.UsageReported reported) {
      usage = reported.total();
    } else if (event instanceof AgentEvent.SessionStarted begun) {
      session = begun.session();
    }
    listener.on(event);
  }

  private void append(String text) {
    int room = LONGEST_TEXT - said.length();
    said.append(text, 0, Math.min(room, text.length()));
    cut |= text.length() > room;
  }

  synchronized boolean isStarted() {
    return started;
  }

  /** {@return the reported last words, or all that was said} */
  synchronized String text() {
    if (result != null) {
      return result;
    }
    String text = said.toString().stripTrailing();
    return cut ? text + "\n[cut after " + LONGEST_TEXT + " characters]" : text;
  }

  synchronized @Nullable Failure failure() {
    return failure;
  }

  synchronized @Nullable Usage usage() {
    return usage;
  }

  synchronized @Nullable SessionId session() {
    return session;
  }
}
