/**
 * The embedded engine: one loop that decides and commits for all runs, and workers that carry out
 * attempts.
 *
 * <p>{@code Engine} is the door and {@code Loop} the thread behind it. {@code Roster}, {@code
 * Scheduler}, {@code Recovery}, {@code Aftermath}, {@code Alarms}, {@code Slots} and {@code Batch}
 * are confined to the loop and have no locks; {@code Mailbox}, {@code Workers} and {@code
 * Publisher} are where threads meet.
 *
 * <p>Not exported by the module; applications use it through {@code dev.maestro.Maestro}.
 */
@NullMarked
package dev.maestro.engine;

import org.jspecify.annotations.NullMarked;
