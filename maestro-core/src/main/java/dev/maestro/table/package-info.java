/**
 * Hash tables for what there is a hundred thousand of.
 *
 * <p>Begin with {@link dev.maestro.table.Table}. Not exported.
 */
@NullMarked
package dev.maestro.table;

import org.jspecify.annotations.NullMarked;
