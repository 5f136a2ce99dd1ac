package dev.maestro.attempt;

import dev.maestro.agent.Installation;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.agent.Route;
import dev.maestro.agent.Routing;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The routes that one attempt of an agent step may take: its own, and those that a {@link Fallback}
 * names, in order. Each that is passed over is put into the chain of the run.
 */
final class Routes {

  private final Tools tools;
  private final AttemptContext context;
  private final Action.Agent agent;
  private final Deque<String> others;

  Routes(Tools tools, AttemptContext context) {
    this.tools = tools;
    this.context = context;
    this.agent = agent(context.step());
    this.others = new ArrayDeque<>(context.policies().fallbacks());
  }

  static Action.Agent agent(Step step) {
    return step.action() instanceof Action.Plan plan
        ? plan.asAgent()
        : (Action.Agent) step.action();
  }

  /**
   * {@return the step's own route, on this model if one is given; the first one to fall back to
   * that is open, where it is not}
   */
  Route first(@Nullable String instead) {
    Routing own = routing(instead);
    Route route = own.route().orElse(null);
    if (others.isEmpty() && route != null) {
      return route;
    }
    Optional<String> closed = closed(own);
    return closed
        .flatMap(this::next)
        .or(() -> Optional.ofNullable(route))
        .orElseThrow(() -> missing(closed.orElse("")));
  }

  /** {@return the step's own route, on this model; empty, and told, when nobody is there for it} */
  Optional<Route> on(String model) {
    Routing routing = routing(model);
    Optional<String> closed = closed(routing);
    closed.ifPresent(why -> tell(why + "; stays where it is"));
    return closed.isEmpty() ? routing.route() : Optional.empty();
  }

  /** {@return whether there is a route left to fall back to} */
  boolean hasOther() {
    return !others.isEmpty();
  }

  /** {@return the next route that is open, because of this; empty when there is none left} */
  Optional<Route> next(String because) {
    String why = because;
    while (!others.isEmpty()) {
      String instead = Objects.requireNonNull(others.poll());
      tell(why + "; falls back to " + instead);
      Routing routing = providers().fallback(agent.agent(), instead, tools.personas());
      Optional<String> closed = closed(routing);
      if (closed.isEmpty()) {
        return routing.route();
      }
      why = closed.get();
    }
    tell(why + "; there is no other route");
    return Optional.empty();
  }

  private Routing routing(@Nullable String instead) {
    return providers()
        .route(agent.agent(), instead == null ? agent.model() : instead, tools.personas());
  }

  private ProviderRegistry providers() {
    return tools.providers();
  }

  /** {@return why nobody can be launched on it, as far as that can be told without doing it} */
  private Optional<String> closed(Routing routing) {
    if (routing instanceof Routing.Missing missing) {
      return Optional.of(missing.why());
    }
    return routing.route().flatMap(this::unusable);
  }

  private Optional<String> unusable(Route route) {
    return providers()
        .detect(route.provider().id())
        .filter(found -> !found.isUsable())
        .map(found -> why(route, found));
  }

  private static String why(Route route, Installation found) {
    String what = found.present() ? "nobody is signed in to `" : "there is no `";
    String help = found.help().isBlank() ? "" : ": " + found.help();
    return what + route.provider().id() + "`" + (found.present() ? "" : " on this machine") + help;
  }

  private void tell(String what) {
    context.judge(Judgment.of(Fallback.RULE, Place.ROUTE, Verdict.proceed()).detail(what));
  }

  private static StoppedException missing(String why) {
    return new StoppedException(new Verdict.Refuse(Reason.PROVIDER_MISSING, why, true));
  }
}
