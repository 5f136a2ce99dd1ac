package dev.maestro.workspace;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a workspace outside of it, so that nobody can tell another story inside.
 *
 * <p>A journal knows it, which whoever works in a workspace does not write.
 *
 * @param start the id of the checkpoint that every workspace of the run starts from that builds on
 *     no other; null when that is not known yet
 * @param heads the ids of checkpoints of which one is the last accepted in the workspace: two where
 *     a crash may have come between accepting and recording it; none when nothing has begun there,
 *     so that it stands on what it starts from
 */
public record Standing(@Nullable String start, List<String> heads) {

  /** Copy the list. */
  public Standing {
    heads = List.copyOf(heads);
  }
}
