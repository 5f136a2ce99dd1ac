package dev.maestro.attempt;

import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Place;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the application registered, by name and version; pipelines refer to these and never hold
 * them.
 *
 * @param steps code steps
 * @param gates checks
 * @param predicates conditions
 * @param interceptors by name alone
 * @param judges by name alone
 */
public record Registered(
    Map<Name, CodeStep> steps,
    Map<Name, GateCheck> gates,
    Map<Name, Predicate> predicates,
    Map<String, Interceptor> interceptors,
    Map<String, Judge> judges) {

  /** Copy the maps. */
  public Registered {
    steps = Map.copyOf(steps);
    gates = Map.copyOf(gates);
    predicates = Map.copyOf(predicates);
    interceptors = Map.copyOf(interceptors);
    judges = Map.copyOf(judges);
  }

  /**
   * Under what something is registered.
   *
   * @param name what pipelines call it
   * @param version of the code
   */
  public record Name(String name, String version) {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Name that && name.equals(that.name) && version.equals(that.version);
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + version.hashCode();
    }

    @Override
    public String toString() {
      return name + " (version " + version + ")";
    }
  }

  /** {@return the code step of this name and version, if it is registered} */
  public Optional<CodeStep> step(String name, String version) {
    return Optional.ofNullable(steps.get(new Name(name, version)));
  }

  /** {@return the check of this name and version, if it is registered} */
  public Optional<GateCheck> gate(String name, String version) {
    return Optional.ofNullable(gates.get(new Name(name, version)));
  }

  /** {@return the predicate of this name and version, if it is registered} */
  public Optional<Predicate> predicate(String name, String version) {
    return Optional.ofNullable(predicates.get(new Name(name, version)));
  }

  /** Stop an attempt before it costs anything when a name of its step leads nowhere. */
  void requireAllOf(Step step, Policies policies) {
    if (!policies.isNone()) {
      requireJudges(policies);
    }
    if (step.action() instanceof Action.Code code && step(code.name(), code.version()).isEmpty()) {
      throw missing("code step", code.name(), code.version());
    }
    List<Gate> needed = step.gates();
    for (int i = 0; i < needed.size(); i++) {
      if (needed.get(i) instanceof Gate.CodeGate code
          && gate(code.name(), code.version()).isEmpty()) {
        throw missing("gate", code.name(), code.version());
      }
    }
    List<String> names = step.interceptors();
    for (int i = 0; i < names.size(); i++) {
      if (!interceptors.containsKey(names.get(i))) {
        throw missing("interceptor " + names.get(i));
      }
    }
  }

  private void requireJudges(Policies policies) {
    for (String name : policies.judges()) {
      if (!judges.containsKey(name)) {
        throw missing("judge " + name);
      }
    }
  }

  static StoppedException missing(String kind, String name, String version) {
    return missing(kind + " " + new Name(name, version));
  }

  static StoppedException missing(String what) {
    return new StoppedException(
        new Verdict.Refuse(
            Reason.CODE_MISSING, "the " + what + " is not registered on the builder", true));
  }

  /** Collects what is registered; each name may be used once. */
  public static final class Builder {

    private static final Set<Place> ONLY_POLICIES = Set.of(Place.ROUTE, Place.TOOL, Place.RETRY);

    private final Map<Name, CodeStep> steps = new HashMap<>();
    private final Map<Name, GateCheck> gates = new HashMap<>();
    private final Map<Name, Predicate> predicates = new HashMap<>();
    private final Map<String, Interceptor> interceptors = new HashMap<>();
    private final Map<String, Judge> judges = new HashMap<>();

    /** Make an empty one. */
    public Builder() {}

    /** Register a code step. */
    public Builder step(String name, String version, CodeStep step) {
      once("code step", steps, new Name(name, version), step);
      return this;
    }

    /** Register a check. */
    public Builder gate(String name, String version, GateCheck check) {
      once("gate", gates, new Name(name, version), check);
      return this;
    }

    /** Register a predicate. */
    public Builder predicate(String name, String version, Predicate predicate) {
      once("predicate", predicates, new Name(name, version), predicate);
      return this;
    }

    /** Register an interceptor. */
    public Builder interceptor(String name, Interceptor interceptor) {
      if (ONLY_POLICIES.contains(interceptor.place())) {
        throw new IllegalArgumentException(
            "the interceptor "
                + name
                + " would never be asked: only policies stand at "
                + interceptor.place());
      }
      once("interceptor", interceptors, name, interceptor);
      return this;
    }

    /** Register a judge. */
    public Builder judge(String name, Judge judge) {
      once("judge", judges, name, judge);
      return this;
    }

    /** {@return everything registered so far} */
    public Registered build() {
      return new Registered(steps, gates, predicates, interceptors, judges);
    }

    private static <K, V> void once(String kind, Map<K, V> map, K name, V value) {
      if (map.putIfAbsent(name, value) != null) {
        throw new IllegalArgumentException("the " + kind + " " + name + " is registered already");
      }
    }
  }
}
