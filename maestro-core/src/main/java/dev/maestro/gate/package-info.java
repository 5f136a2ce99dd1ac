/**
 * Checks that Maestro itself runs on a checkpoint, and the receipts that prove they ran.
 *
 * <p>Start at {@link dev.maestro.gate.Gate}.
 */
@NullMarked
package dev.maestro.gate;

import org.jspecify.annotations.NullMarked;
