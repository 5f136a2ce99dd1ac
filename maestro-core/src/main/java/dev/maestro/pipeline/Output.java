package dev.maestro.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.failure.PermanentException;
import java.util.Objects;

/**
 * A typed key for the output of a step.
 *
 * @param <T> what its value is read as
 * @param name what templates and results call it
 * @param type what its value is read as
 * @param json whether the step must answer JSON; otherwise it is text
 */
public record Output<T>(String name, Class<T> type, boolean json) {

  /** Check the name. */
  public Output {
    Objects.requireNonNull(type, "type");
    if (!Names.isVariable(Objects.requireNonNull(name, "name"))) {
      throw new IllegalArgumentException(
          "the name of an output must be " + Names.VARIABLE_RULE + ", not '" + name + "'");
    }
  }

  /** {@return the key of an output that is text} */
  public static Output<String> text(String name) {
    return new Output<>(name, String.class, false);
  }

  /** {@return the key of an output that is JSON and fits this type; unknown fields are ignored} */
  public static <T> Output<T> json(String name, Class<T> type) {
    return new Output<>(name, type, true);
  }

  /**
   * Read the value of this output.
   *
   * @throws PermanentException when it does not fit the type
   */
  public T convert(JsonNode value) {
    if (!json) {
      return type.cast(Inputs.asText(value));
    }
    try {
      T converted = mapper().treeToValue(value, type);
      if (converted != null) {
        return converted;
      }
    } catch (JsonProcessingException e) {
      throw new PermanentException(misfit() + ": " + e.getOriginalMessage(), e);
    }
    throw new PermanentException(misfit() + ": it is null");
  }

  private String misfit() {
    return "output '" + name + "' is no " + type.getSimpleName();
  }

  // Made anew each time: a mapper remembers the classes it has seen, and those are the user's.
  private static JsonMapper mapper() {
    return JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  }
}
