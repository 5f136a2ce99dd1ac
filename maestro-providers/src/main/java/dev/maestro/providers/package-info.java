/**
 * Agents that run as child processes.
 *
 * <p>Start at {@link dev.maestro.providers.CommandAgent}, which runs any program that takes a
 * prompt on stdin and works in a directory.
 */
@NullMarked
package dev.maestro.providers;

import org.jspecify.annotations.NullMarked;
