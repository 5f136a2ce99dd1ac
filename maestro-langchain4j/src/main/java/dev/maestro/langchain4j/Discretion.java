package dev.maestro.langchain4j;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.maestro.agent.AgentRequest;
import dev.maestro.policy.CutSecrets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * What of a launch must not be repeated: what its step and its pipeline keep secret, and what the
 * application does, such as the key of the model.
 *
 * @param values those whose beginning can be told, the longest first, also as they are quoted
 * @param hiding takes out what else the pipeline declares
 */
record Discretion(List<String> values, UnaryOperator<String> hiding) {

  private static final int SHORTEST = 6;
  private static final String MARK = "***";

  /** {@return what is secret of this request and of the application} */
  static Discretion of(AgentRequest request, Collection<String> ofApplication) {
    Stream<String> all =
        Stream.concat(request.environment().values().stream(), ofApplication.stream());
    return new Discretion(
        all.filter(value -> value.length() >= SHORTEST)
            .flatMap(Discretion::forms)
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList(),
        request.hiding());
  }

  /** Arguments of tools are JSON, and messages that hold them are JSON again. */
  private static Stream<String> forms(String value) {
    String inJson = quoted(value);
    return Stream.of(value, inJson, quoted(inJson));
  }

  private static String quoted(String value) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(value));
  }

  /** {@return the text without what must not be repeated, be it cut in two by an excerpt} */
  String apply(String text) {
    return values.stream()
        .reduce(
            CutSecrets.without(values, hiding.apply(text)),
            (rest, value) -> rest.replace(value, MARK));
  }

  /**
   * What is said piece by piece, where a secret may begin in one piece and end in another: what may
   * be the beginning of one is held back.
   */
  final class Flow {

    private String held = "";

    /** {@return what can be passed on of what was said so far} */
    String pass(String piece) {
      String text = apply(held + piece);
      int safe = text.length() - CutSecrets.begun(values, text);
      held = text.substring(safe);
      return text.substring(0, safe);
    }

    /** {@return what was held back, as nothing more is said} */
    String rest() {
      String rest = held;
      held = "";
      return rest;
    }
  }
}
