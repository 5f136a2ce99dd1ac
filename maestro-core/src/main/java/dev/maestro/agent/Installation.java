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
 * @param signedIn whether somebody is signed in, or null where that cannot be told
 */
public record Installation(
    boolean present, @Nullable String version, String help, @Nullable Boolean signedIn) {

  /** Check that nothing required is missing. */
  public Installation {
    Objects.requireNonNull(help, "help");
  }

  /** Say nothing of who is signed in. */
  public Installation(boolean present, @Nullable String version, String help) {
    this(present, version, help, null);
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

  /** {@return it is there, but nobody is signed in, and how to do that} */
  public static Installation signedOut(@Nullable String version, String help) {
    return new Installation(true, version, help, false);
  }

  /** {@return the same, where somebody is signed in} */
  public Installation withSignIn() {
    return new Installation(present, version, help, true);
  }

  /** {@return whether somebody is signed in, where that can be told} */
  public Optional<Boolean> knownSignIn() {
    return Optional.ofNullable(signedIn);
  }

  /** {@return whether it can be launched, as far as that can be told without doing it} */
  public boolean isUsable() {
    return present && !Boolean.FALSE.equals(signedIn);
  }
}
