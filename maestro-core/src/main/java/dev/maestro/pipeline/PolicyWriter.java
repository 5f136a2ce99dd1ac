package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;
import dev.maestro.policy.TermList;

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
  }

  private static ObjectNode tree(Guardrail guardrail) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("rule", guardrail.rule());
    if (guardrail instanceof Guardrail.Terms terms && !terms.list().equals(TermList.DESTRUCTIVE)) {
      terms.list().terms().forEach(node.putArray("terms")::add);
    }
    return node;
  }
}
