/**
 * Maestro runs pipelines of AI coding agents the way a good database runs transactions.
 *
 * <p>Start at {@link dev.maestro.Maestro}.
 */
@NullMarked
package dev.maestro;

import org.jspecify.annotations.NullMarked;
