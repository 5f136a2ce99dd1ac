package dev.maestro.pipeline;

import dev.maestro.policy.Confidence;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Policies;
import dev.maestro.policy.TermList;
import dev.maestro.policy.Until;
import java.util.List;
import java.util.Optional;

/** Reads what is switched on for a step or a pipeline; what is not there is off. */
final class PolicyReader {

  private PolicyReader() {}

  static Policies read(Fields fields) {
    Policies policies = Policies.NONE;
    for (Fields guardrail : fields.objects("guard")) {
      policies = GuardrailForm.read(guardrail).map(policies::guard).orElse(policies);
    }
    policies =
        fields
            .object("oversight")
            .map(OversightForm::read)
            .map(policies::oversight)
            .orElse(policies);
    policies =
        fields
            .object("confidence")
            .flatMap(PolicyReader::confidence)
            .map(policies::confidence)
            .orElse(policies);
    policies =
        fields
            .object("ladder")
            .flatMap(PolicyReader::ladder)
            .map(policies::ladder)
            .orElse(policies);
    policies =
        fields
            .object("breaker")
            .flatMap(PolicyReader::breaker)
            .map(policies::breaker)
            .orElse(policies);
    policies =
        fields.object("budget").flatMap(BudgetForm::read).map(policies::budget).orElse(policies);
    return fields
        .object("until")
        .flatMap(PolicyReader::until)
        .map(policies::until)
        .orElse(policies);
  }

  private static Optional<Confidence> confidence(Fields fields) {
    double atLeast = fields.number("atLeast").orElse(Confidence.LIMIT);
    int churn = fields.wholeNumber("churn").orElse(Confidence.FILES);
    boolean own = fields.has("doubts");
    List<String> doubts = fields.texts("doubts");
    List<String> judges = fields.texts("judges");
    fields.end();
    return fields.attempt(
        "",
        () ->
            new Confidence(
                atLeast, churn, own ? new TermList(doubts) : TermList.LOW_CONFIDENCE, judges));
  }

  private static Optional<Ladder> ladder(Fields fields) {
    List<String> models = fields.texts("models");
    int each = fields.wholeNumber("each").orElse(1);
    boolean person = fields.isTrue("person");
    fields.end();
    return fields.attempt("", () -> new Ladder(models, each, person));
  }

  private static Optional<LoopBreaker> breaker(Fields fields) {
    LoopBreaker standard = LoopBreaker.DEFAULT;
    int idle = fields.wholeNumber("idle").orElse(standard.idle());
    int sameError = fields.wholeNumber("sameError").orElse(standard.sameError());
    int iterations = fields.wholeNumber("iterations").orElse(standard.iterations());
    fields.end();
    return fields.attempt("", () -> new LoopBreaker(idle, sameError, iterations));
  }

  private static Optional<Until> until(Fields fields) {
    Until.Protocol says =
        fields.parsed("says", PolicyReader::protocol).orElse(Until.Protocol.BLOCK);
    boolean single = fields.isTrue("single");
    fields.end();
    return Optional.of(new Until(says, single));
  }

  private static Until.Protocol protocol(String text) {
    return switch (text) {
      case "block" -> Until.Protocol.BLOCK;
      case "promise" -> Until.Protocol.PROMISE;
      default -> throw new IllegalArgumentException("must be block or promise");
    };
  }
}
