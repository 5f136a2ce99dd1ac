package dev.maestro.testing;

import dev.maestro.agent.AgentRequest;
import java.time.Instant;
import java.util.Objects;

/**
 * A launch that a scripted agent saw.
 *
 * @param request what it was asked
 * @param at when
 */
public record Launch(AgentRequest request, Instant at) {

  /** Check that nothing is missing. */
  public Launch {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(at, "at");
  }

  /** {@return the task it worked on} */
  public String task() {
    return request.attempt().task().value();
  }

  /** {@return which attempt it was, 1 for the first} */
  public int attempt() {
    return request.attempt().number();
  }
}
