package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Policies;

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
    policies.limits().ifPresent(budget -> node.set("budget", BudgetForm.write(budget)));
  }
}
