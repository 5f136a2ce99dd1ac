package dev.maestro.benchmarks;

import java.util.List;
import java.util.stream.Collectors;

/** Every scenario there is. */
final class Scenarios {

  private static final List<Scenario> ALL =
      List.of(
          new ResolveScenario(),
          new EngineScenario(EngineScenario.Shape.CHAIN),
          new EngineScenario(EngineScenario.Shape.FANOUT),
          new DurableOne(),
          new DurableMany(),
          new WaitingScenario(),
          new AgentProcessesScenario(),
          new ChatModelsScenario(),
          new PoliciesScenario(),
          new StartupScenario(),
          new OpenStoreScenario(),
          new GrowthScenario());

  private Scenarios() {}

  /** {@return all, in the order of the table} */
  static List<Scenario> all() {
    return ALL;
  }

  /**
   * {@return the one of this name}
   *
   * @throws IllegalArgumentException when there is none
   */
  static Scenario named(String name) {
    return ALL.stream()
        .filter(scenario -> scenario.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no scenario '" + name + "', but " + names()));
  }

  /** {@return their names, for a person} */
  static String names() {
    return ALL.stream().map(Scenario::name).collect(Collectors.joining(", "));
  }
}
