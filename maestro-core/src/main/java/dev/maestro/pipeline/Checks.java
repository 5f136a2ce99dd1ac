package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import dev.maestro.task.TimeBound;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/** Every static check of a pipeline, in the order of its definition. */
final class Checks {

  private final Pipeline pipeline;
  private final Found found;
  private final Around around;
  private final Dataflow dataflow;
  private final List<String> stepPaths;
  private final List<String> templatePaths;
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  private Checks(Pipeline pipeline, Dataflow dataflow, Found found, Around around) {
    this.pipeline = pipeline;
    this.found = found;
    this.around = around;
    this.dataflow = dataflow;
    this.stepPaths = paths("steps", pipeline.steps());
    this.templatePaths = paths("templates", pipeline.templates());
    this.problems.addAll(found.whole());
  }

  /** Check a pipeline whose dataflow is known. */
  static Validation of(Pipeline pipeline, Dataflow dataflow) {
    return new Checks(pipeline, dataflow, Found.nothing(pipeline), Around.NOTHING).all();
  }

  /** Check a pipeline of which something is known already. */
  static Validation of(Pipeline pipeline, Found found) {
    return new Checks(pipeline, pipeline.dataflow(), found, Around.NOTHING).all();
  }

  private Validation all() {
    header();
    steps();
    cycles();
    unusedOutputs();
    unusedElements();
    return new Validation(problems, warnings);
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
    if (pipeline.timeLimit() != null && around.depth() > 0) {
      report("timeLimit", "timeLimit", "only a whole run has a time limit, no pipeline inside one");
    } else if (pipeline.timeLimit() != null && !TimeBound.allows(pipeline.timeLimit())) {
      report("timeLimit", "timeLimit", "a time limit " + TimeBound.RULE);
    }
    Fields.Report report = this::report;
    StepChecks.characters("", PolicyWriter.tree(pipeline.policies()), report);
    PolicyChecks.check(pipeline.policies(), report);
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

  private void steps() {
    StepsInContext context = new StepsInContext(pipeline, dataflow, around);
    for (int i = 0; i < pipeline.steps().size(); i++) {
      Step step = pipeline.steps().get(i);
      Found.InStep known = found.steps().get(i);
      context.checkStep(i, problems(stepPaths.get(i), step, known.problems()));
      inside(step, stepPaths.get(i), known);
    }
    for (int i = 0; i < pipeline.templates().size(); i++) {
      Step template = pipeline.templates().get(i);
      Found.InStep known = found.templates().get(i);
      context.checkTemplate(i, problems(templatePaths.get(i), template, known.problems()));
      inside(template, templatePaths.get(i), known);
    }
  }

  private void inside(Step step, String path, Found.InStep known) {
    if (!(step.body().action() instanceof Action.SubPipeline sub)) {
      return;
    }
    Around deeper = around.inside(pipeline, step, sub);
    if (deeper.isTooDeep()) {
      problems.add(
          new Problem(
              "pipeline",
              path + ".pipeline",
              "pipelines may stand in each other " + Around.DEEPEST + " deep, and this is deeper"));
      return;
    }
    Pipeline inside = sub.pipeline();
    Found foundInside = known.inside() == null ? Found.nothing(inside) : known.inside();
    Validation validation = new Checks(inside, inside.dataflow(), foundInside, deeper).all();
    validation.problems().forEach(problem -> problems.add(placed(problem, path, step)));
    validation.warnings().forEach(warning -> warnings.add(placed(warning, path, step)));
  }

  private static Problem placed(Problem problem, String path, Step step) {
    String place = path + ".pipeline." + problem.path();
    Problem placed = new Problem(problem.code(), place, problem.message(), problem.details());
    String inner = problem.details().get("step");
    return inner == null ? placed : placed.with("step", step.id() + "/" + inner);
  }

  private StepProblems problems(String path, Step step, List<Problem> known) {
    return new StepProblems(path, step.id(), known, problems);
  }

  private static List<String> paths(String section, List<Step> steps) {
    return StepPaths.ofSteps(section, steps);
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

  private void unusedElements() {
    for (int i = 0; i < pipeline.steps().size(); i++) {
      warnOfUnusedElement(pipeline.steps().get(i), stepPaths.get(i));
    }
  }

  private void warnOfUnusedElement(Step step, String path) {
    if (step.action() instanceof Action.ForEach each && !Uses.usesElement(each)) {
      warnings.add(
          new Problem(
              "unused-element",
              path + ".forEach",
              "the same is done for each element: nothing uses {{ " + each.as() + " }}"));
    }
  }

  private void unusedOutputs() {
    Set<String> used = dataflow.used();
    used.addAll(around.taken());
    BitSet seenByCode = dataflow.seenByCode();
    for (int i = 0; i < pipeline.steps().size(); i++) {
      String output = pipeline.steps().get(i).output();
      if (output != null && !used.contains(output) && !seenByCode.get(i)) {
        warnings.add(
            new Problem(
                "unused-output",
                stepPaths.get(i) + ".output",
                "no step uses '"
                    + output
                    + "'; "
                    + (around.depth() == 0
                        ? "only the result of the run will show it"
                        : "nobody will see it")));
      }
    }
  }
}
