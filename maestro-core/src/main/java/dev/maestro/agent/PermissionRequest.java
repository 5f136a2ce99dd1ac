package dev.maestro.agent;

import java.util.Objects;

/**
 * An agent asks before it uses a tool.
 *
 * @param tool the tool's name
 * @param input what it would hand to the tool, as JSON text
 */
public record PermissionRequest(String tool, String input) {

  /** Check that nothing is missing. */
  public PermissionRequest {
    Objects.requireNonNull(tool, "tool");
    Objects.requireNonNull(input, "input");
  }
}
