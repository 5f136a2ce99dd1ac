/**
 * What can go wrong: exceptions split by what the caller can do, and failures as values.
 *
 * <p>Start at {@link dev.maestro.failure.MaestroException}; for what a provider or a model says
 * went wrong, at {@link dev.maestro.failure.ErrorSigns}.
 */
@NullMarked
package dev.maestro.failure;

import org.jspecify.annotations.NullMarked;
