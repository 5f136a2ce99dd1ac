package dev.maestro.insight;

import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunState;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a {@link ShadowRouter} has said beside launches, read from their journals, and what
 * following it would have saved (M2-22, M2-23).
 *
 * <p>Give it runs in any order. What was said is as it was recorded at the time; what it would have
 * saved is reckoned with what all runs together have come to. For one thread at a time.
 */
public final class ShadowHistory {

  private final ShadowRouting cameTo = new ShadowRouting();
  private final List<RoutingRecommendation> history = new ArrayList<>();

  /** Begin with nothing. */
  public ShadowHistory() {}

  /** Take in a run. */
  public void take(RecordedRun run) {
    cameTo.take(run);
    RunState state = run.before();
    Map<TaskId, ShadowRouter.Advice> said = new HashMap<>();
    for (RunEvent event : run.events()) {
      state.apply(event);
      if (event instanceof RunEvent.Judged judged) {
        advice(judged).ifPresent(advice -> said.put(judged.task(), advice));
      } else if (event instanceof RunEvent.Intent intent && said.containsKey(intent.task())) {
        add(state, intent, said.remove(intent.task()));
      }
    }
  }

  private void add(RunState state, RunEvent.Intent intent, ShadowRouter.Advice advice) {
    String step = ShadowRouting.stepOf(state, intent.task());
    String current = ShadowRouting.routeOf(intent);
    history.add(RoutingRecommendation.of(state.key(), intent, step, current, advice));
  }

  private static Optional<ShadowRouter.Advice> advice(RunEvent.Judged judged) {
    return judged.judgments().stream()
        .filter(one -> one.rule().equals(ShadowRouter.RULE) && !one.numbers().isEmpty())
        .map(ShadowHistory::advice)
        .reduce((first, last) -> last);
  }

  // ------------------------------------------------------------------ as a judgment

  /** {@return what was said, as it stands in the chain of a run} */
  public static Judgment judgment(ShadowRouter.Advice advice) {
    return Judgment.of(
            ShadowRouter.RULE,
            Place.ROUTE,
            Verdict.proceed(),
            Numbers.of("confidence", advice.confidence())
                .with("samples", advice.samples())
                .with("fallback", advice.fallback() ? 1 : 0))
        .detail(advice.route());
  }

  private static ShadowRouter.Advice advice(Judgment judgment) {
    Map<String, BigDecimal> numbers = judgment.numbers().values();
    return new ShadowRouter.Advice(
        judgment.detail(),
        numbers.getOrDefault("confidence", BigDecimal.ZERO).intValue(),
        numbers.getOrDefault("samples", BigDecimal.ZERO).intValue(),
        numbers.getOrDefault("fallback", BigDecimal.ZERO).signum() != 0);
  }

  // ------------------------------------------------------------------ what there is to see

  /** {@return what was said of each launch, in the order in which the runs were taken in} */
  public List<RoutingRecommendation> all() {
    return List.copyOf(history);
  }

  /** {@return what was said of those launches for which this holds} */
  public List<RoutingRecommendation> where(Predicate<RoutingRecommendation> holds) {
    return history.stream().filter(holds).toList();
  }

  /** {@return what was said in a run} */
  public List<RoutingRecommendation> of(RunKey run) {
    return where(one -> one.run().equals(run));
  }

  /** {@return what was said of a step, named {@code pipeline/step}} */
  public List<RoutingRecommendation> of(String step) {
    return where(one -> one.step().equals(step));
  }

  /** {@return what it comes to, by step} */
  public Map<String, StepReport> report() {
    Map<String, StepReport> report = new LinkedHashMap<>();
    for (RoutingRecommendation one : history) {
      Optional<BigDecimal> less = cameTo.costLess(one.step(), one.current(), one.recommended());
      report.merge(one.step(), StepReport.of(one, less), StepReport::and);
    }
    return report;
  }

  /**
   * What shadow routing comes to for a step.
   *
   * @param launches beside how many launches something was said
   * @param fallbacks of how many of them too little was known
   * @param differing for how many another route was recommended
   * @param saved what following that would have saved in dollars; negative when it would have cost
   *     more
   * @param unknown for how many of the differing ones nobody can say that
   */
  public record StepReport(
      int launches, int fallbacks, int differing, BigDecimal saved, int unknown) {

    private static StepReport of(RoutingRecommendation one, Optional<BigDecimal> less) {
      boolean differs = one.differs();
      return new StepReport(
          1,
          one.fallback() ? 1 : 0,
          differs ? 1 : 0,
          differs ? less.orElse(BigDecimal.ZERO) : BigDecimal.ZERO,
          differs && less.isEmpty() ? 1 : 0);
    }

    private StepReport and(StepReport other) {
      return new StepReport(
          launches + other.launches,
          fallbacks + other.fallbacks,
          differing + other.differing,
          saved.add(other.saved),
          unknown + other.unknown);
    }
  }
}
