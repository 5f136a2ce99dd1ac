package dev.maestro.pipeline;

import dev.maestro.policy.Policies;

/** Reads what is switched on for a step or a pipeline; what is not there is off. */
final class PolicyReader {

  private PolicyReader() {}

  static Policies read(Fields fields) {
    Policies policies = Policies.NONE;
    for (Fields guardrail : fields.objects("guard")) {
      policies = GuardrailForm.read(guardrail).map(policies::guard).orElse(policies);
    }
    return fields.object("budget").flatMap(BudgetForm::read).map(policies::budget).orElse(policies);
  }
}
