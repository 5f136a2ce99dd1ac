package dev.maestro.run;

import dev.maestro.run.RunEvent.Intent;
import dev.maestro.task.Amount;
import dev.maestro.task.TaskId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a decision changed about what an attempt uses up, for whoever keeps count above the run; to
 * be written with the decision's events.
 *
 * @param kind what happened
 * @param task of which task
 * @param number of which attempt
 * @param launch its launch, or null for {@link Kind#BROUGHT}
 * @param amount how much was put aside or used up, or is presumed to have been
 * @param trouble why it failed, or null when it did not, or was cut off
 * @param until for {@link Kind#PRESUMED}: until when it is told what was used up, as a rule; null
 *     when nobody is left to tell it, and for all others
 */
public record LedgerLine(
    Kind kind,
    TaskId task,
    int number,
    @Nullable Intent launch,
    Amount amount,
    @Nullable Trouble trouble,
    @Nullable Instant until) {

  /** What happened. */
  public enum Kind {
    /** It is about to begin, and something is put aside for it. */
    RESERVED,
    /** It was cut off, and what was put aside stands in for what it used up. */
    PRESUMED,
    /** It never began; what was put aside is there again, and nothing was used up. */
    GIVEN_BACK,
    /** It is at its end, and this is what it used up. */
    SETTLED,
    /** It had been cut off, and this is what it used up after all. */
    CORRECTED,
    /** Nothing was launched: this is what work has used up that somebody has brought. */
    BROUGHT
  }

  /** Check that nothing required is missing. */
  public LedgerLine {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(task, "task");
    Objects.requireNonNull(amount, "amount");
    if ((launch == null) != (kind == Kind.BROUGHT)) {
      throw new IllegalArgumentException(kind + " with launch " + launch);
    }
  }

  /** Say something of a launch. */
  public LedgerLine(Kind kind, Intent launch, Amount amount, @Nullable Trouble trouble) {
    this(kind, launch.task(), launch.attempt(), launch, amount, trouble, null);
  }

  /** {@return that a launch was cut off, with what stands in for its usage} */
  static LedgerLine presumed(Intent launch, Amount amount, @Nullable Instant until) {
    return new LedgerLine(
        Kind.PRESUMED, launch.task(), launch.attempt(), launch, amount, null, until);
  }

  /** {@return that a launch is about to begin, with what is put aside for it} */
  public static LedgerLine reserved(Intent launch) {
    Amount amount = launch.reserved() == null ? Amount.NONE : launch.reserved().cap().amount();
    return new LedgerLine(Kind.RESERVED, launch, amount, null);
  }

  /** {@return that work which somebody has brought used up so much} */
  static LedgerLine brought(TaskId task, int number, Amount amount) {
    return new LedgerLine(Kind.BROUGHT, task, number, null, amount, null, null);
  }

  /** {@return the names of the budgets above the run that its launch has put something aside on} */
  public List<String> accounts() {
    return launch == null || launch.reserved() == null ? List.of() : launch.reserved().accounts();
  }

  /** {@return what the attempt is called on them} */
  public String attempt() {
    return task + "#" + number;
  }
}
