/**
 * The pure core: a run's inputs, events and state, and the rules that lead from one to the next.
 *
 * <p>Start at {@link dev.maestro.run.RunRules}. No clock, I/O, thread or randomness: time and
 * random draws arrive in inputs.
 */
@NullMarked
package dev.maestro.run;

import org.jspecify.annotations.NullMarked;
