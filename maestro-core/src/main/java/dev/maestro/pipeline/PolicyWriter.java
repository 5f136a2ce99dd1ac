package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;
import dev.maestro.policy.TermList;
import dev.maestro.task.Cap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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
      policies.guardrails().forEach(guardrail -> guard.add(tree(guardrail)));
    }
    policies.limits().ifPresent(budget -> node.set("budget", tree(budget)));
  }

  private static ObjectNode tree(Budget budget) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    write(node, budget.limit());
    if (!budget.perAttempt().isNone()) {
      write(node.putObject("perAttempt"), budget.perAttempt());
    }
    if (!budget.onBreach().isEmpty()) {
      ArrayNode onBreach = node.putArray("onBreach");
      budget.onBreach().forEach(what -> onBreach.add(what.name().toLowerCase(Locale.ROOT)));
    }
    if (budget.cheaper() != null) {
      node.put("cheaper", budget.cheaper());
    }
    budget.outputLimit().ifPresent(limit -> node.put("output", limit));
    return node;
  }

  private static void write(ObjectNode node, Cap cap) {
    number(node, "tokens", cap.tokens());
    if (cap.money() != null) {
      node.put("usd", cap.money().decimal());
    }
    if (cap.time() != null) {
      node.put("time", Durations.write(cap.time()));
    }
    number(node, "turns", cap.turns());
    number(node, "toolCalls", cap.toolCalls());
    number(node, "launches", cap.launches());
  }

  private static void number(ObjectNode node, String name, @Nullable Long limit) {
    if (limit != null) {
      node.put(name, limit);
    }
  }

  private static ObjectNode tree(Guardrail guardrail) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("rule", guardrail.rule());
    if (guardrail instanceof Guardrail.Terms terms && !terms.list().equals(TermList.DESTRUCTIVE)) {
      terms.list().terms().forEach(node.putArray("terms")::add);
    }
    return node;
  }
}
