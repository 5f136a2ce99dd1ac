package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.gate.Gate;
import dev.maestro.gate.Gate.CodeGate;
import dev.maestro.pipeline.Action.Kind;
import dev.maestro.pipeline.Condition.Comparison;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Oversight;
import dev.maestro.task.TaskId;
import dev.maestro.task.TimeBound;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be wrong with one step, whatever stands around it. */
final class StepChecks {

  static final int MOST_ATTEMPTS = 100;

  private final Step step;
  private final Fields.Report report;

  private StepChecks(Step step, Fields.Report report) {
    this.step = step;
    this.report = report;
  }

  /** Check a step; the paths that are reported begin inside it. */
  static void check(Step step, Fields.Report report) {
    StepChecks checks = new StepChecks(step, report);
    checks.id();
    checks.condition();
    checks.delay();
    PolicyChecks.check(step.policies(), report);
    if (step.body() != step) {
      PolicyChecks.check(step.body().policies(), report);
    }
    // what is done for each element of a list is said in the same place
    new StepChecks(step.body(), report).work();
    ObjectNode tree = PipelineWriter.tree(step);
    // what is inside is checked for itself
    tree.remove("pipeline");
    characters("", tree, report);
  }

  private void work() {
    action();
    output();
    policies();
    workspace();
    gates();
    guardrails();
    oversight();
    ladder();
    budget();
    lists();
  }

  private void id() {
    if (step.id().isBlank()) {
      report("id", "a step needs an id");
    } else if (!TaskId.isValidStep(step.id())) {
      report(
          "id",
          "'"
              + step.id()
              + "' is no id; it may have letters, digits, '.', '_' and '-', at most 100 in all, and"
              + " no '..', '--', '.lock' or '.' at the end");
    }
    if (step.title() != null && !Names.isLabel(step.title())) {
      report("title", "a title is one line of at most 200 characters");
    }
  }

  private void action() {
    Action action = step.action();
    if (action instanceof Action.Agent agent) {
      talks("agent", agent.agent(), agent.prompt(), agent.model());
    } else if (action instanceof Action.Plan plan) {
      talks("plan", plan.agent(), plan.prompt(), plan.model());
    } else if (action instanceof Action.Command command) {
      if (command.command().isEmpty() || command.command().get(0).isBlank()) {
        report("command", "a command step needs a program");
      }
    } else if (action instanceof Action.Code code) {
      registered("code", "code", code.name(), code.version());
    } else if (action instanceof Action.Approval approval) {
      if (approval.question().isBlank()) {
        report("approval", "an approval step needs a question");
      }
    } else if (action instanceof Action.SubPipeline sub) {
      outputs(sub.outputs());
    }
  }

  private void outputs(List<String> names) {
    distinct("outputs", names);
    if (step.output() != null && names.isEmpty()) {
      report("outputs", "says nothing, and so the output '" + step.output() + "' has no value");
    } else if (step.output() == null && !names.isEmpty()) {
      report("output", "what is taken from inside needs a name");
    }
  }

  private void talks(String field, String agent, String prompt, @Nullable String model) {
    if (agent.isBlank() && prompt.isBlank()) {
      report(
          field,
          "a step needs something to do: an agent and a prompt, a plan, a command, code, an"
              + " approval, a pipeline or a delay");
      return;
    }
    if (!Names.isLabel(agent)) {
      report(field, "an agent step needs an agent, named in one line");
    }
    if (prompt.isBlank()) {
      report("prompt", "an agent needs a prompt");
    }
    if (model != null && !Names.isLabel(model)) {
      report("model", "a model is named in one line");
    }
  }

  private void registered(String code, String path, String name, String version) {
    if (!Names.isLabel(name) || !Names.isLabel(version)) {
      report.problem(
          code, path, "what the application registers has a name and a version, one line each");
    }
  }

  private void condition() {
    if (step.when() instanceof Comparison comparison && !Names.isVariable(comparison.name())) {
      report("when", "'" + comparison.name() + "' is no name of an input or an output");
    } else if (step.when() instanceof Condition.Predicate predicate) {
      registered("when", "when", predicate.name(), predicate.version());
    }
  }

  private void output() {
    String name = step.output();
    if (name == null) {
      if (step.json()) {
        report("output", "a JSON output needs a name");
      }
    } else if (!Names.isVariable(name)) {
      report("output", "the name of an output must be " + Names.VARIABLE_RULE);
    } else if (Names.isItem(name) || name.equals(Names.TASK)) {
      report("output", "'" + name + "' is reserved; choose another name");
    } else if (step.json() && step.action().kind() == Kind.APPROVAL) {
      report("output", "the output of an approval step is the answer, which is text");
    }
  }

  private void policies() {
    if (step.inside().isPresent()) {
      policiesOfTheStepsInside();
      return;
    }
    if (step.attempts() < 1 || step.attempts() > MOST_ATTEMPTS) {
      report("attempts", "must be 1 to " + MOST_ATTEMPTS + ", not " + step.attempts());
    } else if (isApproval() && step.attempts() != StepBuilder.DEFAULT_ATTEMPTS) {
      report("attempts", "a person is asked once");
    }
    // mostly these are the very objects, for which nobody need make the equals of a record
    if (isApproval() && !Objects.equals(step.backoff(), StepBuilder.DEFAULT_BACKOFF)) {
      report("backoff", "a person is asked once");
    }
    if (isApproval() && !Objects.equals(step.limits(), StepBuilder.DEFAULT_LIMITS)) {
      report("limits", "a person may take any time");
    } else if (step.limits().inactivity().compareTo(step.limits().total()) > 0) {
      report(
          "limits",
          "the limit for silence, "
              + Durations.write(step.limits().inactivity())
              + ", is longer than that in all, "
              + Durations.write(step.limits().total()));
    }
  }

  private void policiesOfTheStepsInside() {
    ofTheStepsInside(step.attempts() != StepBuilder.DEFAULT_ATTEMPTS, "attempts");
    ofTheStepsInside(!step.backoff().equals(StepBuilder.DEFAULT_BACKOFF), "backoff");
    ofTheStepsInside(!Objects.equals(step.limits(), StepBuilder.DEFAULT_LIMITS), "limits");
    ofTheStepsInside(!step.gates().isEmpty(), "gates");
    ofTheStepsInside(step.mergeInto() != null, "mergeInto");
    ofTheStepsInside(step.allowNoOp(), "allowNoOp");
    ofTheStepsInside(!step.secrets().isEmpty(), "secrets");
    ofTheStepsInside(!step.interceptors().isEmpty(), "interceptors");
  }

  private void ofTheStepsInside(boolean stated, String field) {
    if (stated) {
      report(field, "the steps inside have this, the step around them does not");
    }
  }

  private void delay() {
    if (step.delay() != null && !TimeBound.allows(step.delay())) {
      report("delay", "a delay " + TimeBound.RULE);
    }
    if (step.action().kind() == Kind.WAIT) {
      boolean standard =
          step.attempts() == StepBuilder.DEFAULT_ATTEMPTS
              && step.backoff().equals(StepBuilder.DEFAULT_BACKOFF);
      onlyWaits(!standard, "attempts", "cannot fail, so there are no attempts");
      onlyWaits(
          !Objects.equals(step.limits(), StepBuilder.DEFAULT_LIMITS), "limits", "launches nothing");
      onlyWaits(step.output() != null, "output", "returns nothing");
      onlyWaits(step.mergeInto() != null, "mergeInto", "has no work to merge");
    }
  }

  private void onlyWaits(boolean stated, String field, String message) {
    if (stated) {
      report(field, "a step that only waits " + message);
    }
  }

  private boolean isApproval() {
    return step.action().kind() == Kind.APPROVAL;
  }

  private void workspace() {
    if (step.inside().isPresent()) {
      return;
    }
    String branch = step.mergeInto();
    if (branch != null && !Names.isBranch(branch)) {
      report("mergeInto", "'" + branch + "' is no name of a branch that work can be merged into");
    }
    if (!step.action().usesWorkspace()) {
      boolean merges = branch != null && !step.after().isEmpty();
      refuse(
          branch != null && !merges, "mergeInto", "waits for nothing whose work could be merged");
      refuse(!step.gates().isEmpty() && !merges, "gates", "has no files that gates could check");
      refuse(
          !step.secrets().isEmpty() && !(merges && !step.gates().isEmpty()),
          "secrets",
          "starts no process that could get secrets");
    }
  }

  private void refuse(boolean stated, String field, String message) {
    if (stated) {
      String kind = step.action().kind().name().toLowerCase(Locale.ROOT);
      report(field, "a step of kind '" + kind + "' " + message);
    }
  }

  private void gates() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < step.gates().size(); i++) {
      Gate gate = step.gates().get(i);
      String path = Fields.at("gates", i);
      if (!names.add(gate.name())) {
        report.problem("duplicate", path, "there is a gate '" + gate.name() + "' already");
      }
      if (gate instanceof CodeGate code) {
        registered("gates", path, code.name(), code.version());
      } else if (gate.name().isBlank()) {
        report.problem("gates", path, "a gate needs a name");
      }
    }
  }

  private void guardrails() {
    boolean acts =
        switch (step.action().kind()) {
          case APPROVAL, CODE, WAIT -> false;
          default -> true;
        };
    refuse(!acts && !step.policies().guardrails().isEmpty(), "guard", "does nothing to be guarded");
  }

  private void oversight() {
    Oversight oversight = step.policies().oversight();
    boolean works =
        switch (step.action().kind()) {
          case AGENT, PLAN, COMMAND, CODE -> true;
          default -> false;
        };
    boolean idle = isApproval() || step.action().kind() == Kind.WAIT;
    refuse(
        oversight.claimed() && !works,
        "oversight",
        "cannot be claimed; an agent, a plan, a command or a code step can");
    if (oversight.claimed() && step.when() instanceof Condition.Predicate) {
      report("oversight", "a step that waits for a claim cannot ask a predicate first");
    }
    refuse(oversight.review() && idle, "oversight", "makes nothing that could be reviewed");
  }

  private void ladder() {
    Ladder ladder = step.policies().ladder();
    long needed = ladder == null ? 0 : (long) ladder.models().size() * ladder.each();
    if (needed > step.attempts() && !isContainer()) {
      report(
          "ladder", "its rungs need " + needed + " attempts, and the step has " + step.attempts());
    }
  }

  private boolean isContainer() {
    return step.inside().isPresent();
  }

  private void budget() {
    boolean costs =
        switch (step.body().action().kind()) {
          case APPROVAL, CODE, COMMAND, WAIT -> false;
          default -> true;
        };
    boolean limited = step.policies().limits().isPresent();
    refuse(!costs && limited, "budget", "launches no agent, so there is nothing to limit");
  }

  private void lists() {
    distinct("secrets", step.secrets());
    distinct("interceptors", step.interceptors());
    for (String secret : step.secrets()) {
      if (!Names.isEnvironment(secret)) {
        report("secrets", "'" + secret + "' is no name of an environment variable");
      }
    }
    for (String interceptor : step.interceptors()) {
      if (!Names.isLabel(interceptor)) {
        report("interceptors", "an interceptor is named in one line");
      }
    }
  }

  private void distinct(String field, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        report.problem("duplicate", field, "'" + name + "' is named twice");
      }
    }
  }

  /** The depth of the tree is that of the text form, a few levels. */
  static void characters(String path, JsonNode node, Fields.Report report) {
    if (node.isTextual() && !Names.isCleanText(node.textValue())) {
      report.problem("text", path, Names.CLEAN_TEXT_RULE);
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      characters(
          path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), report);
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        characters(Fields.at(path, i), node.get(i), report);
      }
    }
  }

  private void report(String field, String message) {
    report.problem(field, field, message);
  }
}
