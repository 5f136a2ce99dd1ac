/**
 * Where runs are kept: the store SPI, the memory store and the file store.
 *
 * <p>Start at {@link dev.maestro.store.Store}. A store sees opaque, versioned JSON envelopes and
 * knows no event types.
 */
@NullMarked
package dev.maestro.store;

import org.jspecify.annotations.NullMarked;
