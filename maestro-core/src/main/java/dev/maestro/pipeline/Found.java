package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known to be wrong with how a pipeline was put together, before any check.
 *
 * @param whole with the pipeline as such
 * @param steps with each step
 * @param templates with each template
 */
record Found(List<Problem> whole, List<InStep> steps, List<InStep> templates) {

  Found {
    whole = List.copyOf(whole);
    steps = List.copyOf(steps);
    templates = List.copyOf(templates);
  }

  /**
   * What is wrong with one step.
   *
   * @param problems paths begin inside the step; an empty one says that nothing more can be said
   *     about it
   * @param inside what is wrong with the pipeline inside it, or null when nothing is known
   */
  record InStep(List<Problem> problems, @Nullable Found inside) {

    private static final InStep NOTHING = new InStep(List.of(), null);

    InStep {
      problems = List.copyOf(problems);
    }
  }

  /** {@return that nothing is known of this pipeline} */
  static Found nothing(Pipeline pipeline) {
    return new Found(
        List.of(),
        Collections.nCopies(pipeline.steps().size(), InStep.NOTHING),
        Collections.nCopies(pipeline.templates().size(), InStep.NOTHING));
  }

  /** {@return all of it, at any depth} */
  List<Problem> all() {
    List<Problem> all = new ArrayList<>(whole);
    for (List<InStep> section : List.of(steps, templates)) {
      for (InStep step : section) {
        all.addAll(step.problems());
        if (step.inside() != null) {
          all.addAll(step.inside().all());
        }
      }
    }
    return all;
  }
}
