package dev.maestro.pipeline;

import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;
import dev.maestro.policy.TermList;
import java.util.List;
import java.util.Optional;

/** Reads what is switched on for a step or a pipeline; what is not there is off. */
final class PolicyReader {

  private PolicyReader() {}

  static Policies read(Fields fields) {
    Policies policies = Policies.NONE;
    for (Fields guardrail : fields.objects("guard")) {
      policies = guardrail(guardrail).map(policies::guard).orElse(policies);
      guardrail.end();
    }
    return policies;
  }

  private static Optional<Guardrail> guardrail(Fields fields) {
    String rule = fields.text("rule").orElse("");
    return switch (rule) {
      case Guardrail.Terms.RULE -> terms(fields);
      default -> unknown(fields, rule);
    };
  }

  private static Optional<Guardrail> terms(Fields fields) {
    return fields.has("terms")
        ? fields.attempt("terms", () -> new Guardrail.Terms(new TermList(fields.texts("terms"))))
        : Optional.of(Guardrail.terms());
  }

  private static Optional<Guardrail> unknown(Fields fields, String rule) {
    List<String> known = List.of(Guardrail.Terms.RULE);
    fields.problem("rule", "must be one of " + String.join(", ", known) + ", not '" + rule + "'");
    return Optional.empty();
  }
}
