package dev.maestro.pipeline;

import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;
import dev.maestro.policy.TermList;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
    Optional<Budget> budget = fields.object("budget").flatMap(PolicyReader::budget);
    return budget.map(policies::budget).orElse(policies);
  }

  private static Optional<Budget> budget(Fields fields) {
    Cap limit = cap(fields);
    Optional<Fields> perAttempt = fields.object("perAttempt");
    Cap each = perAttempt.map(PolicyReader::cap).orElse(Cap.NONE);
    perAttempt.ifPresent(Fields::end);
    List<Budget.Breach> onBreach = new ArrayList<>();
    fields.texts("onBreach").forEach(word -> breach(fields, word).ifPresent(onBreach::add));
    String cheaper = fields.text("cheaper").orElse(null);
    Integer output = fields.wholeNumber("output").orElse(null);
    fields.end();
    return fields.attempt("", () -> new Budget(limit, each, onBreach, cheaper, output));
  }

  private static Optional<Budget.Breach> breach(Fields fields, String word) {
    Optional<Budget.Breach> known =
        Arrays.stream(Budget.Breach.values())
            .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(word))
            .findFirst();
    if (known.isEmpty()) {
      fields.problem("onBreach", "must be of ask, degrade, pause, abort, not '" + word + "'");
    }
    return known;
  }

  private static Cap cap(Fields fields) {
    return fields
        .attempt(
            "",
            () ->
                new Cap(
                    fields.longNumber("tokens").orElse(null),
                    fields.parsed("usd", Money::usd).orElse(null),
                    fields.parsed("time", Durations::read).orElse(null),
                    fields.longNumber("turns").orElse(null),
                    fields.longNumber("toolCalls").orElse(null),
                    fields.longNumber("launches").orElse(null)))
        .orElse(Cap.NONE);
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
