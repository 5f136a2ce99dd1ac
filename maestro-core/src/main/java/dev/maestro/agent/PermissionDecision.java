package dev.maestro.agent;

import java.util.Objects;

/**
 * The answer to a {@link PermissionRequest}.
 *
 * @param allowed whether the tool may be used this once
 * @param reason why not; may be empty when allowed
 */
public record PermissionDecision(boolean allowed, String reason) {

  /** Check that nothing is missing. */
  public PermissionDecision {
    Objects.requireNonNull(reason, "reason");
  }

  /** {@return yes, this once} */
  public static PermissionDecision allow() {
    return new PermissionDecision(true, "");
  }

  /** {@return no, and why} */
  public static PermissionDecision deny(String reason) {
    return new PermissionDecision(false, reason);
  }
}
