package dev.maestro.mcp;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a tool was called with; the schema has been checked before, but for what no schema says. */
final class Arguments {

  private final Map<String, Object> values;

  Arguments(@Nullable Map<String, Object> values) {
    this.values = values == null ? Map.of() : values;
  }

  String text(String name) {
    return find(name).orElseThrow(() -> new IllegalArgumentException("'" + name + "' is missing"));
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name)).map(String::valueOf);
  }

  /** {@return a whole number; JSON may write it as 2.0} */
  Optional<Integer> number(String name) {
    Object value = values.get(name);
    if (value == null) {
      return Optional.empty();
    } else if (value instanceof Number number
        && number.doubleValue() == Math.rint(number.doubleValue())
        && Math.abs(number.doubleValue()) <= Integer.MAX_VALUE) {
      return Optional.of(number.intValue());
    }
    throw new IllegalArgumentException("'" + name + "' is a whole number, not " + value);
  }

  /** {@return the fields of an object; none when it is not there} */
  Map<?, ?> object(String name) {
    Object value = values.get(name);
    if (value != null && !(value instanceof Map)) {
      throw new IllegalArgumentException("'" + name + "' is an object");
    }
    return value == null ? Map.of() : (Map<?, ?>) value;
  }
}
