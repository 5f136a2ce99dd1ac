package dev.maestro.attempt;

import dev.maestro.task.Risk;

/**
 * Judges how much harm an attempt could do, for steps whose risk decides when people agree.
 *
 * <p>Registered on the builder. Asked before the work, when the prompt or the command is final, and
 * again before it is merged or accepted, when the changes are known. What it says may raise the
 * risk that the step declares, and never lowers it. Must give the same answer for the same attempt;
 * called on worker threads, and must not block for long.
 */
@FunctionalInterface
public interface RiskClassifier {

  /** Says that all is as risky as the step declares. */
  RiskClassifier NONE = context -> Risk.LOW;

  /** {@return how much harm it could do} */
  Risk classify(AttemptContext context);
}
