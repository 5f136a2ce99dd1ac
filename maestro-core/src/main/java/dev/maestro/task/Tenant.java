package dev.maestro.task;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whose data it is; part of every key.
 *
 * @param value letters, digits, {@code .}, {@code _} and {@code -}; at most 100
 */
public record Tenant(String value) {

  /** The tenant of an application that has only one. */
  public static final Tenant DEFAULT = new Tenant("default");

  /** Check the name. */
  public Tenant {
    Ids.requireSegment("tenant", Objects.requireNonNull(value, "value"));
  }

  /** {@return the tenant with this name} */
  public static Tenant of(String value) {
    return new Tenant(value);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Tenant that && value.equals(that.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }
}
