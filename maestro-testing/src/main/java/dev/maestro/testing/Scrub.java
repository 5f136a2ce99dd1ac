package dev.maestro.testing;

import dev.maestro.agent.AgentRequest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Takes secrets out of whatever is recorded. */
final class Scrub implements UnaryOperator<String> {

  /** Stands where a secret stood. */
  static final String HIDDEN = "***";

  private static final int SHORTEST = 4;

  private final List<String> longestFirst;

  private Scrub(Stream<String> secrets) {
    this.longestFirst =
        secrets
            .filter(secret -> secret.length() >= SHORTEST)
            .flatMap(secret -> Stream.of(secret, inJson(secret)))
            .distinct()
            .sorted(Comparator.comparing(String::length).reversed())
            .toList();
  }

  /** {@return takes out these, and what the launch is handed in its environment} */
  static Scrub of(Collection<String> secrets, AgentRequest request) {
    return new Scrub(Stream.concat(secrets.stream(), request.environment().values().stream()));
  }

  /** {@return what becomes of it where it is quoted in JSON} */
  private static String inJson(String secret) {
    return secret.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public String apply(String text) {
    String clean = text;
    for (String secret : longestFirst) {
      clean = clean.replace(secret, HIDDEN);
    }
    return clean;
  }
}
