package dev.maestro.process;

import java.util.Objects;

/**
 * What proves that a process found later is the one that was started.
 *
 * @param bootId the machine's boot, so that a pid from before a restart is never trusted
 * @param pid the process id
 * @param startTicks when the process started, in the operating system's own count; 0 when it had
 *     ended before that could be read
 * @param marker a random word that the process and its children carry in their environment
 */
public record ProcessIdentity(String bootId, long pid, long startTicks, String marker) {

  /** Check that nothing is missing. */
  public ProcessIdentity {
    Objects.requireNonNull(bootId, "bootId");
    Objects.requireNonNull(marker, "marker");
  }
}
