/** Cursor's agent, by its program {@code cursor-agent}. */
@NullMarked
package dev.maestro.providers.cursor;

import org.jspecify.annotations.NullMarked;
