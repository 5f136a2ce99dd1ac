package dev.maestro;

import dev.maestro.agent.AgentEvent;
import dev.maestro.task.AttemptId;

/** Hears what agents say while they say it; lossy, never part of the journal. */
@FunctionalInterface
public interface StreamListener {

  /**
   * Take note of something an agent did.
   *
   * <p>Called by one thread that only this listener has. A listener that is slow misses some of it.
   */
  void on(AttemptId attempt, AgentEvent event);
}
