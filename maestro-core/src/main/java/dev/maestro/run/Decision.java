package dev.maestro.run;

import java.util.List;
import java.util.Objects;

/** What the rules say to an input. */
public sealed interface Decision {

  /**
   * It is accepted.
   *
   * @param events to append, all or none; empty when the input changes nothing
   * @param commands that are open now and were not before
   */
  record Accepted(List<RunEvent> events, List<RunCommand> commands) implements Decision {

    /** Copy the lists. */
    public Accepted {
      events = List.copyOf(events);
      commands = List.copyOf(commands);
    }
  }

  /**
   * It is refused; nothing changes.
   *
   * @param code {@code run-over}, {@code unknown-task}, {@code unknown-question}, {@code stale},
   *     {@code not-allowed}, {@value #DEGRADE} or {@value #TOO_LARGE}
   * @param message why
   */
  record Refused(String code, String message) implements Decision {

    /** The code of a launch that may go on with less. */
    public static final String DEGRADE = "degrade";

    /** The code of what is larger than what is recorded at once. */
    public static final String TOO_LARGE = "too-large";

    /** Check that nothing is missing. */
    public Refused {
      Objects.requireNonNull(code, "code");
      Objects.requireNonNull(message, "message");
    }
  }
}
