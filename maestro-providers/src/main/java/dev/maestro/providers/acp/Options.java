package dev.maestro.providers.acp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The answers that an agent offers to its own question.
 *
 * <p>They are told by their kind, since each agent names them as it likes. What is allowed is
 * allowed once: an agent that would not ask again could not be guarded any more.
 */
final class Options {

  private Options() {}

  /** {@return the answer of who is stopping} */
  static ObjectNode cancelled() {
    return JsonNodeFactory.instance.objectNode().put("outcome", "cancelled");
  }

  /** {@return yes, this once, where that is offered} */
  static Optional<ObjectNode> once(JsonNode options) {
    return ofKind("allow_once", options);
  }

  /** {@return no, this once if that is offered} */
  static ObjectNode no(JsonNode options) {
    return ofKind("reject_once", options)
        .or(() -> ofKind("reject_always", options))
        .orElseGet(Options::cancelled);
  }

  private static Optional<ObjectNode> ofKind(String kind, JsonNode options) {
    for (JsonNode option : options) {
      if (kind.equals(option.path("kind").textValue()) && option.path("optionId").isTextual()) {
        ObjectNode outcome = JsonNodeFactory.instance.objectNode().put("outcome", "selected");
        return Optional.of(outcome.put("optionId", option.path("optionId").textValue()));
      }
    }
    return Optional.empty();
  }
}
