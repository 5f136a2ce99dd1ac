package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import java.time.Duration;
import java.util.Objects;

/** One thing that a recorded agent did on its way; clients do not implement it. */
public sealed interface Deed {

  /**
   * It said, thought or used something.
   *
   * @param event one of {@link AgentEvent.Text}, {@link AgentEvent.Thinking}, {@link
   *     AgentEvent.ToolUse}, {@link AgentEvent.ToolResult}, {@link AgentEvent.UsageReported} and
   *     {@link AgentEvent.RateLimited}; the others follow from the recording
   */
  record Tells(AgentEvent event) implements Deed {

    /** Check that the event can be recorded. */
    public Tells {
      Objects.requireNonNull(event, "event");
      if (event instanceof AgentEvent.Launched
          || event instanceof AgentEvent.SessionStarted
          || event instanceof AgentEvent.Completed
          || event instanceof AgentEvent.Failed) {
        throw new IllegalArgumentException(
            event.getClass().getSimpleName() + " follows from the recording and is no deed");
      }
    }
  }

  /**
   * It wrote a file.
   *
   * @param path below the workspace, with {@code /} between names
   * @param content all of it
   */
  record Writes(String path, String content) implements Deed {

    /** Refuse a path that leads out of the workspace. */
    public Writes {
      Territory.check(path);
      Objects.requireNonNull(content, "content");
    }
  }

  /**
   * It deleted a file.
   *
   * @param path below the workspace, with {@code /} between names
   */
  record Deletes(String path) implements Deed {

    /** Refuse a path that leads out of the workspace. */
    public Deletes {
      Territory.check(path);
    }
  }

  /**
   * It was busy with something else.
   *
   * @param length how long, as it was recorded
   */
  record Pauses(Duration length) implements Deed {

    /** Check the length. */
    public Pauses {
      if (length.isNegative()) {
        throw new IllegalArgumentException("a pause cannot be negative: " + length);
      }
    }
  }
}
