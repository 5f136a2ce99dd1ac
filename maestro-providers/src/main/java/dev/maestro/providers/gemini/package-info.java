/** Gemini CLI, by its program {@code gemini}. */
@NullMarked
package dev.maestro.providers.gemini;

import org.jspecify.annotations.NullMarked;
