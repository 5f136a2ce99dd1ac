package dev.maestro.workspace;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The directory one task works in.
 *
 * <p>Used by one thread at a time. A call that fails with a {@link
 * dev.maestro.failure.TransientException} may be made again, and carries on from what is there.
 */
public interface Workspace extends AutoCloseable {

  /** {@return the directory; absolute} */
  Path directory();

  /** {@return the checkpoint the task started from} */
  Checkpoint base();

  /** {@return the last accepted checkpoint, which is the base until one is accepted} */
  Checkpoint head();

  /** {@return what differs between the checkpoint and the files as they stand now} */
  List<Change> changesSince(Checkpoint checkpoint) throws InterruptedException;

  /** {@return what differs between two checkpoints, whatever stands in the directory by now} */
  List<Change> changes(Checkpoint from, Checkpoint to) throws InterruptedException;

  /**
   * {@return what a file holds in a checkpoint, whatever stands in the directory by now; empty
   * where there is no such file in it, where it is longer, and where nothing keeps what files were}
   *
   * @param most how many bytes it may have
   */
  Optional<byte[]> content(Checkpoint checkpoint, String path, int most)
      throws InterruptedException;

  /**
   * {@return the difference between two checkpoints as a unified diff, cut after so many
   * characters}
   */
  String diff(Checkpoint from, Checkpoint to, int maxCharacters) throws InterruptedException;

  /**
   * {@return a name for what differs between two checkpoints: the same where the same files were
   * and became the same, whatever else the checkpoints hold; empty, as here, where only their trees
   * tell}
   */
  default Optional<String> nameOfDifference(Checkpoint from, Checkpoint to)
      throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Keep the files as they stand now; does not move the branch.
   *
   * <p>The checkpoint descends from {@link #head()}. Equal files give a checkpoint with the same
   * tree.
   */
  Checkpoint checkpoint(CommitMessage message) throws InterruptedException;

  /** Make the checkpoint the task's result: its branch moves there. */
  void accept(Checkpoint checkpoint) throws InterruptedException;

  /**
   * Put files that match the globs back to what they were at the checkpoint: changed ones restored,
   * added ones removed, deleted ones written again.
   *
   * <p>What stood there is kept first.
   *
   * @return the paths that were put back, sorted
   */
  List<String> restore(PathGlobs globs, Checkpoint from) throws InterruptedException;

  /** Let go of handles; the directory stays. */
  @Override
  void close();
}
