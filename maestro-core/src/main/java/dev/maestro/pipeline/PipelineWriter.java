package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Thinking;
import dev.maestro.gate.Gate;
import dev.maestro.gate.Gate.CodeGate;
import dev.maestro.gate.Gate.CommandGate;
import dev.maestro.pipeline.Condition.Comparison;
import dev.maestro.pipeline.Condition.Predicate;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Policies;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a pipeline into the tree that both text forms show: fields in a fixed order, defaults left
 * out.
 */
final class PipelineWriter {

  private PipelineWriter() {}

  static ObjectNode tree(Pipeline pipeline) {
    return tree(pipeline, "");
  }

  /** The name is left out when it is the one that goes without saying. */
  private static ObjectNode tree(Pipeline pipeline, String unsaidName) {
    ObjectNode node = object();
    if (!pipeline.name().equals(unsaidName)) {
      node.put("name", pipeline.name());
    }
    if (!pipeline.version().equals(PipelineBuilder.DEFAULT_VERSION)) {
      node.put("version", pipeline.version());
    }
    if (!pipeline.description().isEmpty()) {
      node.put("description", pipeline.description());
    }
    if (pipeline.timeLimit() != null) {
      node.put("timeLimit", Durations.write(pipeline.timeLimit()));
    }
    PolicyWriter.write(node, pipeline.policies());
    ArrayNode steps = node.putArray("steps");
    for (Step step : pipeline.steps()) {
      steps.add(tree(step));
    }
    if (!pipeline.templates().isEmpty()) {
      ArrayNode templates = node.putArray("templates");
      pipeline.templates().forEach(step -> templates.add(tree(step)));
    }
    return node;
  }

  static ObjectNode tree(Step step) {
    ObjectNode node = object();
    node.put("id", step.id());
    text(node, "title", step.title());
    what(node, step, step.id());
    how(node, step);
    return node;
  }

  /** What decides the result of a step: all but its name and how long, often and soon it runs. */
  static ObjectNode meaning(Step step) {
    ObjectNode node = object();
    what(node, step, step.inside().map(Pipeline::name).orElse(""));
    return node;
  }

  /** What is done for each element of a list is written in the same place. */
  private static void what(ObjectNode node, Step step, String unsaidName) {
    Step body = step.body();
    if (step.action() instanceof Action.ForEach each) {
      each(node, each);
    }
    action(node, body.action(), unsaidName);
    texts(node, "after", writtenAfter(step));
    text(node, "continues", body.continues());
    condition(node, step.when());
    output(node, step);
    if (!body.gates().isEmpty()) {
      ArrayNode gates = node.putArray("gates");
      body.gates().forEach(gate -> gates.add(gate(gate)));
    }
    text(node, "mergeInto", body.mergeInto());
    if (body.allowNoOp()) {
      node.put("allowNoOp", true);
    }
    texts(node, "secrets", body.secrets());
    texts(node, "interceptors", body.interceptors());
  }

  private static void each(ObjectNode node, Action.ForEach each) {
    node.put("forEach", "{{ " + each.list() + " }}");
    if (!each.as().equals(Action.ForEach.DEFAULT_AS)) {
      node.put("as", each.as());
    }
    if (each.failure() == Action.Failure.KEEP) {
      node.put("failure", "keep");
    } else if (each.failure() == Action.Failure.QUORUM) {
      node.put("quorum", each.quorum());
    }
  }

  private static void how(ObjectNode node, Step whole) {
    Step step = whole.body();
    if (whole.action() instanceof Action.ForEach each && each.parallel() != null) {
      node.put("parallel", each.parallel());
    }
    if (step.attempts() != StepBuilder.DEFAULT_ATTEMPTS) {
      node.put("attempts", step.attempts());
    }
    if (isOwn(step.backoff(), StepBuilder.DEFAULT_BACKOFF)) {
      node.set("backoff", backoff(step.backoff()));
    }
    if (whole.delay() != null) {
      node.put("delay", Durations.write(whole.delay()));
    }
    if (isOwn(step.priority(), StepBuilder.DEFAULT_PRIORITY)) {
      node.put("priority", step.priority().value());
    }
    if (isOwn(step.limits(), StepBuilder.DEFAULT_LIMITS)) {
      node.set("limits", limits(step.limits()));
    }
    PolicyWriter.write(node, policies(whole));
  }

  /** The budget of a step that goes over a list is that of all its elements together. */
  private static Policies policies(Step whole) {
    Policies own = whole.body().policies();
    return whole.each().isEmpty() ? own : whole.policies().and(own);
  }

  /** Mostly it is the very default; the first time a record is compared takes a millisecond. */
  private static boolean isOwn(Object value, Object usual) {
    return value != usual && !value.equals(usual);
  }

  private static void action(ObjectNode node, Action action, String unsaidName) {
    if (action instanceof Action.Agent agent) {
      node.put("agent", agent.agent()).put("prompt", agent.prompt());
      text(node, "model", agent.model());
      thinking(node, agent.thinking());
    } else if (action instanceof Action.Plan plan) {
      node.put("plan", plan.agent()).put("prompt", plan.prompt());
      text(node, "model", plan.model());
      thinking(node, plan.thinking());
      node.put("template", plan.template());
    } else if (action instanceof Action.Command command) {
      command.command().forEach(node.putArray("command")::add);
    } else if (action instanceof Action.Code code) {
      node.set("code", registered(code.name(), code.version()));
    } else if (action instanceof Action.Approval approval) {
      node.put("approval", approval.question());
    } else if (action instanceof Action.SubPipeline sub) {
      node.set("pipeline", tree(sub.pipeline(), unsaidName));
      if (!sub.inputs().isEmpty()) {
        ObjectNode inputs = node.putObject("inputs");
        sub.inputs().forEach(inputs::put);
      }
      texts(node, "outputs", sub.outputs());
    }
  }

  private static void thinking(ObjectNode node, @Nullable Thinking level) {
    text(node, "thinking", level == null ? null : level.label());
  }

  /** What {@code continues} adds on reading is left out, so that reading gives the same order. */
  private static List<String> writtenAfter(Step step) {
    int last = step.after().size() - 1;
    boolean implied = last >= 0 && step.after().get(last).equals(step.continues());
    return implied ? step.after().subList(0, last) : step.after();
  }

  private static void condition(ObjectNode node, @Nullable Condition condition) {
    if (condition instanceof Comparison comparison) {
      node.put("when", comparison.expression());
    } else if (condition instanceof Predicate predicate) {
      node.set("when", registered(predicate.name(), predicate.version()));
    }
  }

  private static void output(ObjectNode node, Step step) {
    if (step.json()) {
      node.putObject("output").put("json", step.output());
    } else {
      text(node, "output", step.output());
    }
  }

  private static ObjectNode gate(Gate gate) {
    ObjectNode node = object();
    if (gate instanceof CommandGate command) {
      command.command().forEach(node.putArray("command")::add);
      if (!command.name().equals(String.join(" ", command.command()))) {
        node.put("name", command.name());
      }
    } else if (gate instanceof CodeGate code) {
      node.set("code", registered(code.name(), code.version()));
    }
    texts(node, "protects", gate.protectedPaths().patterns());
    if (gate instanceof CommandGate command && !command.timeout().equals(Gate.DEFAULT_TIMEOUT)) {
      node.put("timeout", Durations.write(command.timeout()));
    }
    if (gate instanceof CommandGate command && command.tests() != null) {
      ObjectNode tests = node.putObject("keepsTests");
      texts(tests, "reports", command.tests().reports().patterns());
      text(tests, "line", command.tests().line());
    }
    return node;
  }

  private static ObjectNode registered(String name, String version) {
    return object().put("name", name).put("version", version);
  }

  private static ObjectNode backoff(Backoff backoff) {
    Backoff standard = StepBuilder.DEFAULT_BACKOFF;
    ObjectNode node = object();
    duration(node, "initial", backoff.initial(), standard.initial());
    if (backoff.factor() != standard.factor()) {
      node.put("factor", backoff.factor());
    }
    duration(node, "longest", backoff.longest(), standard.longest());
    if (backoff.jitter() != standard.jitter()) {
      node.put("jitter", backoff.jitter());
    }
    return node;
  }

  private static ObjectNode limits(Limits limits) {
    ObjectNode node = object();
    duration(node, "total", limits.total(), StepBuilder.DEFAULT_LIMITS.total());
    Duration silence = StepBuilder.defaultInactivity(limits.total());
    duration(node, "inactivity", limits.inactivity(), silence);
    return node;
  }

  private static void duration(ObjectNode node, String name, Duration value, Duration standard) {
    if (!value.equals(standard)) {
      node.put(name, Durations.write(value));
    }
  }

  private static void text(ObjectNode node, String name, @Nullable String value) {
    if (value != null) {
      node.put(name, value);
    }
  }

  private static void texts(ObjectNode node, String name, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode all = node.putArray(name);
      for (String value : values) {
        all.add(value);
      }
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
