package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Usage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How act ended. */
public sealed interface ActResult {

  /** {@return what it used up, or null when nothing was launched or that cannot be known} */
  default @Nullable Usage usage() {
    return null;
  }

  /**
   * It did its work.
   *
   * @param output what it returned, or null for nothing
   * @param usage what it used up, or null when that cannot be known
   * @param session for resuming it, or null
   * @param degraded whether the output was cut, because it had used more than its cap
   * @param doubt what a rule asks about the output, and goes on with it after a yes; or null
   */
  record Done(
      @Nullable Value output,
      @Nullable Usage usage,
      @Nullable SessionId session,
      boolean degraded,
      Verdict.@Nullable Ask doubt)
      implements ActResult {

    /** Have done it, with an output that no rule doubts. */
    public Done(
        @Nullable Value output,
        @Nullable Usage usage,
        @Nullable SessionId session,
        boolean degraded) {
      this(output, usage, session, degraded, null);
    }

    /** Have done it, with all of the output. */
    public Done(@Nullable Value output, @Nullable Usage usage, @Nullable SessionId session) {
      this(output, usage, session, false);
    }

    /** {@return the same, but a person has to say whether it may be the output} */
    public Done doubted(Verdict.@Nullable Ask ask) {
      return new Done(output, usage, session, degraded, ask);
    }
  }

  /**
   * It found out what the tasks inside it are given.
   *
   * @param inputs by name
   * @param elements what a list has that the task goes over; otherwise nothing
   */
  record Opened(Map<String, Value> inputs, List<Value.Inline> elements) implements ActResult {

    /** Copy the map, keeping its order, and the list. */
    public Opened {
      inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
      elements = List.copyOf(elements);
    }

    /** Make that of a task that goes over no list. */
    public Opened(Map<String, Value> inputs) {
      this(inputs, List.of());
    }
  }

  /**
   * It failed.
   *
   * @param trouble why
   * @param usage what it used up, or null when that cannot be known
   * @param session for resuming it, or null
   */
  record Failed(Trouble trouble, @Nullable Usage usage, @Nullable SessionId session)
      implements ActResult {}

  /**
   * A rule has ended it in the middle of a turn, and a person has to say whether it may go on.
   *
   * <p>The launch is spent.
   *
   * @param verdict what to ask
   * @param usage what it used up, or null when that cannot be known
   * @param session for resuming it, or null
   */
  record Asked(Verdict.Ask verdict, @Nullable Usage usage, @Nullable SessionId session)
      implements ActResult {}

  /**
   * A policy stopped it before anything was launched.
   *
   * @param verdict what it said
   */
  record Stopped(Verdict verdict) implements ActResult {}
}
