package dev.maestro.agent;

import dev.maestro.process.Cancellation;
import java.util.List;

/**
 * Something that carries out an agent step: a CLI agent, a chat model with tools, a host, a person.
 *
 * <p>One instance serves many tasks at once, from many threads. The frame around {@link #run}
 * (limits, retries, errors, transcript, reaping) is Maestro's.
 */
public interface AgentProvider {

  /** {@return its name, the same at every call} */
  ProviderId id();

  /** {@return what it can do, the same at every call} */
  Capabilities capabilities();

  /** Look whether it can be used here; must not start a paid call. */
  Installation detect();

  /**
   * {@return whether it is worth offering here, as far as that can be told at once and without
   * starting anything}
   *
   * <p>A provider that was discovered and says no is left out, so that what is not installed
   * disturbs nobody. One that was handed in is never asked.
   */
  default boolean isAtHand() {
    return true;
  }

  /** {@return the models it offers; empty when it does not tell} */
  List<Model> models();

  /**
   * {@return whether a launch may ask for this model, as far as that can be told without starting
   * anything; by default it may ask for any}
   *
   * <p>A step that may come to ask for one that is not taken is refused before its run starts: what
   * another model has done is not what was asked for, and would be priced as if it were.
   *
   * @param model a full id
   */
  default boolean takes(String model) {
    return true;
  }

  /**
   * Carry out one launch, and return when it has ended and no process of it is left.
   *
   * <p>A provider with {@link Capability#PROMPT_AFTER_START} reports {@link AgentEvent.Launched}
   * and hands the prompt over only after the listener has returned from it. An exception from the
   * listener must stop the work and be passed on. The last event is {@link AgentEvent.Completed} or
   * {@link AgentEvent.Failed} and says the same as the reply.
   *
   * @return what came of it; expected failures are replies, not exceptions
   * @throws InterruptedException when the thread was interrupted; the work has been stopped
   */
  AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException;
}
