package dev.maestro.testing;

import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentRequest;
import java.io.IOException;

/** Code of the test that runs as part of a scripted turn, on the thread of the launch. */
@FunctionalInterface
public interface Script {

  /** Do anything; an exception comes out of the provider as it is. */
  void run(AgentRequest request, AgentListener listener) throws IOException, InterruptedException;
}
