package dev.maestro.agent;

import java.util.Objects;

/**
 * An agent asks before it uses a tool.
 *
 * @param tool the tool's name
 * @param input what it would hand to the tool, as JSON text
 * @param granted whether the application has given it the right to this by the provider's own
 *     settings, so that it asks only whether a rule objects: silence allows it then
 */
public record PermissionRequest(String tool, String input, boolean granted) {

  /** Check that nothing is missing. */
  public PermissionRequest {
    Objects.requireNonNull(tool, "tool");
    Objects.requireNonNull(input, "input");
  }

  /** Ask for what somebody has to allow: silence denies it. */
  public PermissionRequest(String tool, String input) {
    this(tool, input, false);
  }

  /** {@return the same, for what the application has given the agent the right to} */
  public PermissionRequest grant() {
    return new PermissionRequest(tool, input, true);
  }
}
