/**
 * The words every other package speaks: ids, states, the transition table, reasons, usage and
 * money.
 *
 * <p>Pure values only: no clock, I/O, thread or randomness.
 */
@NullMarked
package dev.maestro.task;

import org.jspecify.annotations.NullMarked;
