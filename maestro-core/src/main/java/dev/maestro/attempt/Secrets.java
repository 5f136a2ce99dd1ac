package dev.maestro.attempt;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The secrets of one step: handed to its processes, and taken out of whatever comes back. */
final class Secrets implements UnaryOperator<String> {

  /** No secrets at all. */
  static final Secrets NONE = new Secrets(Map.of());

  private static final int SHORTEST_HIDDEN = 4;

  private final Map<String, String> values;
  private final List<String> longestFirst;

  private Secrets(Map<String, String> values) {
    this.values = Map.copyOf(values);
    this.longestFirst =
        values.values().stream()
            .filter(value -> value.length() >= SHORTEST_HIDDEN)
            .flatMap(value -> Stream.of(value, asInJson(value)))
            .distinct()
            .sorted(Comparator.comparing(String::length).reversed())
            .toList();
  }

  /** {@return what becomes of it where it is quoted in JSON} */
  private static String asInJson(String value) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(value));
  }

  static Secrets of(Step step, SecretSource source) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : step.secrets()) {
      values.put(
          name,
          source
              .find(name)
              .orElseThrow(
                  () ->
                      new StoppedException(
                          new Verdict.Refuse(
                              Reason.SECRET_MISSING,
                              "the secret " + name + " of step " + step.id() + " has no value",
                              true))));
    }
    return new Secrets(values);
  }

  Map<String, String> environment() {
    return values;
  }

  @Override
  public String apply(String text) {
    String hidden = text;
    for (String secret : longestFirst) {
      hidden = hidden.replace(secret, "***");
    }
    return hidden;
  }
}
