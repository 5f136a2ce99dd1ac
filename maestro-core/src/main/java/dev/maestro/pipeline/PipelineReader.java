package dev.maestro.pipeline;

import dev.maestro.agent.Thinking;
import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import dev.maestro.gate.Gate.CodeGate;
import dev.maestro.gate.Gate.CommandGate;
import dev.maestro.gate.TestCounting;
import dev.maestro.pipeline.Action.Failure;
import dev.maestro.pipeline.Node.Kind;
import dev.maestro.policy.Backoff;
import dev.maestro.workspace.PathGlobs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Drives the builder with what a file says; a file can say nothing that the builder cannot. */
final class PipelineReader {

  private final boolean numbersAreText;

  PipelineReader(boolean numbersAreText) {
    this.numbersAreText = numbersAreText;
  }

  /** {@return a builder that holds what the document says, and what is wrong with it} */
  PipelineBuilder read(Node document) {
    List<Problem> problems = new ArrayList<>();
    Fields fields =
        new Fields(
            document,
            numbersAreText,
            (code, path, message) -> problems.add(new Problem(code, path, message)));
    PipelineBuilder builder = new PipelineBuilder(fields.text("name").orElse(""));
    pipeline(fields, builder);
    problems.forEach(builder::problem);
    return builder;
  }

  private void pipeline(Fields fields, PipelineBuilder builder) {
    fields.text("version", builder::version);
    fields.text("description", builder::description);
    fields.parsed("timeLimit", Durations::read).ifPresent(builder::timeLimit);
    builder.policies(PolicyReader.read(fields));
    steps(fields.list("steps"), builder::addStep);
    steps(fields.list("templates"), builder::addTemplate);
    fields.end();
  }

  private void steps(List<Node> nodes, Function<String, StepBuilder> add) {
    for (Node node : nodes) {
      StepBuilder step = add.apply(idOf(node));
      if (node.is(Kind.OBJECT)) {
        step(new Fields(node, numbersAreText, step::problem), step);
      } else {
        step.problem("steps", "", "a step must be an object with an id, not " + node.kind());
      }
    }
  }

  private String idOf(Node step) {
    return new Fields(step, numbersAreText, (code, path, message) -> {}).text("id").orElse("");
  }

  private void step(Fields fields, StepBuilder step) {
    String id = fields.text("id").orElse("");
    fields.text("title", step::title);
    action(fields, step);
    inside(fields, id, step);
    each(fields, step);
    order(fields, step);
    condition(fields, step);
    output(fields, step);
    fields.objects("gates").forEach(gate -> gate(gate).ifPresent(step::gate));
    fields.wholeNumber("attempts").ifPresent(step::attempts);
    fields.object("backoff").flatMap(PipelineReader::backoff).ifPresent(step::backoff);
    fields.text("mergeInto", step::mergeInto);
    fields.parsed("delay", Durations::read).ifPresent(step::delay);
    fields.wholeNumber("priority").ifPresent(step::priority);
    fields.object("limits").ifPresent(limits -> limits(limits, step));
    if (fields.isTrue("allowNoOp")) {
      step.allowNoOp();
    }
    fields.texts("secrets").forEach(step::secret);
    fields.texts("interceptors").forEach(step::intercept);
    step.policies(PolicyReader.read(fields));
    fields.end();
  }

  private static void action(Fields fields, StepBuilder step) {
    fields.text("agent", step::agent);
    fields.text("plan", step::plan);
    fields.text("prompt", step::prompt);
    fields.text("model", step::model);
    fields.parsed("thinking", PipelineReader::thinking).ifPresent(step::thinking);
    fields.text("template", step::template);
    if (fields.has("command")) {
      step.command(fields.texts("command"));
    }
    fields
        .object("code")
        .ifPresent(code -> registered(code, (name, version) -> step.code(name, version)));
    fields.text("approval", step::approval);
  }

  /** A pipeline inside a step has the step's id as its name unless it says another. */
  private void inside(Fields fields, String id, StepBuilder step) {
    fields
        .object("pipeline")
        .ifPresent(
            pipeline -> pipeline(pipeline, step.addPipeline(pipeline.text("name").orElse(id))));
    fields.textsByName("inputs").forEach(step::input);
    step.outputs(fields.texts("outputs").toArray(String[]::new));
  }

  private static final String NO_FAILURE =
      "must be cancel or keep; a quorum stands in its place, in a field of its own: quorum: 2";

  private static void each(Fields fields, StepBuilder step) {
    fields.text("forEach", step::forEach);
    fields.text("as", step::as);
    fields.wholeNumber("parallel").ifPresent(step::parallel);
    if (fields.objectIfAny("failure").isPresent()) {
      fields.problem("failure", NO_FAILURE);
    } else {
      fields.parsed("failure", PipelineReader::failure).ifPresent(step::failure);
    }
    fields.wholeNumber("quorum").ifPresent(step::quorum);
  }

  private static Thinking thinking(String text) {
    return Thinking.ofLabel(text)
        .orElseThrow(() -> new IllegalArgumentException("must be none, low, medium, high or max"));
  }

  private static Failure failure(String text) {
    return switch (text) {
      case "cancel" -> Failure.CANCEL;
      case "keep" -> Failure.KEEP;
      default -> throw new IllegalArgumentException(NO_FAILURE);
    };
  }

  private static void order(Fields fields, StepBuilder step) {
    if (fields.has("after") && fields.has("depends_on")) {
      fields.problem("depends_on", "means the same as 'after'; say only one of them");
    }
    step.after(fields.texts("after").toArray(String[]::new));
    step.after(fields.texts("depends_on").toArray(String[]::new));
    fields.text("continues", step::continues);
  }

  private static void condition(Fields fields, StepBuilder step) {
    Optional<Fields> predicate = fields.objectIfAny("when");
    if (predicate.isEmpty()) {
      fields.text("when", step::when);
    }
    predicate.ifPresent(
        object ->
            registered(
                object, (name, version) -> step.when(new Condition.Predicate(name, version))));
  }

  private static void output(Fields fields, StepBuilder step) {
    Optional<Fields> json = fields.objectIfAny("output");
    if (json.isEmpty()) {
      fields.text("output", step::output);
    }
    json.ifPresent(
        object -> {
          step.jsonOutput(object.text("json").orElse(""));
          object.end();
        });
  }

  private static Optional<Gate> gate(Fields fields) {
    Optional<PathGlobs> protects =
        fields.attempt("protects", () -> new PathGlobs(fields.texts("protects")));
    if (fields.has("code") && fields.has("command")) {
      fields.problem("code", "a gate is a command or code, not both");
      return Optional.empty();
    }
    Optional<Gate> gate =
        fields.has("code")
            ? codeGate(fields, protects.orElse(new PathGlobs(List.of())))
            : commandGate(fields, protects.orElse(new PathGlobs(List.of())));
    fields.end();
    return gate;
  }

  private static Optional<Gate> codeGate(Fields fields, PathGlobs protects) {
    List<Gate> gates = new ArrayList<>();
    fields
        .object("code")
        .ifPresent(
            code ->
                registered(
                    code, (name, version) -> gates.add(new CodeGate(name, version, protects))));
    return gates.stream().findFirst();
  }

  private static Optional<Gate> commandGate(Fields fields, PathGlobs protects) {
    List<String> command = fields.texts("command");
    String name = fields.text("name").orElse(String.join(" ", command));
    Duration timeout = fields.parsed("timeout", Durations::read).orElse(Gate.DEFAULT_TIMEOUT);
    Optional<TestCounting> tests =
        fields.object("keepsTests").flatMap(PipelineReader::testCounting);
    return fields.attempt(
        "command", () -> new CommandGate(name, command, protects, timeout, tests.orElse(null)));
  }

  private static Optional<TestCounting> testCounting(Fields fields) {
    List<String> reports = fields.texts("reports");
    Optional<String> line = fields.text("line");
    fields.end();
    return fields.attempt("", () -> new TestCounting(new PathGlobs(reports), line.orElse(null)));
  }

  private static Optional<Backoff> backoff(Fields fields) {
    Backoff standard = StepBuilder.DEFAULT_BACKOFF;
    Duration initial = fields.parsed("initial", Durations::read).orElse(standard.initial());
    double factor = fields.number("factor").orElse(standard.factor());
    Duration longest = fields.parsed("longest", Durations::read).orElse(standard.longest());
    double jitter = fields.number("jitter").orElse(standard.jitter());
    fields.end();
    return fields.attempt("", () -> new Backoff(initial, factor, longest, jitter));
  }

  private static void limits(Fields fields, StepBuilder step) {
    fields.parsed("total", Durations::read).ifPresent(step::timeout);
    fields.parsed("inactivity", Durations::read).ifPresent(step::inactivity);
    fields.end();
  }

  /** What an application registers, by name and version. */
  private interface Registered {
    void use(String name, String version);
  }

  private static void registered(Fields fields, Registered use) {
    use.use(fields.text("name").orElse(""), fields.text("version").orElse(""));
    fields.end();
  }
}
