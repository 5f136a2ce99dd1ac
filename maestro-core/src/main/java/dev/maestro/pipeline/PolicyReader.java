package dev.maestro.pipeline;

import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.HandOff;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Retries;
import dev.maestro.policy.TermList;
import dev.maestro.policy.Until;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Reads what is switched on for a step or a pipeline; what is not there is off. */
final class PolicyReader {

  private PolicyReader() {}

  static Policies read(Fields fields) {
    Policies policies = Policies.NONE;
    for (Fields guardrail : fields.objects("guard")) {
      policies = GuardrailForm.read(guardrail).map(policies::guard).orElse(policies);
    }
    policies =
        add(
            policies,
            fields,
            "oversight",
            one -> Optional.of(OversightForm.read(one)),
            Policies::oversight);
    policies = add(policies, fields, "confidence", PolicyReader::confidence, Policies::confidence);
    policies = add(policies, fields, "ladder", PolicyReader::ladder, Policies::ladder);
    policies = add(policies, fields, "breaker", PolicyReader::breaker, Policies::breaker);
    policies = fallback(fields).map(policies::fallback).orElse(policies);
    policies = handOff(fields).map(policies::handOff).orElse(policies);
    policies = add(policies, fields, "budget", BudgetForm::read, Policies::budget);
    policies = add(policies, fields, "evalGate", PolicyReader::evalGate, Policies::evalGate);
    policies = add(policies, fields, "retries", PolicyReader::retries, Policies::retries);
    policies =
        add(policies, fields, "failureWindow", PolicyReader::window, Policies::failureWindow);
    policies = add(policies, fields, "resume", PolicyReader::resume, Policies::resume);
    return add(policies, fields, "until", PolicyReader::until, Policies::until);
  }

  /** What is not there, or cannot be read and is reported, adds nothing. */
  private static <T> Policies add(
      Policies policies,
      Fields fields,
      String name,
      Function<Fields, Optional<T>> read,
      BiFunction<Policies, T, Policies> add) {
    return fields
        .object(name)
        .flatMap(read)
        .map(rule -> add.apply(policies, rule))
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

  private static Optional<Fallback> fallback(Fields fields) {
    List<String> routes = fields.texts("fallback");
    return routes.isEmpty()
        ? Optional.empty()
        : fields.attempt("fallback", () -> new Fallback(routes));
  }

  private static Optional<HandOff> handOff(Fields fields) {
    return fields
        .wholeNumber("handOff")
        .flatMap(percent -> fields.attempt("handOff", () -> HandOff.at(percent)));
  }

  private static Optional<LoopBreaker> breaker(Fields fields) {
    LoopBreaker standard = LoopBreaker.DEFAULT;
    int idle = fields.wholeNumber("idle").orElse(standard.idle());
    int sameError = fields.wholeNumber("sameError").orElse(standard.sameError());
    int iterations = fields.wholeNumber("iterations").orElse(standard.iterations());
    fields.end();
    return fields.attempt("", () -> new LoopBreaker(idle, sameError, iterations));
  }

  private static Optional<EvalGate> evalGate(Fields fields) {
    Optional<String> scoredBy = fields.text("scoredBy");
    int least = fields.wholeNumber("minBaselineRuns").orElse(EvalGate.MIN_BASELINE_RUNS);
    int window = fields.wholeNumber("baselineWindow").orElse(EvalGate.BASELINE_WINDOW);
    double warn = fields.number("warnThreshold").orElse(EvalGate.WARN_THRESHOLD);
    double block = fields.number("blockThreshold").orElse(EvalGate.BLOCK_THRESHOLD);
    boolean failClosed = fields.isTrue("failClosed");
    fields.end();
    return fields.attempt(
        "", () -> new EvalGate(scoredBy.orElse(""), least, window, warn, block, failClosed));
  }

  private static Optional<Retries> retries(Fields fields) {
    int errors = fields.wholeNumber("errors").orElse(Retries.DEFAULT.errors());
    int checks = fields.wholeNumber("checks").orElse(Retries.DEFAULT.checks());
    fields.end();
    return fields.attempt("", () -> new Retries(errors, checks));
  }

  private static Optional<FailureWindow> window(Fields fields) {
    FailureWindow standard = FailureWindow.DEFAULT;
    int failures = fields.wholeNumber("failures").orElse(standard.failures());
    Duration within = fields.parsed("within", Durations::read).orElse(standard.within());
    fields.end();
    return fields.attempt("", () -> new FailureWindow(failures, within));
  }

  private static Optional<Resume> resume(Fields fields) {
    boolean asks = fields.isTrue("asks");
    Optional<LocalTime> from = fields.parsed("from", PolicyReader::time);
    Optional<LocalTime> to = fields.parsed("to", PolicyReader::time);
    Optional<ZoneId> zone = fields.parsed("zone", PolicyReader::zone);
    if (from.isPresent() != to.isPresent()) {
      fields.problem(
          from.isPresent() ? "to" : "from", "a time to begin and one to end go together");
    } else if (zone.isPresent() && from.isEmpty()) {
      fields.problem("zone", "without from and to any time will do, in every zone");
    }
    fields.end();
    LocalTime begin = from.orElse(LocalTime.MIDNIGHT);
    return Optional.of(new Resume(asks, begin, to.orElse(begin), zone.orElse(ZoneOffset.UTC)));
  }

  private static LocalTime time(String text) {
    try {
      return LocalTime.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("must be a time of the day, such as 22:30", e);
    }
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("must be the name of a time zone, such as UTC", e);
    }
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
