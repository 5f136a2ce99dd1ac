package dev.maestro.providers.acp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.maestro.failure.ErrorSigns;
import java.util.List;

/**
 * What the errors of agents that speak the protocol tell.
 *
 * <p>The protocol names the code for who has to sign in. For whatever else goes wrong, agents put
 * what their model's service said where they like: into the message, as words or as JSON; into the
 * data; its status into the code.
 */
final class AcpErrors {

  private static final int SIGN_IN = -32000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private AcpErrors() {}

  /** {@return what the error of a response tells} */
  static ErrorSigns signs(JsonNode error) {
    JsonNode data = error.path("data");
    ErrorSigns signs = ErrorSigns.NONE;
    for (String field : List.of("errorName", "code", "type", "reason")) {
      signs = code(signs, data.path(field));
    }
    signs = text(signs, data);
    signs = text(signs, data.path("details"));
    signs = text(signs, data.path("message"));
    signs = message(signs, error.path("message"));
    int code = error.path("code").isInt() ? error.path("code").intValue() : 0;
    if (code == SIGN_IN) {
      return signs.code("unauthenticated");
    }
    return code >= 400 && code < 600 ? signs.status(code) : signs;
  }

  private static ErrorSigns code(ErrorSigns signs, JsonNode value) {
    return value.isTextual() ? signs.code(value.textValue()) : signs;
  }

  private static ErrorSigns text(ErrorSigns signs, JsonNode value) {
    return value.isTextual() ? signs.text(value.textValue()) : signs;
  }

  /** A message may be the whole body of a model service's answer. */
  private static ErrorSigns message(ErrorSigns signs, JsonNode message) {
    JsonNode inner = body(message.isTextual() ? message.textValue() : "").path("error");
    ErrorSigns all = text(signs, inner.path("message"));
    all = code(all, inner.path("status"));
    all = code(all, inner.path("type"));
    all = code(all, inner.path("code"));
    for (JsonNode detail : inner.path("details")) {
      all = code(all, detail.path("reason"));
    }
    return text(all, message);
  }

  private static JsonNode body(String text) {
    if (!text.stripLeading().startsWith("{")) {
      return JSON.missingNode();
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return JSON.missingNode(); // words that only begin like it
    }
  }
}
