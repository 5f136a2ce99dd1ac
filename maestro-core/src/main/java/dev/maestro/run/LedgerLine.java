package dev.maestro.run;

import dev.maestro.task.Amount;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a decision changed about a launch, for whoever keeps count above the run; to be written with
 * the decision's events.
 *
 * @param kind what happened
 * @param launch which launch
 * @param amount how much was put aside or used up, or is presumed to have been
 * @param trouble why it failed, or null when it did not, or was cut off
 */
public record LedgerLine(
    Kind kind, RunEvent.Intent launch, Amount amount, @Nullable Trouble trouble) {

  /** What happened. */
  public enum Kind {
    /** It is about to begin, and something is put aside for it. */
    RESERVED,
    /** It was cut off, and what was put aside stands in for what it used up. */
    PRESUMED,
    /** It is at its end, and this is what it used up. */
    SETTLED,
    /** It had been cut off, and this is what it used up after all. */
    CORRECTED
  }

  /** Check that nothing required is missing. */
  public LedgerLine {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(launch, "launch");
    Objects.requireNonNull(amount, "amount");
  }

  /** {@return the names of the budgets above the run that it is about} */
  public List<String> accounts() {
    return launch.reserved() == null ? List.of() : launch.reserved().accounts();
  }

  /** {@return what the attempt is called on them} */
  public String attempt() {
    return launch.task() + "#" + launch.attempt();
  }
}
