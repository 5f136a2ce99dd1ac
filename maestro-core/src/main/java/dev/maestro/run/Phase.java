package dev.maestro.run;

/** The three parts of an attempt, each a command of its own. */
public enum Phase {
  /** The agent, program or code does its work. */
  ACT,
  /** Maestro checks what was done. */
  VERIFY,
  /** Maestro merges what was accepted. */
  INTEGRATE
}
