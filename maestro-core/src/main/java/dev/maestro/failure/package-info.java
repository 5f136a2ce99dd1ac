/**
 * What can go wrong: exceptions split by what the caller can do, and failures as values.
 *
 * <p>Start at {@link dev.maestro.failure.MaestroException}.
 */
@NullMarked
package dev.maestro.failure;

import org.jspecify.annotations.NullMarked;
