package dev.maestro.pipeline;

import java.util.Objects;

/**
 * Names something that must not be journaled; the value itself is never part of a pipeline, an
 * input or a run.
 *
 * <p>A secret reaches the processes of a step as an environment variable of the same name, and
 * nothing else: {@code s.secret(Secret.named("TOKEN"))}. It cannot stand for an input.
 *
 * @param name of the environment variable: letters, digits and {@code _}
 */
public record Secret(String name) {

  /** Check the name. */
  public Secret {
    if (!Names.isEnvironment(Objects.requireNonNull(name, "name"))) {
      throw new IllegalArgumentException(
          "a secret is named by letters, digits and '_', not '" + name + "'");
    }
  }

  /** {@return the secret of this name} */
  public static Secret named(String name) {
    return new Secret(name);
  }
}
