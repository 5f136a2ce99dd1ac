package dev.maestro.git;

import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.eclipse.jgit.lib.ObjectId;

/**
 * What branches, refs and directories of one workspace are called.
 *
 * <p>Ids hold neither {@code +} nor {@code @} nor {@code --}, so nothing a user can name collides
 * with what is put together here.
 *
 * @param run the run, as one segment of a path or a ref
 * @param task the task, likewise
 */
record Names(String run, String task) {

  /** A file name may have 255 bytes; this leaves room for prefixes and {@code .lock}. */
  private static final int LONGEST_SEGMENT = 110;

  static Names of(RunKey run, TaskId task) {
    return new Names(runSegment(run), shorten(task.flat()));
  }

  /** {@return the names of the scratch workspace in which a task's merge is checked} */
  static Names ofMerge(RunKey run, TaskId task) {
    return new Names(runSegment(run), shorten(task.flat()) + "@merge");
  }

  /** {@return the names of what a run keeps beside its tasks} */
  static Names ofRun(RunKey run) {
    return new Names(runSegment(run), "@run");
  }

  static String runSegment(RunKey key) {
    return shorten(
        key.tenant().equals(Tenant.DEFAULT)
            ? key.run().value()
            : key.tenant().value() + "+" + key.run().value());
  }

  private static String shorten(String segment) {
    return segment.length() <= LONGEST_SEGMENT
        ? segment
        : segment.substring(0, LONGEST_SEGMENT - 17) + "+" + hash(segment);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  boolean isMerge() {
    return task.endsWith("@merge");
  }

  String branch() {
    return "maestro/" + run + "/" + task;
  }

  String branchRef() {
    return "refs/heads/" + branch();
  }

  /** {@return the ref that says what the run started from, and which run of this name it is} */
  String startRef() {
    return "refs/maestro/" + run + "/@start";
  }

  /** {@return the ref of the commit the workspace started from} */
  String baseRef() {
    return ref("base");
  }

  /** {@return the ref of the last accepted checkpoint} */
  String headRef() {
    return ref("head");
  }

  /** {@return the ref that keeps a commit from being collected} */
  String keptRef(ObjectId commit) {
    return ref("kept/" + commit.name());
  }

  private String ref(String what) {
    return "refs/maestro/" + run + "/" + task + "/" + what;
  }

  /** {@return what the worktree is called in the repository} */
  String worktree() {
    return "maestro+" + run + "+" + task;
  }

  Path directoryIn(Path worktrees) {
    return worktrees.resolve(run).resolve(task);
  }

  @Override
  public String toString() {
    return run + "/" + task;
  }
}
