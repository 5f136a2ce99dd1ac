package dev.maestro.agent;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a provider can be used on this machine; found out without a paid call.
 *
 * @param present whether it is there
 * @param version which one, where it says so
 * @param help what to do when it is not there or not signed in; may be empty
 */
public record Installation(boolean present, @Nullable String version, String help) {

  /** Check that nothing required is missing. */
  public Installation {
    Objects.requireNonNull(help, "help");
  }

  /** {@return it is there} */
  public static Installation present(@Nullable String version) {
    return new Installation(true, version, "");
  }

  /** {@return it is not there, and how to get it} */
  public static Installation missing(String help) {
    return new Installation(false, null, help);
  }

  /** {@return which version, where it says so} */
  public Optional<String> knownVersion() {
    return Optional.ofNullable(version);
  }
}
