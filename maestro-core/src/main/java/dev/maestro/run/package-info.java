/**
 * The pure core: a run's inputs, events and state, and the rules that lead from one to the next.
 *
 * <p>Start at {@link dev.maestro.run.RunRules}. No clock, I/O, thread or randomness: time and
 * random draws arrive in inputs.
 *
 * <p>Inside, {@code Deciding} brings an input to the rule it is for, each {@code ...Rules} holds
 * the rules of one matter and writes events into a {@code Draft}, and {@code Fold} and {@code
 * MoveFold} say what an event changes in a {@link dev.maestro.run.RunState}.
 */
@NullMarked
package dev.maestro.run;

import org.jspecify.annotations.NullMarked;
