package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import dev.maestro.failure.Suggestion;
import dev.maestro.pipeline.Action.Kind;
import dev.maestro.pipeline.Template.Fault;
import dev.maestro.pipeline.Uses.Use;
import dev.maestro.policy.Until;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What can be wrong with a step because of the others; called once for each, in order. */
final class StepsInContext {

  private final Pipeline pipeline;
  private final Dataflow dataflow;
  private final Around around;
  private final Map<String, Step> steps;
  private final Map<String, Step> templates;
  private final Set<String> ids = new HashSet<>();
  private final Map<String, String> outputs = new HashMap<>();
  private final Map<String, String> continuations = new HashMap<>();

  StepsInContext(Pipeline pipeline, Dataflow dataflow, Around around) {
    this.pipeline = pipeline;
    this.dataflow = dataflow;
    this.around = around;
    this.steps = pipeline.stepsById();
    this.templates = pipeline.templatesById();
  }

  void checkStep(int position, StepProblems report) {
    Step step = pipeline.steps().get(position);
    if (checkAlone(step, report)) {
      dependencies(step, report);
      continuation(step, report);
      template(step, report);
      templateTexts(dataflow.stepUses(position), report);
      stepVariables(position, report);
    }
  }

  void checkTemplate(int position, StepProblems report) {
    Step template = pipeline.templates().get(position);
    if (checkAlone(template, report)) {
      templatePlace(template, report);
      templateTexts(dataflow.templateUses(position), report);
      templateVariables(template, dataflow.templateUses(position), report);
    }
  }

  private boolean checkAlone(Step step, StepProblems report) {
    if (report.isUnreadable()) {
      return false;
    }
    if (!step.id().isBlank() && !ids.add(step.id())) {
      report.problem("duplicate", "id", "there is a step or template '" + step.id() + "' already");
    }
    StepChecks.check(step, report);
    completion(step, report);
    if (around.isTooLong(step.id())) {
      report.problem(
          "id",
          "id",
          "the ids of a step and of those around it have at most "
              + Around.LONGEST_ID
              + " characters together");
    }
    if (step.body().action() instanceof Action.SubPipeline sub) {
      new InsideChecks(sub, step.each(), InsideChecks.known(dataflow), report).check();
    }
    if (step.action() instanceof Action.ForEach each) {
      new EachChecks(each, dataflow, around, report).check();
    }
    String output = step.output();
    String other = output == null ? null : outputs.putIfAbsent(output, step.id());
    if (other != null) {
      report.problem(
          "duplicate", "output", "step '" + other + "' has an output '" + output + "' already");
    }
    return true;
  }

  /** One answer cannot be JSON and say in lines of its own that the work is done. */
  private void completion(Step step, StepProblems report) {
    Until until = around.policies(pipeline, step).until();
    boolean inLines = until != null && until.says() == Until.Protocol.BLOCK;
    if (inLines && step.body().json() && step.body().action().isAgents()) {
      report.problem(
          "until",
          step.policies().and(step.body().policies()).until() == null ? "output" : "until",
          "an answer that is JSON has no block of lines that says that the agent is done; let the"
              + " step say so by a promise, which may stand in any text of the JSON, or take the"
              + " output as text");
    }
  }

  private void dependencies(Step step, StepProblems report) {
    for (String dependency : step.after()) {
      if (!steps.containsKey(dependency) && !dependency.equals(step.continues())) {
        report.add(
            new Problem("unknown-input", "after", unknownStep(dependency))
                .with("input", dependency));
      }
    }
  }

  private String unknownStep(String id) {
    return templates.containsKey(id)
        ? "'" + id + "' is a template; wait for the plan step that uses it"
        : "there is no step '" + id + "'" + Suggestion.near(id, steps.keySet());
  }

  private void continuation(Step step, StepProblems report) {
    String target = step.continues();
    if (target == null) {
      return;
    }
    Step continued = steps.get(target);
    if (continued == null) {
      report.add(new Problem("continues", "continues", unknownStep(target)).with("input", target));
    } else if (!step.action().isAgents() || !continued.action().isAgents()) {
      report.problem("continues", "continues", "only agents have a session that can be continued");
    } else if (!step.after().contains(target)) {
      report.problem("continues", "continues", "a step comes after the one it continues");
    }
    String other = continuations.putIfAbsent(target, step.id());
    if (other != null) {
      report.problem(
          "continues", "continues", "step '" + other + "' continues '" + target + "' already");
    }
  }

  private void template(Step step, StepProblems report) {
    if (!(step.action() instanceof Action.Plan plan)) {
      return;
    }
    if (plan.template().isBlank()) {
      report.problem("template", "template", "a plan step needs a template to make tasks from");
    } else if (!templates.containsKey(plan.template())) {
      report.problem(
          "template",
          "template",
          "there is no template '"
              + plan.template()
              + "'"
              + Suggestion.near(plan.template(), templates.keySet()));
    }
  }

  private void templatePlace(Step template, StepProblems report) {
    if (template.action().kind() == Kind.PLAN) {
      report.problem("template", "plan", "a plan cannot be made from the template of a plan");
    }
    if (!template.after().isEmpty()) {
      report.problem("after", "after", "tasks of a template run when the plan says so");
    }
    if (template.continues() != null) {
      report.problem("continues", "continues", "many tasks cannot continue one session");
    }
    template
        .each()
        .filter(each -> Names.isItem(each.as()))
        .ifPresent(
            each ->
                report.problem(
                    "duplicate",
                    "as",
                    "'" + each.as() + "' is the plan's line here; choose another name"));
    if (dataflow.planners(template.id()).isEmpty()) {
      report.problem("template", "id", "no plan step uses the template");
    }
  }

  private static void templateTexts(Uses uses, StepProblems report) {
    for (Map.Entry<String, List<Fault>> field : uses.faults().entrySet()) {
      for (Fault fault : field.getValue()) {
        report.problem("template-syntax", field.getKey(), fault.toString());
      }
    }
  }

  private void stepVariables(int position, StepProblems report) {
    Set<Integer> needed = new LinkedHashSet<>();
    for (Use use : dataflow.stepUses(position).uses()) {
      Integer producer = dataflow.producerPosition(use.name()).orElse(null);
      if (around.gives(use.name())) {
        continue;
      } else if (Names.isItem(use.name())) {
        variable(use, "is known only in a template of a plan, and in a step with forEach", report);
      } else if (producer == null) {
        templateOutput(use, report);
      } else if (producer == position) {
        variable(use, "is the output of this step itself", report);
      } else {
        needed.add(producer);
      }
    }
    unreachable(dataflow.stepUses(position), dataflow.notBefore(position, needed), report);
  }

  private void templateVariables(Step template, Uses uses, StepProblems report) {
    Set<Integer> needed = new LinkedHashSet<>();
    for (Use use : uses.uses()) {
      if (around.gives(use.name())) {
        continue;
      } else if (!Names.isItem(use.name())) {
        dataflow
            .producerPosition(use.name())
            .ifPresentOrElse(needed::add, () -> templateOutput(use, report));
      } else if (!Names.ITEM.contains(use.name())) {
        String known = String.join(", ", Names.ITEM.stream().sorted().toList());
        variable(use, "is unknown; an item has " + known, report);
      }
    }
    Set<Integer> missing = new LinkedHashSet<>();
    for (int planner : dataflow.planners(template.id())) {
      Set<Integer> fromElsewhere = new LinkedHashSet<>(needed);
      fromElsewhere.remove(planner);
      missing.addAll(dataflow.notBefore(planner, fromElsewhere));
    }
    unreachable(uses, missing, report);
  }

  private void templateOutput(Use use, StepProblems report) {
    if (dataflow.isTemplateOutput(use.name())) {
      variable(use, "is the output of many tasks, one for each line of a plan", report);
    }
  }

  private void unreachable(Uses uses, Set<Integer> producers, StepProblems report) {
    for (Use use : uses.uses()) {
      dataflow
          .producerPosition(use.name())
          .filter(producers::contains)
          .map(producer -> pipeline.steps().get(producer).id())
          .ifPresent(
              producer ->
                  variable(
                      use,
                      "is the output of step '" + producer + "', which does not come before",
                      report));
    }
  }

  private static void variable(Use use, String message, StepProblems report) {
    report.add(
        new Problem("variable", use.field(), "{{ " + use.name() + " }} " + message)
            .with("input", use.name()));
  }
}
