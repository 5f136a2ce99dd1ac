package dev.maestro.policy;

import dev.maestro.task.Reason;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.PathGlobs;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Limits what may be written: only these files, only so many, only so many lines.
 *
 * <p>A tool that would write another file, or one outside of the workspace, is refused, and so is a
 * command that sends its output there; what else commands write is seen in the diff, which is
 * judged as a whole. Lines are those added and those removed. Where they cannot be counted, because
 * nothing keeps what the files were, a person is asked.
 *
 * @param only which files; no pattern means any in the workspace
 * @param files at most so many changed files, or null for any number
 * @param lines at most so many changed lines, or null for any number
 * @param reason what a refusal is for: {@code guardrail-blocked}, or {@code role-violation} for a
 *     persona's own limits
 */
public record WriteGuard(
    PathGlobs only, @Nullable Integer files, @Nullable Integer lines, Reason reason)
    implements Guardrail {

  /** Its name. */
  public static final String RULE = "writes";

  /** Check the limits. */
  public WriteGuard {
    Objects.requireNonNull(only, "only");
    Objects.requireNonNull(reason, "reason");
    if (files != null && files < 0 || lines != null && lines < 0) {
      throw new IllegalArgumentException("a limit for writing is 0 or more");
    }
    if (only.isEmpty() && files == null && lines == null) {
      throw new IllegalArgumentException("a limit for writing says which files, or how many");
    }
  }

  /** Limit what a pipeline lets be written. */
  public WriteGuard(PathGlobs only, @Nullable Integer files, @Nullable Integer lines) {
    this(only, files, lines, Reason.GUARDRAIL_BLOCKED);
  }

  /** {@return the limit to the files that a persona may write: the requirement M1-03} */
  public static WriteGuard ofPersona(PathGlobs only) {
    return new WriteGuard(only, null, null, Reason.ROLE_VIOLATION);
  }

  /** {@return at most so many changed files} */
  public static WriteGuard atMostFiles(int most) {
    return new WriteGuard(PathGlobs.of(), most, null);
  }

  /** {@return at most so many changed lines} */
  public static WriteGuard atMostLines(int most) {
    return new WriteGuard(PathGlobs.of(), null, most);
  }

  /** {@return the same, and at most so many changed files} */
  public WriteGuard files(int most) {
    return new WriteGuard(only, most, lines, reason);
  }

  /** {@return the same, and at most so many changed lines} */
  public WriteGuard lines(int most) {
    return new WriteGuard(only, files, most, reason);
  }

  @Override
  public String rule() {
    return RULE;
  }

  @Override
  public Optional<Finding> check(Subject subject) {
    if (subject instanceof Subject.Diff diff) {
      return Optional.of(ofDiff(diff));
    }
    return subject.reach().flatMap(this::of).map(Finding::of);
  }

  /** Of what writes no file that can be seen, it says nothing; the diff tells. */
  private Optional<Verdict> of(Reach reach) {
    Optional<Verdict> refused =
        reach.writes().stream()
            .filter(target -> !mayWrite(target))
            .findFirst()
            .map(target -> refuse("'" + target.given() + "' may not be written here"));
    return refused.isEmpty() && reach.names() ? Optional.of(Verdict.proceed()) : refused;
  }

  private boolean mayWrite(Reach.Target target) {
    return target.inside() && (only.isEmpty() || target.names().stream().allMatch(only::matches));
  }

  private Finding ofDiff(Subject.Diff diff) {
    Numbers numbers = Numbers.of("files", diff.changes().size());
    if (files != null) {
      numbers = numbers.with("mostFiles", files);
    }
    if (lines != null) {
      numbers = numbers.with("mostLines", lines);
      Integer changed = linesOf(diff);
      numbers = changed == null ? numbers : numbers.with("lines", changed);
    }
    return new Finding(verdict(diff), numbers);
  }

  private Verdict verdict(Subject.Diff diff) {
    if (PathGuard.unknown(diff.changes())) {
      return new Verdict.Ask(
          reason,
          "It is not known which files were changed, only that some were. May they be written?",
          diff.shown());
    }
    Optional<String> other = other(diff.changes());
    if (other.isPresent()) {
      return refuse("'" + other.get() + "' was changed and may not be");
    }
    int changed = diff.changes().size();
    if (files != null && changed > files) {
      return refuse(changed + " files were changed; at most " + files + " may be");
    }
    return lines == null || diff.changes().isEmpty() ? Verdict.proceed() : byLines(diff, lines);
  }

  private Optional<String> other(List<Change> changes) {
    return only.isEmpty()
        ? Optional.empty()
        : changes.stream().map(Change::path).filter(path -> !only.matches(path)).findFirst();
  }

  private Verdict byLines(Subject.Diff diff, int most) {
    Integer changed = linesOf(diff);
    if (changed != null && changed > most) {
      return refuse(changed + " lines were changed; at most " + most + " may be");
    }
    return changed == null || diff.text() == null || diff.text().cut()
        ? new Verdict.Ask(
            reason,
            "It cannot be counted how many lines were changed. Is the work small enough?",
            diff.shown())
        : Verdict.proceed();
  }

  private static @Nullable Integer linesOf(Subject.Diff diff) {
    Subject.Lines text = diff.text();
    return text == null ? null : text.lines();
  }

  private Verdict refuse(String why) {
    return new Verdict.Refuse(reason, why, false);
  }
}
