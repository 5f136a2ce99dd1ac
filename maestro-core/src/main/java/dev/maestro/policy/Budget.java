package dev.maestro.policy;

import dev.maestro.task.Cap;
import dev.maestro.task.Unit;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How much a step, all that is inside another, a run, a day or a whole application may use up, and
 * what happens when a launch asks for more than is left (the requirement M2-18).
 *
 * <pre>{@code
 * Budget.usd("2.00").tokens(400_000).perAttempt(Cap.ofTokens(50_000)).asks()
 * }</pre>
 *
 * <p>Before each launch of an agent its cap is reserved on every budget around it: what {@link
 * #perAttempt} says, otherwise all that is left. Two launches side by side so need a {@code
 * perAttempt}; without one the second waits until the first is settled. The cap is handed to the
 * provider; one that meters is stopped when it gets there. What a launch really used up is settled
 * in the end. Commands and code cost nothing.
 *
 * <p>By default a launch that does not fit makes its task wait, with all work kept, until more is
 * granted.
 *
 * @param limit the most, in all
 * @param perAttempt the most for one launch; what is not limited may be all that is left
 * @param onBreach what may happen when a launch does not fit, tried in the order of {@link Breach};
 *     without any, the task pauses
 * @param cheaper the model, an alias or a full id, that a degraded launch uses; null for the same.
 *     It is among what may follow that a launch is degraded when this or {@code output} is said
 * @param output to how many characters the text of a launch is cut that used more than its cap;
 *     null for not at all
 */
public record Budget(
    Cap limit,
    Cap perAttempt,
    List<Breach> onBreach,
    @Nullable String cheaper,
    @Nullable Integer output) {

  /** How many tokens a task of a backlog may use up before a person is asked (M0-33). */
  public static final long TOKENS_OF_A_TASK = 50_000;

  /** What follows when a launch does not fit; tried in this order. */
  public enum Breach {
    /** A person is asked whether to go on; a yes grants the limit once more. Silence is no. */
    ASK,
    /** It goes on with what is left, on the cheaper model; its output may be cut. */
    DEGRADE,
    /** The task pauses with all work kept, until more is granted. */
    PAUSE,
    /** The attempt has failed. */
    ABORT
  }

  /** Check the limits, and put what follows in its order. */
  public Budget {
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(perAttempt, "perAttempt");
    Set<Breach> inOrder = EnumSet.noneOf(Breach.class);
    inOrder.addAll(onBreach);
    if (cheaper != null || output != null) {
      inOrder.add(Breach.DEGRADE);
    }
    onBreach = List.copyOf(inOrder);
    if (perAttempt.launches() != null) {
      throw new IllegalArgumentException("one attempt is one launch; limit them in all");
    }
    if (limit.isNone() && perAttempt.isNone()) {
      throw new IllegalArgumentException(
          "a budget limits something: tokens, money, time, turns, uses of tools or launches");
    }
    if (cheaper != null && cheaper.isBlank()) {
      throw new IllegalArgumentException("the cheaper model has a name");
    }
    if (output != null && output < 0) {
      throw new IllegalArgumentException("an output cannot be cut to " + output + " characters");
    }
  }

  /** {@return what says that each launch may use up more than all together, if it may} */
  public Optional<String> contradiction() {
    for (Unit unit : Unit.values()) {
      Optional<BigDecimal> each = unit.of(perAttempt);
      Optional<BigDecimal> all = unit.of(limit);
      if (each.isPresent() && all.isPresent() && each.get().compareTo(all.get()) > 0) {
        String what = "one launch may use up %s %s, which is more than the %s of all together";
        return Optional.of(
            what.formatted(each.get().toPlainString(), unit.word(), all.get().toPlainString()));
      }
    }
    return Optional.empty();
  }

  /** {@return a budget with this limit} */
  public static Budget of(Cap limit) {
    return new Budget(limit, Cap.NONE, List.of(), null, null);
  }

  /** {@return a limit on money, written as a decimal number of dollars} */
  public static Budget usd(String most) {
    return of(Cap.ofUsd(most));
  }

  /** {@return a limit on tokens: sent, received and cached ones together} */
  public static Budget ofTokens(long most) {
    return of(Cap.ofTokens(most));
  }

  /** {@return the same with this limit on money, written as a decimal number of dollars} */
  public Budget money(String most) {
    return limit(limit.usd(most));
  }

  /** {@return the same with this limit on tokens} */
  public Budget tokens(long most) {
    return limit(limit.tokens(most));
  }

  /** {@return the same with this limit on the time that launches take, added up} */
  public Budget time(Duration most) {
    return limit(limit.time(most));
  }

  /** {@return the same with this limit on calls of the model} */
  public Budget turns(long most) {
    return limit(limit.turns(most));
  }

  /** {@return the same with this limit on uses of tools} */
  public Budget toolCalls(long most) {
    return limit(limit.toolCalls(most));
  }

  /** {@return the same with this limit on launches} */
  public Budget launches(long most) {
    return limit(limit.launches(most));
  }

  /** {@return the same with these limits in all} */
  public Budget limit(Cap most) {
    return new Budget(most, perAttempt, onBreach, cheaper, output);
  }

  /** {@return the same with this cap on each launch, which is reserved before it} */
  public Budget perAttempt(Cap most) {
    return new Budget(limit, most, onBreach, cheaper, output);
  }

  /** {@return the same, asking a person when a launch does not fit} */
  public Budget asks() {
    return onBreach(Breach.ASK);
  }

  /** {@return the same, going on with what is left, on this model} */
  public Budget degradesTo(String model) {
    Objects.requireNonNull(model, "model");
    return new Budget(limit, perAttempt, onBreach, model, output);
  }

  /** {@return the same, cutting the text of a launch that used more than its cap} */
  public Budget cutsOutputTo(int characters) {
    return new Budget(limit, perAttempt, onBreach, cheaper, characters);
  }

  /** {@return the same, waiting until more is granted} */
  public Budget pauses() {
    return onBreach(Breach.PAUSE);
  }

  /** {@return the same, failing with {@code budget-exceeded}} */
  public Budget aborts() {
    return onBreach(Breach.ABORT);
  }

  /** {@return the same with this among what may follow when a launch does not fit} */
  public Budget onBreach(Breach what) {
    return new Budget(limit, perAttempt, with(what), cheaper, output);
  }

  private List<Breach> with(Breach what) {
    Set<Breach> all = EnumSet.of(what);
    all.addAll(onBreach);
    return List.copyOf(all);
  }

  /** {@return whether this may follow when a launch does not fit} */
  public boolean does(Breach what) {
    return onBreach.contains(what) || what == Breach.PAUSE && !onBreach.contains(Breach.ABORT);
  }

  /** {@return to how many characters the text of a launch is cut that used more than its cap} */
  public Optional<Integer> outputLimit() {
    return Optional.ofNullable(output);
  }
}
