package dev.maestro.agent;

import java.util.Objects;

/**
 * Names a provider.
 *
 * @param value lower-case letters, digits and {@code -}, such as {@code claude}; at most 60
 */
public record ProviderId(String value) implements Comparable<ProviderId> {

  /** Check the name. */
  public ProviderId {
    if (!Objects.requireNonNull(value, "value").matches("[a-z0-9][a-z0-9-]{0,59}")) {
      throw new IllegalArgumentException(
          "a provider id is 1 to 60 lower-case letters, digits or '-', not '" + value + "'");
    }
  }

  /** {@return the provider id with this name} */
  public static ProviderId of(String value) {
    return new ProviderId(value);
  }

  @Override
  public int compareTo(ProviderId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
