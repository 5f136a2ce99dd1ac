package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Every static check of a pipeline, in the order of its definition. */
final class Checks {

  private final Pipeline pipeline;
  private final Dataflow dataflow;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  private Checks(Pipeline pipeline, List<Problem> found) {
    this.pipeline = pipeline;
    this.dataflow = pipeline.dataflow();
    this.problems.addAll(found);
  }

  static Validation of(Pipeline pipeline) {
    return of(pipeline, List.of(), nothing(pipeline.steps()), nothing(pipeline.templates()));
  }

  private static List<List<Problem>> nothing(List<Step> steps) {
    return Collections.nCopies(steps.size(), List.of());
  }

  /**
   * Check a pipeline.
   *
   * @param found what is known to be wrong with the whole
   * @param inSteps what is known to be wrong with each step; paths begin inside it, and an empty
   *     one says that nothing more can be said about the step
   * @param inTemplates the same for each template
   */
  static Validation of(
      Pipeline pipeline,
      List<Problem> found,
      List<List<Problem>> inSteps,
      List<List<Problem>> inTemplates) {
    Checks checks = new Checks(pipeline, found);
    checks.header();
    checks.steps(inSteps, inTemplates);
    checks.cycles();
    checks.unusedOutputs();
    return new Validation(checks.problems, checks.warnings);
  }

  private void header() {
    if (!Names.isLabel(pipeline.name())) {
      report("name", "name", "a pipeline needs a name: one line of at most 200 characters");
    }
    if (!Names.isLabel(pipeline.version())) {
      report("version", "version", "a version is one line of at most 200 characters");
    }
    characters("name", pipeline.name());
    characters("version", pipeline.version());
    characters("description", pipeline.description());
    if (pipeline.timeLimit() != null && !PipelineBuilder.isPossible(pipeline.timeLimit())) {
      report("timeLimit", "timeLimit", "a time limit " + PipelineBuilder.POSSIBLE_RULE);
    }
    if (pipeline.steps().isEmpty()) {
      report("steps", "steps", "a pipeline needs at least one step");
    }
  }

  private void characters(String path, String text) {
    if (!Names.isCleanText(text)) {
      report("text", path, Names.CLEAN_TEXT_RULE);
    }
  }

  private void report(String code, String path, String message) {
    if (problems.stream().noneMatch(problem -> problem.path().equals(path))) {
      problems.add(new Problem(code, path, message));
    }
  }

  private void steps(List<List<Problem>> inSteps, List<List<Problem>> inTemplates) {
    StepsInContext context = new StepsInContext(pipeline, dataflow);
    List<String> stepPaths = paths("steps", pipeline.steps());
    for (int i = 0; i < inSteps.size(); i++) {
      Step step = pipeline.steps().get(i);
      context.checkStep(i, problems(stepPaths.get(i), step, inSteps.get(i)));
    }
    List<String> templatePaths = paths("templates", pipeline.templates());
    for (int i = 0; i < inTemplates.size(); i++) {
      Step template = pipeline.templates().get(i);
      context.checkTemplate(i, problems(templatePaths.get(i), template, inTemplates.get(i)));
    }
  }

  private StepProblems problems(String path, Step step, List<Problem> known) {
    return new StepProblems(path, step.id(), known, problems);
  }

  private static List<String> paths(String section, List<Step> steps) {
    return StepPaths.of(section, steps.stream().map(Step::id).toList());
  }

  private void cycles() {
    for (List<String> ring : pipeline.graph().resolve().cycles()) {
      String first = ring.get(0);
      String message =
          ring.size() == 1
              ? "the step waits for itself"
              : "these steps wait for each other: " + String.join(" -> ", ring) + " -> " + first;
      problems.add(
          new Problem("cycle", "steps." + first + ".after", message)
              .with("step", first)
              .with("members", String.join(",", ring)));
    }
  }

  private void unusedOutputs() {
    Set<String> used = dataflow.used();
    BitSet seenByCode = dataflow.seenByCode();
    List<String> paths = paths("steps", pipeline.steps());
    for (int i = 0; i < pipeline.steps().size(); i++) {
      String output = pipeline.steps().get(i).output();
      if (output != null && !used.contains(output) && !seenByCode.get(i)) {
        warnings.add(
            new Problem(
                "unused-output",
                paths.get(i) + ".output",
                "no step uses '" + output + "'; only the result of the run will show it"));
      }
    }
  }
}
