package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Feedback;
import dev.maestro.run.Item;
import dev.maestro.task.AttemptId;
import java.util.Optional;

/** What a code step or predicate may look at; for use by the one thread it is handed to. */
public interface CodeContext {

  /** {@return which attempt of which task this is} */
  AttemptId attempt();

  /**
   * {@return an input, or the output of a step before this one, as text; empty for no such thing}
   */
  Optional<String> text(String name);

  /** {@return an input, or the output of a step before this one, as JSON} */
  Optional<JsonNode> value(String name);

  /** {@return the plan's line this task was made from, if it was} */
  Optional<Item> item();

  /** {@return what somebody wants to be different, when the task is done again for that} */
  Optional<Feedback> feedback();

  /** {@return says when to stop} */
  Cancellation cancellation();
}
