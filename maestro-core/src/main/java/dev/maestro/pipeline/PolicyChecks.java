package dev.maestro.pipeline;

import dev.maestro.policy.CommandGuard;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;

/** Policies of a step or a pipeline that say what cannot be meant. */
final class PolicyChecks {

  private PolicyChecks() {}

  /** Check them; the paths that are reported begin where they are said. */
  static void check(Policies policies, Fields.Report report) {
    if (policies.budget() != null) {
      policies.budget().contradiction().ifPresent(what -> report.problem("budget", "budget", what));
    }
    boolean idle = false;
    for (Guardrail one : policies.guardrails()) {
      idle |= one instanceof CommandGuard c && c.rules().rules().isEmpty();
    }
    if (idle) {
      report.problem("guard", "guard", "a rule about commands without any refuses nothing");
    }
  }
}
