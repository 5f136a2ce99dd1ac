package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Retry, breaker, rate limit and bulkhead round something that does nothing, measured by JMH.
 *
 * <p>Maestro's policies are rules: what the engine asks before a launch and tells them after it.
 * They are measured round nothing like those of others; beside them, with a time limit, and with a
 * guardrail and two budgets. What it takes to make their state durable is in a step, and a whole
 * step, from decision to journal in memory, is measured too, and what four interceptors that let it
 * pass add to it.
 */
final class PoliciesScenario implements Scenario {

  private static final int STACK = 4;

  @Override
  public String name() {
    return "policies";
  }

  @Override
  public String question() {
    return "four policies round something that does nothing; of Maestro also interceptors round a step";
  }

  @Override
  public int warmups(Size size) {
    // each call of JMH has its own
    return 0;
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    List<Contestant> all = new ArrayList<>();
    all.add(Contestant.of("Maestro", () -> interceptors(size)));
    all.add(peer("Maestro, rules", "maestroRules", size));
    all.add(peer("Maestro, rules with time limit", "maestroRulesTimed", size));
    all.add(peer("Maestro, the whole stack", "maestroStack", size));
    all.add(peer("Resilience4j", "resilience4j", size));
    all.add(peer("Resilience4j with time limit", "resilience4jTimed", size));
    all.add(peer("Failsafe", "failsafe", size));
    all.add(peer("Failsafe with time limit", "failsafeTimed", size));
    return all;
  }

  private static Contestant peer(String name, String method, Size size) {
    return Contestant.of(
        name,
        () -> {
          Jmh.Measured measured = Jmh.measure(PolicyStacks.class, method, size);
          return readings("call", measured);
        });
  }

  /** A step alone, and what the interceptors add, which would be lost in the noise if few. */
  private static List<Reading> interceptors(Size size) throws Exception {
    Jmh.Measured bare = Jmh.measure(PolicyStacks.class, "step", size);
    Jmh.Measured intercepted = Jmh.measure(PolicyStacks.class, "interceptedStep", size);
    double share = (double) STACK / PolicyStacks.INTERCEPTORS;
    List<Reading> readings = new ArrayList<>();
    readings.addAll(
        readings(
            "call",
            new Jmh.Measured(
                (intercepted.nanos() - bare.nanos()) * share,
                (intercepted.bytes() - bare.bytes()) * share)));
    readings.addAll(readings("whole_step", bare));
    return readings;
  }

  private static List<Reading> readings(String of, Jmh.Measured measured) {
    return List.of(
        new Reading("ns_per_" + of, "ns", measured.nanos()),
        new Reading("bytes_per_" + of, "B", measured.bytes()));
  }
}
