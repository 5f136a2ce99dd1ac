package dev.maestro.run;

import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that failed, as far as rules look back on it.
 *
 * @param attempt its number
 * @param model on which model it was, or null for the provider's default
 * @param reason why it failed
 * @param message what it failed with, in a sentence
 * @param error the same with the end of what was printed, and without the numbers in it, so that
 *     the same error is the same text
 * @param check whether a check did not pass, and no error was in the way
 * @param changed how many files it had changed; 0 when it came to no check
 * @param tree what it left, or null when it came to no check
 * @param excerpt the end of what was printed, for people; may be empty
 * @param usage what it used up
 */
public record Try(
    int attempt,
    @Nullable String model,
    Reason reason,
    String message,
    String error,
    boolean check,
    int changed,
    @Nullable String tree,
    String excerpt,
    Usage usage) {

  private static final int MOST = 1_000;
  private static final int SHOWN = 600;

  /** Check that nothing required is missing. */
  public Try {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(error, "error");
    Objects.requireNonNull(excerpt, "excerpt");
    Objects.requireNonNull(usage, "usage");
  }

  /** {@return what failed before anything could be checked} */
  static Try of(Task task, Trouble trouble) {
    return of(task, trouble, 0, (String) null);
  }

  /** {@return what failed when its work was checked; {@code files} differ from the beginning} */
  static Try of(Task task, Trouble trouble, int files, @Nullable Checkpoint left) {
    if (left == null) {
      return of(task, trouble, files, (String) null);
    }
    boolean same = left.tree().equals(task.leftBefore());
    // where nothing is kept, only that something differs is known
    boolean fingerprint = left.id().equals(left.tree());
    int own = same ? 0 : fingerprint ? Math.max(1, files) : files;
    return of(task, trouble, own, left.tree());
  }

  private static Try of(Task task, Trouble trouble, int changed, @Nullable String tree) {
    return new Try(
        task.attempt,
        task.dealings.model,
        trouble.reason(),
        trouble.message(),
        withoutNumbers(trouble.message() + "\n" + trouble.excerpt()),
        trouble.errorClass() == null,
        changed,
        tree,
        endOf(trouble.excerpt().strip(), SHOWN),
        task.dealings.usedNow);
  }

  /** {@return how many of these, the latest first, failed with the very same error in a row} */
  public static int sameErrors(List<Try> tries) {
    int same = 0;
    for (int i = tries.size() - 1; i >= 0; i--) {
      if (!tries.get(i).error().equals(tries.get(tries.size() - 1).error())) {
        break;
      }
      same++;
    }
    return same;
  }

  /** {@return the same, having used up this much} */
  Try using(Usage used) {
    return new Try(attempt, model, reason, message, error, check, changed, tree, excerpt, used);
  }

  private static String endOf(String text, int most) {
    return text.substring(Math.max(0, text.length() - most));
  }

  /** Times and counts differ between two failures that are the same. */
  private static String withoutNumbers(String text) {
    return endOf(text, MOST).replaceAll("\\d+", "#").strip();
  }
}
