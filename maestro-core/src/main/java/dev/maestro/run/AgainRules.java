package dev.maestro.run;

import dev.maestro.policy.CompletionPolicy;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether policies let a failed attempt be followed by another: ceilings by cause, inside the
 * step's attempts. Counted from the run's events, every time anew.
 */
final class AgainRules {

  private final Policies policies;
  private final List<Try> tries;
  private final List<Judgment> judgments = new ArrayList<>();

  private AgainRules(Policies policies, List<Try> tries) {
    this.policies = policies;
    this.tries = tries;
  }

  /** {@return the rules for a task whose present attempt has failed so} */
  static AgainRules of(Policies policies, Task task, Try now) {
    return new AgainRules(policies, Fold.concat(task.tries, List.of(now)));
  }

  List<Judgment> judgments() {
    return judgments;
  }

  /** {@return why there must not be another attempt, though there may be some left; or null} */
  @Nullable Stop stop() {
    return singled().or(this::broken).or(this::climbed).orElse(null);
  }

  /**
   * The end of a task's attempts before their number is used up.
   *
   * @param reason the code
   * @param why for people
   */
  record Stop(Reason reason, String why) {}

  private Optional<Stop> singled() {
    return policies.until() != null && policies.until().single()
        ? Optional.of(new Stop(CompletionPolicy.SINGLE_TASK, "there was to be one attempt only"))
        : Optional.empty();
  }

  private Optional<Stop> broken() {
    LoopBreaker breaker = policies.breaker();
    if (breaker == null) {
      return Optional.empty();
    }
    LoopBreaker.Seen seen = breaker.closed();
    for (Try one : tries) {
      seen = breaker.after(seen, one.changed(), Optional.of(one.error()));
    }
    Verdict verdict = breaker.verdict(seen);
    Numbers numbers =
        Numbers.of("idle", seen.idle())
            .with("sameError", seen.sameError())
            .with("iterations", seen.iterations());
    judgments.add(Judgment.of(LoopBreaker.RULE, Place.RETRY, verdict, numbers));
    return verdict instanceof Verdict.Refuse refuse
        ? Optional.of(new Stop(refuse.reason(), refuse.why()))
        : Optional.empty();
  }

  private Optional<Stop> climbed() {
    Ladder ladder = policies.ladder();
    int failed = (int) tries.stream().filter(Try::check).count();
    return ladder != null && ladder.isUsedUp(failed)
        ? Optional.of(
            new Stop(Reason.ATTEMPTS_EXHAUSTED, "every rung of the ladder has had its attempts"))
        : Optional.empty();
  }

  boolean endsWithPerson() {
    return policies.ladder() != null && policies.ladder().person();
  }

  /** {@return all that a person should know who is asked whether to go on} */
  String question(Task task, String why, Trouble trouble) {
    StringBuilder text = new StringBuilder("Task ").append(task.id);
    text.append(" needs a person: ").append(why).append(". May it be tried once more?\n");
    for (Try one : tries) {
      text.append("\nAttempt ").append(one.attempt());
      text.append(one.model() == null ? "" : " (" + one.model() + ")");
      text.append(": ").append(one.reason()).append(": ").append(one.message());
    }
    if (!trouble.excerpt().isBlank()) {
      text.append("\n\n").append(trouble.excerpt());
    }
    return text.toString();
  }
}
