package dev.maestro.run;

import dev.maestro.policy.CompletionPolicy;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.Comparator;
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
    return new AgainRules(policies, Fold.concat(task.dealings.tries, List.of(now)));
  }

  List<Judgment> judgments() {
    return judgments;
  }

  /** {@return why there must not be another attempt, though there may be some left; or null} */
  @Nullable Stop stop() {
    return singled().or(this::broken).or(this::retried).or(this::climbed).orElse(null);
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

  private Optional<Stop> retried() {
    Retries retries = policies.retries();
    if (retries == null) {
      return Optional.empty();
    }
    Finding finding = retries.judge(tries.size() - failedChecks(), failedChecks());
    judgments.add(Judgment.of(Retries.RULE, Place.RETRY, finding.verdict(), finding.numbers()));
    return finding.verdict() instanceof Verdict.Refuse refuse
        ? Optional.of(new Stop(refuse.reason(), refuse.why()))
        : Optional.empty();
  }

  private int failedChecks() {
    return (int) tries.stream().filter(Try::check).count();
  }

  private Optional<Stop> climbed() {
    Ladder ladder = policies.ladder();
    int failed = failedChecks();
    return ladder != null && ladder.isUsedUp(failed)
        ? Optional.of(
            new Stop(Reason.ATTEMPTS_EXHAUSTED, "every rung of the ladder has had its attempts"))
        : Optional.empty();
  }

  boolean endsWithPerson() {
    return policies.ladder() != null && policies.ladder().person();
  }

  /**
   * {@return all that a person should know who is asked whether to go on: of each attempt why it
   * failed, what it cost, and the end of what was printed; of those, too, that ended at a budget
   * and count for no rule}
   */
  String question(Task task, String why) {
    StringBuilder text = new StringBuilder("Task ").append(task.id);
    text.append(" needs a person: ").append(why).append(". May it be tried once more?\n");
    List<Try> all = new ArrayList<>(Fold.concat(task.dealings.cutShort, tries));
    all.sort(Comparator.comparingInt(Try::attempt));
    for (Try one : all) {
      text.append("\nAttempt ").append(one.attempt());
      text.append(one.model() == null ? "" : " (" + one.model() + ")");
      text.append(": ").append(one.reason()).append(": ").append(one.message());
      text.append(cost(one.usage()));
      text.append(one.excerpt().isEmpty() ? "" : "\n" + one.excerpt().indent(4).stripTrailing());
    }
    return text.toString();
  }

  private static String cost(Usage usage) {
    if (usage.tokens() == 0 && usage.cost().equals(Money.ZERO)) {
      return "";
    }
    String about = usage.presumed() ? " at most" : "";
    return " [used%s %d tokens, %s USD]".formatted(about, usage.tokens(), usage.cost().decimal());
  }
}
