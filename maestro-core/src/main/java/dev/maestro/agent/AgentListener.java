package dev.maestro.agent;

/**
 * Hears what an agent does and answers what it asks.
 *
 * <p>Called by one thread at a time, in the order of what happened. May block for as long as it
 * takes to make something durable.
 */
public interface AgentListener {

  /** Take note of the event. */
  void on(AgentEvent event);

  /**
   * Answer whether the agent may use a tool; called while the agent waits. Where nobody has
   * anything to say, it may what was granted to it, and nothing else.
   */
  default PermissionDecision permit(PermissionRequest request) {
    return request.granted()
        ? PermissionDecision.allow()
        : PermissionDecision.deny("nobody is there to allow it");
  }
}
