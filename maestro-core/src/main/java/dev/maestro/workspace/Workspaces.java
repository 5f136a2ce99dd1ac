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
   * Open the workspace of a task, made on first call and found again on every later one.
   *
   * <p>A new one starts from the request's bases: none means the present state of the place, one
   * that very checkpoint, several their merge. What stands in one that exists already is left as it
   * is.
   */
  Opening open(WorkspaceRequest request) throws InterruptedException;

  /**
   * Merge checkpoints into a branch, without moving the branch.
   *
   * <p>Only where {@link WorkspaceCapabilities#merges()}.
   */
  Merging merge(MergeRequest request) throws InterruptedException;

  /**
   * Move the branch to what {@link #merge} made, if nothing else moved it; never forced.
   *
   * <p>Only the candidate's request, {@code before} and {@code merged} count, so that one can be
   * put together again from what was journaled. When the branch stands at {@code merged} already,
   * what a crash left undone is finished.
   */
  Advance advance(Merging.Candidate candidate) throws InterruptedException;

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
