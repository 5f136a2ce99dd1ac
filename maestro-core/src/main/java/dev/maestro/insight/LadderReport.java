package dev.maestro.insight;

import dev.maestro.insight.Spending.Attempt;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.task.Money;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What each rung of ladders was tried for, what it cost, and how often its work was accepted: by
 * its gates, or by the person who was asked.
 *
 * @param rungs from the first; only those that were tried
 */
public record LadderReport(List<Rung> rungs) {

  /** Copy the list. */
  public LadderReport {
    rungs = List.copyOf(rungs);
  }

  /**
   * One rung.
   *
   * @param number from 1
   * @param model which model, as the ladder names it; where a budget had it degraded, which one was
   *     launched
   * @param attempts how often it was tried; what a quota turned away is no attempt
   * @param accepted how often its work was accepted, and did not fail where it was merged
   * @param cost what all of its attempts cost; of one that was cut off, what was put aside for it
   * @param presumed whether the cost of any of them is not known
   */
  public record Rung(
      int number, String model, int attempts, int accepted, Money cost, boolean presumed) {

    /**
     * {@return what one accepted change cost on it, failed attempts included; empty without one}
     */
    public Optional<Money> costPerAccepted() {
      return accepted == 0
          ? Optional.empty()
          : Optional.of(
              new Money(cost.usd().divide(BigDecimal.valueOf(accepted), MathContext.DECIMAL64)));
    }
  }

  /** {@return the report on these records of any runs, each run's in order} */
  public static LadderReport of(Iterable<RunRecord> records) {
    Reading reading = new Reading();
    records.forEach(reading::take);
    return new LadderReport(reading.rungs());
  }

  private record Work(RunKey run, TaskId task) {}

  private record Step(int number, String model) implements Comparable<Step> {
    @Override
    public int compareTo(Step other) {
      int byNumber = Integer.compare(number, other.number);
      return byNumber == 0 ? model.compareTo(other.model) : byNumber;
    }
  }

  /** What is known of one attempt on a ladder. */
  private static final class Tried {

    private Step step;
    private boolean accepted;
    private boolean turnedAway;

    Tried(Step step) {
      this.step = step;
    }

    Rung rung(Usage used) {
      return new Rung(
          step.number(),
          step.model(),
          turnedAway ? 0 : 1,
          accepted ? 1 : 0,
          used.cost(),
          used.presumed());
    }
  }

  /** Collects what is found; lives for one call. */
  private static final class Reading {

    private final Map<Attempt, Tried> tried = new LinkedHashMap<>();
    // whose work it is that gates and people judge
    private final Map<Work, Attempt> latest = new HashMap<>();
    private final Spending spending = new Spending();

    void take(RunRecord one) {
      RunKey run = one.run();
      RunEvent event = one.event();
      spending.take(run, event);
      if (event instanceof RunEvent.Judged judged) {
        judged.judgments().forEach(judgment -> climb(run, judged, judgment));
      } else if (event instanceof RunEvent.Intent intent) {
        intend(run, intent);
      } else if (event instanceof RunEvent.Acted acted && !acted.moves().isEmpty()) {
        acted(run, acted);
      }
      event.moves().forEach(move -> moved(run, event, move));
    }

    private void climb(RunKey run, RunEvent.Judged judged, Judgment judgment) {
      if (judgment.rule().equals(Ladder.RULE)) {
        int number = judgment.numbers().values().getOrDefault("rung", BigDecimal.ONE).intValue();
        tried.putIfAbsent(
            new Attempt(run, judged.task(), judged.attempt()),
            new Tried(new Step(number, judgment.detail())));
      }
    }

    private void intend(RunKey run, RunEvent.Intent intent) {
      Tried one = tried.get(new Attempt(run, intent.task(), intent.attempt()));
      RunEvent.Intent.Reserved reserved = intent.reserved();
      if (one != null && reserved != null && reserved.degraded()) {
        String model = intent.model() == null ? intent.provider() : intent.model();
        one.step = new Step(one.step.number(), model);
      }
    }

    private void acted(RunKey run, RunEvent.Acted acted) {
      Attempt attempt = new Attempt(run, acted.task(), acted.attempt());
      latest.put(new Work(run, acted.task()), attempt);
      Tried one = tried.get(attempt);
      if (one != null) {
        one.turnedAway = acted.trouble() != null && acted.trouble().isTurnedAway(acted.at());
      }
    }

    private void moved(RunKey run, RunEvent event, Move move) {
      Work work = new Work(run, move.task());
      Tried one = latest.containsKey(work) ? tried.get(latest.get(work)) : null;
      if (one != null && move.to() == TaskState.VERIFIED && isJudgedIn(event)) {
        one.accepted = true;
      } else if (one != null && move.from() == TaskState.VERIFIED) {
        // what fails where it is merged was no change after all
        one.accepted &= move.to() != TaskState.FAILED;
      }
    }

    /** Gates pass what they can judge; the rest a person accepts. */
    private static boolean isJudgedIn(RunEvent event) {
      return event instanceof RunEvent.Verified || event instanceof RunEvent.Answered;
    }

    List<Rung> rungs() {
      SortedMap<Step, Rung> found = new TreeMap<>();
      tried.forEach(
          (attempt, one) -> found.merge(one.step, one.rung(spending.of(attempt)), Reading::sum));
      return List.copyOf(found.values());
    }

    private static Rung sum(Rung one, Rung other) {
      return new Rung(
          one.number(),
          one.model(),
          one.attempts() + other.attempts(),
          one.accepted() + other.accepted(),
          one.cost().plus(other.cost()),
          one.presumed() || other.presumed());
    }
  }
}
