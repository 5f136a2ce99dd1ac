package dev.maestro.run;

import dev.maestro.task.Reason;
import dev.maestro.workspace.Checkpoint;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that failed, as far as rules look back on it.
 *
 * @param attempt its number
 * @param reason why it failed
 * @param error what it failed with, in words
 * @param check whether a check did not pass, and no error was in the way
 * @param changed how many files it had changed; 0 when it came to no check
 * @param tree what it left, or null when it came to no check
 */
public record Try(
    int attempt, Reason reason, String error, boolean check, int changed, @Nullable String tree) {

  /** Check that nothing required is missing. */
  public Try {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(error, "error");
  }

  static Try of(int attempt, Trouble trouble) {
    return new Try(attempt, trouble.reason(), trouble.message(), isCheck(trouble), 0, null);
  }

  /**
   * {@return the same of an attempt whose work was checked}
   *
   * @param changed how many files differ from what the task had begun with
   * @param left what stands there now
   * @param before what stood there before the attempt, as far as that is known
   */
  static Try of(
      int attempt,
      Trouble trouble,
      int changed,
      @Nullable Checkpoint left,
      @Nullable String before) {
    String tree = left == null ? null : left.tree();
    boolean same = tree != null && tree.equals(before);
    // where nothing is kept, only that something differs is known
    boolean fingerprint = left != null && left.id().equals(left.tree());
    int own = same ? 0 : fingerprint ? Math.max(1, changed) : changed;
    return new Try(attempt, trouble.reason(), trouble.message(), isCheck(trouble), own, tree);
  }

  private static boolean isCheck(Trouble trouble) {
    return trouble.errorClass() == null;
  }
}
