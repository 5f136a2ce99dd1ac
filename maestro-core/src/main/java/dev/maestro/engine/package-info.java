/**
 * The embedded engine: one loop that decides and commits for all runs, and workers that carry out
 * attempts.
 *
 * <p>Not exported by the module; applications use it through {@code dev.maestro.Maestro}.
 */
@NullMarked
package dev.maestro.engine;

import org.jspecify.annotations.NullMarked;
