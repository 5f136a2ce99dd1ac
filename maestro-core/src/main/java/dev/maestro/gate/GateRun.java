package dev.maestro.gate;

import java.util.Objects;

/**
 * A gate has run.
 *
 * @param receipt the evidence
 * @param output everything it printed, up to {@link GateRunner#MAX_OUTPUT} characters
 */
public record GateRun(Receipt receipt, String output) {

  /** Check that nothing is missing. */
  public GateRun {
    Objects.requireNonNull(receipt, "receipt");
    Objects.requireNonNull(output, "output");
  }
}
