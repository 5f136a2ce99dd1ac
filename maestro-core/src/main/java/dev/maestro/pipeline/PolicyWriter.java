package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Retries;
import dev.maestro.policy.TermList;
import dev.maestro.policy.Until;
import java.time.ZoneOffset;
import java.util.Locale;

/** Writes what is switched on; what is off, and what has its default, is left out. */
final class PolicyWriter {

  private PolicyWriter() {}

  static ObjectNode tree(Policies policies) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    write(node, policies);
    return node;
  }

  /** Write the fields into a step or a pipeline. */
  static void write(ObjectNode node, Policies policies) {
    if (policies == Policies.NONE) {
      return;
    }
    if (!policies.guardrails().isEmpty()) {
      ArrayNode guard = node.putArray("guard");
      policies.guardrails().forEach(guardrail -> guard.add(GuardrailForm.write(guardrail)));
    }
    if (!policies.oversight().isNone()) {
      node.set("oversight", OversightForm.write(policies.oversight()));
    }
    policies.limits().ifPresent(budget -> node.set("budget", BudgetForm.write(budget)));
    policies.confidenceRule().ifPresent(rule -> write(node.putObject("confidence"), rule));
    policies.ladderRule().ifPresent(rule -> write(node.putObject("ladder"), rule));
    policies.breakerRule().ifPresent(rule -> write(node.putObject("breaker"), rule));
    policies.evalGateRule().ifPresent(rule -> write(node.putObject("evalGate"), rule));
    policies.retriesRule().ifPresent(rule -> write(node.putObject("retries"), rule));
    policies.failureWindowRule().ifPresent(rule -> write(node.putObject("failureWindow"), rule));
    policies.resumeRule().ifPresent(rule -> write(node.putObject("resume"), rule));
    if (!policies.fallbacks().isEmpty()) {
      policies.fallbacks().forEach(node.putArray("fallback")::add);
    }
    policies.handOffRule().ifPresent(rule -> node.put("handOff", rule.percent()));
    policies.untilRule().ifPresent(rule -> write(node.putObject("until"), rule));
  }

  private static void write(ObjectNode node, Confidence rule) {
    if (rule.atLeast() != Confidence.LIMIT) {
      node.put("atLeast", rule.atLeast());
    }
    number(node, "churn", rule.churn(), Confidence.FILES);
    if (!rule.doubts().equals(TermList.LOW_CONFIDENCE)) {
      rule.doubts().terms().forEach(node.putArray("doubts")::add);
    }
    if (!rule.judges().isEmpty()) {
      rule.judges().forEach(node.putArray("judges")::add);
    }
  }

  private static void write(ObjectNode node, Ladder rule) {
    if (!rule.models().isEmpty()) {
      rule.models().forEach(node.putArray("models")::add);
    }
    number(node, "each", rule.each(), 1);
    if (rule.person()) {
      node.put("person", true);
    }
  }

  private static void write(ObjectNode node, LoopBreaker rule) {
    number(node, "idle", rule.idle(), LoopBreaker.DEFAULT.idle());
    number(node, "sameError", rule.sameError(), LoopBreaker.DEFAULT.sameError());
    number(node, "iterations", rule.iterations(), LoopBreaker.DEFAULT.iterations());
  }

  private static void write(ObjectNode node, EvalGate rule) {
    node.put("scoredBy", rule.scoredBy());
    number(node, "minBaselineRuns", rule.minBaselineRuns(), EvalGate.MIN_BASELINE_RUNS);
    number(node, "baselineWindow", rule.baselineWindow(), EvalGate.BASELINE_WINDOW);
    if (rule.warnThreshold() != EvalGate.WARN_THRESHOLD) {
      node.put("warnThreshold", rule.warnThreshold());
    }
    if (rule.blockThreshold() != EvalGate.BLOCK_THRESHOLD) {
      node.put("blockThreshold", rule.blockThreshold());
    }
    if (rule.failClosed()) {
      node.put("failClosed", true);
    }
  }

  private static void write(ObjectNode node, Retries rule) {
    number(node, "errors", rule.errors(), Retries.DEFAULT.errors());
    number(node, "checks", rule.checks(), Retries.DEFAULT.checks());
  }

  private static void write(ObjectNode node, FailureWindow rule) {
    number(node, "failures", rule.failures(), FailureWindow.DEFAULT.failures());
    if (!rule.within().equals(FailureWindow.DEFAULT.within())) {
      node.put("within", Durations.write(rule.within()));
    }
  }

  private static void write(ObjectNode node, Resume rule) {
    if (rule.asks()) {
      node.put("asks", true);
    }
    if (!rule.isAtAnyTime()) {
      node.put("from", rule.from().toString()).put("to", rule.to().toString());
      if (!rule.zone().equals(ZoneOffset.UTC)) {
        node.put("zone", rule.zone().getId());
      }
    }
  }

  private static void write(ObjectNode node, Until rule) {
    node.put("says", rule.says().name().toLowerCase(Locale.ROOT));
    if (rule.single()) {
      node.put("single", true);
    }
  }

  private static void number(ObjectNode node, String name, int value, int standard) {
    if (value != standard) {
      node.put(name, value);
    }
  }
}
