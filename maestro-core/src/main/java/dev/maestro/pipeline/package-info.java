/**
 * Pipelines as data: steps, templates, conditions, their text forms and the static checks.
 *
 * <p>Start at {@link dev.maestro.pipeline.Pipeline}.
 */
@NullMarked
package dev.maestro.pipeline;

import org.jspecify.annotations.NullMarked;
