/**
 * Pipelines as data: steps, templates, conditions, their text forms and the static checks.
 *
 * <p>{@link dev.maestro.pipeline.Pipeline#named} begins one in Java, {@link
 * dev.maestro.pipeline.PipelineFormat} reads and writes YAML and JSON, {@link
 * dev.maestro.pipeline.Inputs} is what a run is started with, and {@link
 * dev.maestro.pipeline.Dataflow} says which values go where.
 */
@NullMarked
package dev.maestro.pipeline;

import org.jspecify.annotations.NullMarked;
