package dev.maestro.attempt;

import java.util.Optional;

/**
 * Where the values of named secrets come from; asked when a process needs one, and never written
 * down.
 */
@FunctionalInterface
public interface SecretSource {

  /** {@return the value of this secret, if there is one; called from any thread} */
  Optional<String> find(String name);

  /** {@return the variables of the application's own environment} */
  static SecretSource environment() {
    return name -> Optional.ofNullable(System.getenv(name));
  }
}
