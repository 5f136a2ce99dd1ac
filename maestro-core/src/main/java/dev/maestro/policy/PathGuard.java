package dev.maestro.policy;

import dev.maestro.task.Reason;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.PathGlobs;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Keeps files from being changed: the requirements M0-12 and M0-32.
 *
 * <p>A tool that would write one is refused, by its path as it is given and as it is once {@code
 * .}, {@code ..} and symbolic links are resolved. A command that writes one by redirection is
 * refused; one that names one, and is not known only to read, is a doubt, and a person is asked.
 * What was changed all the same is put back before it is checked where checkpoints are kept, and
 * fails the attempt where they are not. Command steps are looked at, too. Asked before a command
 * step, at each use of a tool and of the diff, in the order in which a step names its guardrails;
 * off unless it is switched on.
 *
 * @param protectedPaths which files
 */
public record PathGuard(PathGlobs protectedPaths) implements Guardrail {

  /** Its name. */
  public static final String RULE = "paths";

  /** Check that there are paths. */
  public PathGuard {
    Objects.requireNonNull(protectedPaths, "protectedPaths");
    if (protectedPaths.isEmpty()) {
      throw new IllegalArgumentException("protecting paths needs at least one");
    }
  }

  @Override
  public String rule() {
    return RULE;
  }

  @Override
  public Optional<Finding> check(Subject subject) {
    if (subject instanceof Subject.Diff diff) {
      return Optional.of(Finding.of(ofDiff(diff)));
    }
    return subject.reach().flatMap(reach -> of(reach, subject.place())).map(Finding::of);
  }

  /** Of a tool that names no file, and whose command does nothing to one, it says nothing. */
  private Optional<Verdict> of(Reach reach, Place place) {
    Optional<Verdict> found =
        reach.writes().stream()
            .filter(this::isHit)
            .findFirst()
            .map(target -> refuse("'" + target.given() + "' is protected; ask for an approval"))
            .or(
                () ->
                    reach.touches().stream()
                        .filter(this::isHit)
                        .findFirst()
                        .map(t -> ask(reach, t)));
    return found.isEmpty() && (reach.names() || place != Place.TOOL)
        ? Optional.of(Verdict.proceed())
        : found;
  }

  private static Verdict ask(Reach reach, Reach.Target target) {
    return new Verdict.Ask(
        Reason.GUARDRAIL_BLOCKED,
        "May the command '"
            + reach.shown()
            + "' use '"
            + target.given()
            + "', which is protected?");
  }

  private boolean isHit(Reach.Target target) {
    return target.names().stream().anyMatch(protectedPaths::matches);
  }

  private Verdict ofDiff(Subject.Diff diff) {
    List<String> hit =
        diff.changes().stream().map(Change::path).filter(protectedPaths::matches).limit(5).toList();
    if (hit.isEmpty()) {
      return unknown(diff.changes()) ? unknownFiles(diff) : Verdict.proceed();
    }
    return refuse("protected files were changed: " + String.join(", ", hit));
  }

  private static Verdict unknownFiles(Subject.Diff diff) {
    return new Verdict.Ask(
        Reason.GUARDRAIL_BLOCKED,
        "It is not known which files were changed, only that some were."
            + " Have protected ones been left alone?",
        diff.shown());
  }

  /** {@return whether all that is known of the changes is that there are some} */
  static boolean unknown(List<Change> changes) {
    return changes.stream().anyMatch(change -> change.path().equals("."));
  }

  private static Verdict refuse(String why) {
    return new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, why, false);
  }
}
