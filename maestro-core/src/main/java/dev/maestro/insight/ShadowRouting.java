package dev.maestro.insight;

import dev.maestro.run.RunEvent;
import dev.maestro.run.RunState;
import dev.maestro.run.Task;
import dev.maestro.task.Money;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says for each launch which route would have been chosen by what was known then (M2-22): for
 * recorded ones, and, registered with {@code MaestroBuilder.shadow}, beside those that begin.
 *
 * <p>It has no way to change a route. Give it runs in the order in which they ended; what it knows
 * grows with each. For a step of a pipeline it recommends the route with the least cost per
 * accepted change among those whose accepted share is not lower than the current route's; a route
 * counts once it has {@value #ENOUGH} launches of which the cost is known. Where no other route has
 * that many, it falls back to the current one and says so. Confidence is the lower end of the 95
 * percent interval (Wilson) of the recommended route's accepted share.
 *
 * <p>Safe for use by any number of threads.
 */
public final class ShadowRouting implements ShadowRouter {

  /** How many launches a route needs before it counts. */
  public static final int ENOUGH = 5;

  private static final double Z = 1.96;

  private final Map<String, Map<String, RouteRecord>> known = new HashMap<>();
  private final List<RoutingRecommendation> history = new ArrayList<>();
  private final Map<String, BigDecimal> saved = new LinkedHashMap<>();

  /** Begin without knowing anything. */
  public ShadowRouting() {}

  /** A launch whose outcome is not known yet. */
  private record Open(String step, String route, @Nullable Usage usage) {}

  /** Take in a run: a recommendation for each of its launches, and what they came to. */
  public synchronized void take(RecordedRun run) {
    RunState state = run.before();
    Map<TaskId, Open> open = new HashMap<>();
    for (RunEvent event : run.events()) {
      state.apply(event);
      if (event instanceof RunEvent.Intent intent) {
        String step = stepOf(state, intent.task());
        recommend(state.key(), step, intent);
        open.put(intent.task(), new Open(step, routeOf(intent), null));
      } else if (event instanceof RunEvent.Acted acted) {
        act(open, acted);
      } else if (event instanceof RunEvent.Verified verified) {
        Open launch = open.remove(verified.task());
        if (launch != null) {
          note(launch, verified.trouble() == null);
        }
      }
    }
  }

  private void act(Map<TaskId, Open> open, RunEvent.Acted acted) {
    Open launch = open.remove(acted.task());
    if (launch == null) {
      return;
    }
    Open ended = new Open(launch.step(), launch.route(), acted.usage());
    if (acted.trouble() != null || acted.moves().isEmpty()) {
      note(ended, false);
    } else {
      open.put(acted.task(), ended);
    }
  }

  static String stepOf(RunState state, TaskId id) {
    String pipeline = state.pipeline().name();
    return pipeline + "/" + state.task(id).map(Task::step).orElseThrow().id();
  }

  static String routeOf(RunEvent.Intent intent) {
    return intent.model() == null ? intent.provider() : intent.provider() + "/" + intent.model();
  }

  private void note(Open launch, boolean accepted) {
    Usage usage = launch.usage();
    Money cost = usage == null ? Money.ZERO : usage.cost();
    boolean isKnown = usage != null && !usage.presumed();
    known
        .computeIfAbsent(launch.step(), step -> new LinkedHashMap<>())
        .merge(
            launch.route(),
            RouteRecord.of(launch.route()).and(accepted, cost, isKnown),
            (before, one) -> before.and(accepted, cost, isKnown));
  }

  // ------------------------------------------------------------------ recommendations

  @Override
  public synchronized Optional<Advice> advise(Launch launch) {
    return Optional.of(advise(launch.step(), launch.current()));
  }

  private Advice advise(String step, String current) {
    Map<String, RouteRecord> routes = known.getOrDefault(step, Map.of());
    RouteRecord now = routes.getOrDefault(current, RouteRecord.of(current));
    RouteRecord best = best(routes.values(), now).orElse(now);
    boolean fallback = routes.values().stream().noneMatch(other -> isOther(other, current));
    return new Advice(best.route(), confidence(best), best.launches(), fallback);
  }

  private void recommend(RunKey run, String step, RunEvent.Intent intent) {
    String current = routeOf(intent);
    Advice advice = advise(step, current);
    history.add(RoutingRecommendation.of(run, intent, step, current, advice));
    costLess(step, current, advice.route())
        .ifPresent(less -> saved.merge(step, less, BigDecimal::add));
  }

  /** {@return how much less an accepted change costs on the other route, where both are known} */
  synchronized Optional<BigDecimal> costLess(String step, String current, String other) {
    Optional<BigDecimal> now = costPerAccepted(step, current);
    Optional<BigDecimal> instead = costPerAccepted(step, other);
    return current.equals(other) ? Optional.empty() : now.flatMap(n -> instead.map(n::subtract));
  }

  private Optional<BigDecimal> costPerAccepted(String step, String route) {
    return Optional.ofNullable(known.getOrDefault(step, Map.of()).get(route))
        .filter(one -> one.accepted() > 0 && isEnough(one))
        .map(RouteRecord::costPerAccepted);
  }

  private static boolean isOther(RouteRecord route, String current) {
    return !route.route().equals(current) && isEnough(route);
  }

  private static boolean isEnough(RouteRecord route) {
    return route.launches() >= ENOUGH && route.known();
  }

  private static Optional<RouteRecord> best(Collection<RouteRecord> routes, RouteRecord now) {
    return routes.stream()
        .filter(ShadowRouting::isEnough)
        .filter(route -> route.accepted() > 0 && route.rate() >= now.rate())
        .min(
            Comparator.comparing(RouteRecord::costPerAccepted)
                .thenComparing(route -> !route.route().equals(now.route()))
                .thenComparing(RouteRecord::route));
  }

  /** The lower end of the Wilson interval, which is 0 where nothing is known. */
  private static int confidence(RouteRecord route) {
    if (route.launches() == 0) {
      return 0;
    }
    double n = route.launches();
    double p = route.rate();
    double middle = p + Z * Z / (2 * n);
    double spread = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    double lower = (middle - spread) / (1 + Z * Z / n);
    return (int) Math.round(Math.max(0, Math.min(1, lower)) * 100);
  }

  // ------------------------------------------------------------------ what it has come to

  /** {@return a recommendation for each launch, in the order in which they were recorded} */
  public synchronized List<RoutingRecommendation> history() {
    return List.copyOf(history);
  }

  /** {@return those of one step, named {@code pipeline/step}} */
  public synchronized List<RoutingRecommendation> history(String step) {
    return history.stream().filter(one -> one.step().equals(step)).toList();
  }

  /** {@return what is known of the routes of a step, in the order in which they came up} */
  public synchronized List<RouteRecord> routes(String step) {
    return List.copyOf(known.getOrDefault(step, Map.of()).values());
  }

  /**
   * {@return what following the recommendations would have saved in dollars, by step: for each
   * launch that another route was recommended for, what an accepted change cost less there by what
   * was known then}
   *
   * <p>An estimate, and nothing for launches of which too little was known.
   */
  public synchronized Map<String, BigDecimal> saved() {
    return Map.copyOf(saved);
  }
}
