package dev.maestro.run;

import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A conversation as it was at some moment, and can be gone back to.
 *
 * @param kind why there is one of this moment
 * @param kept what was recorded: when, of which attempt, and where its messages are
 * @param checkpoint the files that belong to it, or null where it is of no checkpoint
 */
public record ConversationSnapshot(
    Kind kind, RunEvent.ConversationKept kept, @Nullable Checkpoint checkpoint) {

  /** Why there is a snapshot. */
  public enum Kind {
    /** Its provider keeps the conversation after each turn. */
    AUTO,
    /** Somebody wanted it, or has gone back to it. */
    MANUAL,
    /** The conversation stood so when the files were kept. */
    CHECKPOINT
  }

  /** Check that nothing required is missing. */
  public ConversationSnapshot {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(kept, "kept");
  }

  /** {@return the checkpoint that it belongs to, if it does} */
  public Optional<Checkpoint> files() {
    return Optional.ofNullable(checkpoint);
  }

  /** {@return the snapshots that a task has left in these events, in order} */
  public static List<ConversationSnapshot> of(TaskId task, List<RunEvent> events) {
    List<ConversationSnapshot> all = new ArrayList<>();
    RunEvent.ConversationKept latest = null;
    for (RunEvent event : events) {
      if (event instanceof RunEvent.ConversationKept kept && kept.task().equals(task)) {
        latest = kept;
        Kind kind = kept.manual() ? Kind.MANUAL : Kind.AUTO;
        all.add(new ConversationSnapshot(kind, kept, null));
      } else if (event instanceof RunEvent.Checkpointed files
          && files.task().equals(task)
          && latest != null) {
        all.add(new ConversationSnapshot(Kind.CHECKPOINT, latest, files.checkpoint()));
      }
    }
    return all;
  }
}
