package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.failure.PermanentException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** One thing that a recorded agent did on its way; clients do not implement it. */
public sealed interface Deed {

  /**
   * It said, thought or used something.
   *
   * @param event one of {@link AgentEvent.Text}, {@link AgentEvent.Thinking}, {@link
   *     AgentEvent.ToolUse}, {@link AgentEvent.ToolResult}, {@link AgentEvent.UsageReported},
   *     {@link AgentEvent.ContextFilled} and {@link AgentEvent.RateLimited}; the others follow from
   *     the recording
   */
  record Tells(AgentEvent event) implements Deed {

    /** Check that the event can be recorded. */
    public Tells {
      Objects.requireNonNull(event, "event");
      if (!canTell(event)) {
        throw new IllegalArgumentException(
            event.getClass().getSimpleName() + " follows from the recording and is no deed");
      }
    }

    static boolean canTell(AgentEvent event) {
      return !(event instanceof AgentEvent.Launched
          || event instanceof AgentEvent.SessionStarted
          || event instanceof AgentEvent.Completed
          || event instanceof AgentEvent.Failed);
    }
  }

  /**
   * It asked whether it may use a tool, and got the answer that it has to get again.
   *
   * @param request what it asked
   * @param allowed whether it might
   */
  record Asks(PermissionRequest request, boolean allowed) implements Deed {

    /** Check that nothing is missing. */
    public Asks {
      Objects.requireNonNull(request, "request");
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
   * It wrote a file that is no text.
   *
   * @param path below the workspace, with {@code /} between names
   * @param base64 all of its content
   */
  record WritesBinary(String path, String base64) implements Deed {

    /** Refuse a path that leads out of the workspace, and what cannot be read. */
    public WritesBinary {
      Territory.check(path);
      Base64.getDecoder().decode(base64);
    }
  }

  /**
   * It changed lines of a file.
   *
   * @param path below the workspace, with {@code /} between names
   * @param line the number of the first line that is another, from 1
   * @param removed the lines that stood there
   * @param added the lines that stand there now
   */
  record Patches(String path, int line, List<String> removed, List<String> added) implements Deed {

    /** Refuse a path that leads out of the workspace, and copy the lists. */
    public Patches {
      Territory.check(path);
      if (line < 1) {
        throw new IllegalArgumentException("lines are counted from 1, not " + line);
      }
      removed = List.copyOf(removed);
      added = List.copyOf(added);
    }

    /** {@return what makes one content of the other: all between what is the same on both ends} */
    static Patches of(String path, String before, String after) {
      List<String> was = lines(before);
      List<String> is = lines(after);
      int shorter = Math.min(was.size(), is.size());
      int head = 0;
      while (head < shorter && was.get(head).equals(is.get(head))) {
        head++;
      }
      int tail = 0;
      while (tail < shorter - head
          && was.get(was.size() - 1 - tail).equals(is.get(is.size() - 1 - tail))) {
        tail++;
      }
      return new Patches(
          path, head + 1, was.subList(head, was.size() - tail), is.subList(head, is.size() - tail));
    }

    /**
     * {@return the same without secrets; the lines that stood there then fit whatever they hide}
     */
    Patches hiding(Scrub scrub) {
      return new Patches(path, line, scrub.apply(removed), scrub.apply(added));
    }

    /** {@return the content with the lines changed; a problem where others stand there} */
    String applyTo(String content) {
      List<String> lines = new ArrayList<>(lines(content));
      int from = line - 1;
      int to = from + removed.size();
      if (to > lines.size() || !Scrub.fits(removed, lines.subList(from, to))) {
        throw new PermanentException(
            "the patch of '" + path + "' does not fit: other lines stand at line " + line);
      }
      lines.subList(from, to).clear();
      lines.addAll(from, added);
      return String.join("\n", lines);
    }

    private static List<String> lines(String content) {
      return List.of(content.split("\n", -1));
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
