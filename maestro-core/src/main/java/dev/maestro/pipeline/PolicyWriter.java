package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Policies;
import dev.maestro.policy.TermList;
import dev.maestro.policy.Until;
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
