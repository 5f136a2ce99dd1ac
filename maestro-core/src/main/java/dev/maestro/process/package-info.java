/**
 * What Maestro asks of the operating system: child processes, time, and a way to stop.
 *
 * <p>Start at {@link dev.maestro.process.ProcessRunner}. Nothing here knows of tasks or agents.
 */
@NullMarked
package dev.maestro.process;

import org.jspecify.annotations.NullMarked;
