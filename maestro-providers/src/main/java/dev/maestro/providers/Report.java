package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.failure.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one line told about a launch.
 *
 * @param events in the order in which a listener hears them
 * @param result the agent's last words, or null when the line does not hold them
 * @param failure what the agent says is wrong, or null
 */
record Report(List<AgentEvent> events, @Nullable String result, @Nullable Failure failure) {

  Report {
    events = List.copyOf(events);
  }

  /** Note all of it. */
  void tell(Account account) {
    events.forEach(account::hear);
    if (result != null) {
      account.replies(result);
    }
    if (failure != null) {
      account.fails(failure);
    }
  }

  /** {@return a line of the answer, and nothing else} */
  static Report text(String line) {
    return new Report(List.of(new AgentEvent.Text(line + "\n")), null, null);
  }
}
