/** OpenCode, by its program {@code opencode}. */
@NullMarked
package dev.maestro.providers.opencode;

import org.jspecify.annotations.NullMarked;
