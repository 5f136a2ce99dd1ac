/**
 * Plans that agents write: from the text of an answer to a list of tasks, and back.
 *
 * <p>Start at {@link dev.maestro.plan.PlanParser}. Pure: no clock, I/O, thread or randomness.
 */
@NullMarked
package dev.maestro.plan;

import org.jspecify.annotations.NullMarked;
