package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Usage;

/** Launches for which nothing is started. */
final class Refusals {

  private Refusals() {}

  /** {@return that nobody can tell the program to use this model; what another does is not that} */
  static AgentReply model(ProviderId id, String model, AgentListener listener) {
    String message =
        "`%s` does not let anyone choose its model; `%s` was asked for".formatted(id, model);
    Failure failure = Failure.of(ErrorClass.PERMANENT, message);
    listener.on(new AgentEvent.Failed(failure));
    return AgentReply.failed(failure, Usage.NONE);
  }
}
