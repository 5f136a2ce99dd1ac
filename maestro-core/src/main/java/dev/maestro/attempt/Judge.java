package dev.maestro.attempt;

/**
 * Says how good work is whose gates have passed, such as a model that reads the diff, or a number
 * that a gate printed; registered on the builder by name. Asked by {@link
 * dev.maestro.policy.Confidence} and {@link dev.maestro.policy.EvalGate}.
 *
 * <p>Called on a worker thread, at {@link dev.maestro.policy.Place#CONFIDENCE}. It may take its
 * time, and should honor an interruption. One that fails fails the attempt.
 */
@FunctionalInterface
public interface Judge {

  /** {@return from 0, of no use at all, to 1, without a fault} */
  double judge(AttemptContext context) throws Exception;
}
