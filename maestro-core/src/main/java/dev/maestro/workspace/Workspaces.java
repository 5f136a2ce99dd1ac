package dev.maestro.workspace;

import dev.maestro.task.RunKey;
import java.util.Optional;

/**
 * Where tasks work: hands out workspaces, and merges what was done in them.
 *
 * <p>One instance serves one place, such as a git repository or a plain directory. Methods may be
 * called from many threads at once, but never twice at once for the same run and task. Every method
 * may be called again after a crash with the same request and then carries on from what is there.
 * Expected refusals are values; what the machine did wrong (a full disk, a broken repository) is a
 * {@link dev.maestro.failure.MaestroException}.
 */
public interface Workspaces extends AutoCloseable {

  /** {@return what this kind of workspace can do; asked once, before a run starts} */
  WorkspaceCapabilities capabilities();

  /** {@return how many tasks may work here at once} */
  Capacity capacity();

  /**
   * {@return the present state of the place, which a run starts from that begins now; empty, as
   * here, where it has no checkpoints, or no such state}
   */
  default Optional<Checkpoint> start() {
    return Optional.empty();
  }

  /**
   * Open the workspace of a task, made on first call and found again on every later one.
   *
   * <p>A new one starts from the request's bases: none means the present state of the place, one
   * that very checkpoint, several their merge. What stands in one that exists already is left as it
   * is.
   *
   * <p>Where the request says what is known of the workspace ({@link Standing}), and what is found
   * there says otherwise, the answer is {@link Opening.Moved}; a place that keeps no checkpoints
   * has nothing to compare.
   */
  Opening open(WorkspaceRequest request) throws InterruptedException;

  /**
   * Merge checkpoints into a branch, without moving the branch.
   *
   * <p>Only where {@link WorkspaceCapabilities#merges()}.
   */
  Merging merge(MergeRequest request) throws InterruptedException;

  /**
   * Look at what checkpoints come to together, before anybody decides on it; nothing is opened, and
   * no branch moves.
   *
   * <p>May be called while tasks are at work.
   *
   * @return what they change; empty, as here, where checkpoints cannot be compared
   * @throws dev.maestro.failure.PermanentException when one of them is not there any more
   */
  default Optional<Preview> preview(PreviewRequest request) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Move the branch to what {@link #merge} made, if nothing else moved it; never forced.
   *
   * <p>Called again after a crash with what was recorded, it finishes what it had begun: a branch
   * that has moved there already gets its working tree updated too.
   *
   * @param request what was merged
   * @param before where the branch stood
   * @param merged where it is to go
   */
  Advance advance(MergeRequest request, Checkpoint before, Checkpoint merged)
      throws InterruptedException;

  /** Move the branch to a candidate that is at hand. */
  default Advance advance(Merging.Candidate candidate) throws InterruptedException {
    return advance(candidate.request(), candidate.before(), candidate.merged());
  }

  /**
   * Keep checkpoints of one run for another that builds on them, so that they stay when everything
   * of the first is deleted; nothing is opened.
   *
   * <p>Called before the other run begins, and maybe again. Does nothing, as here, where
   * checkpoints cannot be come back to.
   *
   * @return what the tasks of the first run started from that wait for no other, where that is
   *     known
   * @throws dev.maestro.failure.PermanentException when one of them is not there any more
   */
  default Optional<Checkpoint> adopt(Adoption adoption) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Take away the working directories of a finished run; whatever stood in them stays reachable
   * where {@link WorkspaceCapabilities#checkpoints()}.
   */
  void release(RunKey run) throws InterruptedException;

  /** {@return where a reader finds this place, such as the repository's directory, for messages} */
  String description();

  /** {@return the branch that work starts from, where there is such a thing} */
  Optional<String> startBranch();

  /** Let go of every handle; directories stay. */
  @Override
  void close();
}
