package dev.maestro.run;

import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run was started under; recorded with its start and never changed.
 *
 * @param priority how urgent it is among the runs
 * @param timeLimit how long it may take from its start, or null for any time
 */
public record Terms(Priority priority, @Nullable Duration timeLimit) {

  /** What a run has that was started without a word about it. */
  public static final Terms DEFAULT = new Terms(Priority.DEFAULT, null);

  /** Check the time limit. */
  public Terms {
    Objects.requireNonNull(priority, "priority");
    if (timeLimit != null && !PipelineBuilder.isPossible(timeLimit)) {
      throw new IllegalArgumentException("a time limit " + PipelineBuilder.POSSIBLE_RULE);
    }
  }

  /** {@return the same, with this limit where none is set} */
  Terms orLimit(@Nullable Duration limit) {
    return timeLimit == null && limit != null ? new Terms(priority, limit) : this;
  }
}
