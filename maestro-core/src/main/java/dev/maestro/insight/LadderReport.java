package dev.maestro.insight;

import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Numbers;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
   * @param model which model, as the ladder names it
   * @param attempts how often it was tried
   * @param accepted how often its work was accepted
   * @param cost what all of its attempts cost
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

  /** Which attempt of which task of which run. */
  private record Attempt(RunKey run, TaskId task, int number) {}

  private record Work(RunKey run, TaskId task) {}

  private record Step(int number, String model) implements Comparable<Step> {
    @Override
    public int compareTo(Step other) {
      int byNumber = Integer.compare(number, other.number);
      return byNumber == 0 ? model.compareTo(other.model) : byNumber;
    }
  }

  /** Collects what is found; lives for one call. */
  private static final class Reading {

    private final Map<Attempt, Step> steps = new HashMap<>();
    private final SortedMap<Step, Rung> found = new TreeMap<>();
    // whose work it is that gates and people judge
    private final Map<Work, Attempt> latest = new HashMap<>();
    private final Set<Attempt> accepted = new HashSet<>();

    void take(RunRecord one) {
      if (one.event() instanceof RunEvent.Judged judged) {
        judged.judgments().forEach(judgment -> climb(one.run(), judged, judgment));
      } else if (one.event() instanceof RunEvent.Acted acted) {
        acted(one.run(), acted);
      } else if (isJudgedIn(one.event())) {
        one.event().moves().forEach(move -> accept(one.run(), move));
      }
    }

    /** Gates pass what they can judge; the rest a person accepts. */
    private static boolean isJudgedIn(RunEvent event) {
      return event instanceof RunEvent.Verified || event instanceof RunEvent.Answered;
    }

    private void acted(RunKey run, RunEvent.Acted acted) {
      Attempt attempt = new Attempt(run, acted.task(), acted.attempt());
      if (!acted.moves().isEmpty()) {
        latest.put(new Work(run, acted.task()), attempt);
      }
      used(attempt, acted.usage());
    }

    private void accept(RunKey run, Move move) {
      Attempt attempt = latest.get(new Work(run, move.task()));
      if (move.to() == TaskState.VERIFIED && attempt != null && accepted.add(attempt)) {
        add(attempt, 0, 1, Usage.NONE);
      }
    }

    private void climb(RunKey run, RunEvent.Judged judged, Judgment judgment) {
      if (judgment.rule().equals(Ladder.RULE)) {
        Numbers numbers = judgment.numbers();
        int number = numbers.values().getOrDefault("rung", BigDecimal.ONE).intValue();
        Attempt attempt = new Attempt(run, judged.task(), judged.attempt());
        boolean first = steps.put(attempt, new Step(number, judgment.detail())) == null;
        add(attempt, first ? 1 : 0, 0, Usage.NONE);
      }
    }

    private void used(Attempt attempt, @Nullable Usage usage) {
      Usage unknown = new Usage(0, 0, 0, Money.ZERO, 0, 0, true);
      add(attempt, 0, 0, usage == null ? unknown : usage);
    }

    private void add(Attempt attempt, int attempts, int accepted, Usage usage) {
      Step step = steps.get(attempt);
      if (step != null) {
        found.merge(
            step,
            new Rung(
                step.number(), step.model(), attempts, accepted, usage.cost(), usage.presumed()),
            Reading::sum);
      }
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

    List<Rung> rungs() {
      return new ArrayList<>(found.values());
    }
  }
}
