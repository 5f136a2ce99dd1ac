package dev.maestro.policy;

import java.util.List;
import java.util.Objects;

/** What a {@link Guardrail} is asked about. */
public sealed interface Subject {

  /** {@return where in an attempt it is asked about} */
  Place place();

  /**
   * A prompt that is about to be sent.
   *
   * @param text all of it
   */
  record Prompt(String text) implements Subject {

    /** Check that nothing is missing. */
    public Prompt {
      Objects.requireNonNull(text, "text");
    }

    @Override
    public Place place() {
      return Place.GUARDRAILS;
    }
  }

  /**
   * A program that a command step is about to run.
   *
   * @param command the program and its arguments
   */
  record Command(List<String> command) implements Subject {

    /** Copy the list. */
    public Command {
      command = List.copyOf(command);
    }

    @Override
    public Place place() {
      return Place.GUARDRAILS;
    }
  }
}
