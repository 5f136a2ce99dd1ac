package dev.maestro.run;

/** What a task's acceptance rests on. */
public enum Evidence {
  /** Nothing but the agent's word. */
  NONE,
  /** Receipts of gates that Maestro ran. */
  GATES,
  /** A person's answer. */
  PERSON
}
