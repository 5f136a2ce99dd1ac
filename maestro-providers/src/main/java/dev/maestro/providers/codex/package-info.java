/** Codex, by its program {@code codex}. */
@NullMarked
package dev.maestro.providers.codex;

import org.jspecify.annotations.NullMarked;
