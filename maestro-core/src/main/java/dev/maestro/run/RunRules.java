package dev.maestro.run;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rules of a run: {@code decide(state, input)} says which events follow, and nothing else does.
 *
 * <p>Pure and deterministic: the same state and input always give the same decision, and the state
 * is left as it was. Apply the events of an accepted decision once they are durable.
 */
public final class RunRules {

  /** The version of these rules; a run carries the one it was started with. */
  public static final int VERSION = 1;

  private RunRules() {}

  /**
   * Decide what follows from the input and, where it is accepted, leave the state as the events of
   * the decision make it.
   */
  public static Decision advance(RunState state, RunInput input) {
    return advance(state, input, events -> Optional.empty());
  }

  /**
   * Decide as {@link #advance(RunState, RunInput)} does, unless what follows cannot be recorded: it
   * is refused then, and the state is left as it was.
   *
   * @param admission says why these events cannot be recorded; empty when they can
   */
  public static Decision advance(
      RunState state,
      RunInput input,
      Function<List<RunEvent>, Optional<Decision.Refused>> admission) {
    try (Trial trial = state.tryOut()) {
      Decision decision = new Deciding(state, trial, input).decide();
      if (!(decision instanceof Decision.Accepted accepted)) {
        return decision;
      }
      Optional<Decision.Refused> refusal = admission.apply(accepted.events());
      if (refusal.isPresent()) {
        return refusal.get();
      }
      trial.keep();
      return decision;
    }
  }

  /** Decide what follows from the input. */
  public static Decision decide(RunState state, RunInput input) {
    return decide(state, input, events -> Optional.empty());
  }

  /**
   * Decide what follows from the input, unless it cannot be recorded.
   *
   * @param admission says why these events cannot be recorded; empty when they can; while it is
   *     asked, the state stands as they would leave it
   */
  public static Decision decide(
      RunState state,
      RunInput input,
      Function<List<RunEvent>, Optional<Decision.Refused>> admission) {
    try (Trial trial = state.tryOut()) {
      Decision decision = new Deciding(state, trial, input).decide();
      return decision instanceof Decision.Accepted accepted
          ? admission.apply(accepted.events()).<Decision>map(refused -> refused).orElse(decision)
          : decision;
    }
  }
}
