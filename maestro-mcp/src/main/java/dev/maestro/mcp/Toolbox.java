package dev.maestro.mcp;

import static dev.maestro.mcp.Schemas.atLeast;
import static dev.maestro.mcp.Schemas.field;
import static dev.maestro.mcp.Schemas.fields;
import static dev.maestro.mcp.Schemas.object;
import static dev.maestro.mcp.Schemas.oneOf;

import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.MaestroException;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.Reply;
import dev.maestro.hosted.Submission;
import dev.maestro.pipeline.Inputs;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tools of a hosted run: what each is called, takes and does. */
final class Toolbox {

  /** What a host is told about all of them. */
  static final String INSTRUCTIONS =
      """
      Maestro runs pipelines durably, and you are the agent that does their steps. Start a run with \
      start_run (or go on with one), then repeat: next_step hands you a step with its prompt and its \
      directory; do what it says there; submit_step hands it in. What you hand in is checked; when it \
      is not accepted you are told why, and next_step hands it to you again while attempts are left. \
      Questions are for the person you work for: show what is asked and what is shown, and pass on \
      their answer with approve, never your own. Everything is kept: after an interruption ask \
      next_step again.\
      """;

  private static final Logger LOG = LoggerFactory.getLogger(Toolbox.class);

  private static final Map<String, Object> RUN = field("string", "the run's id");

  private final List<Entry> entries = new ArrayList<>();

  /**
   * One tool.
   *
   * @param tool its description
   * @param deed what it does
   */
  record Entry(Tool tool, Deed deed) {

    CallToolResult call(Host host, CallToolRequest request) {
      return result(reply(host, request));
    }

    /** Whatever goes wrong is told to the host, and the server goes on. */
    private Reply reply(Host host, CallToolRequest request) {
      try {
        return deed.on(host, new Arguments(request.arguments()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Reply.Refused("failed", "the server is being stopped; ask again later");
      } catch (IllegalArgumentException | InvalidDefinitionException e) {
        return new Reply.Refused("malformed", String.valueOf(e.getMessage()));
      } catch (MaestroException e) {
        LOG.warn("The tool {} failed", tool.name(), e);
        return new Reply.Refused("failed", String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        // what it says may quote what was handed in; left alone, the SDK would log and answer that
        LOG.warn("The tool {} broke: {}", tool.name(), e.getClass().getName());
        return new Reply.Refused(
            "failed", "'" + tool.name() + "' broke; the log of Maestro says more");
      }
    }
  }

  /** What a tool does for a host. */
  @FunctionalInterface
  interface Deed {
    Reply on(Host host, Arguments arguments) throws InterruptedException;
  }

  private Toolbox() {}

  /** {@return all tools for what hosts may do there} */
  static Toolbox of(Hosted hosted) {
    Toolbox tools = new Toolbox();
    tools.add(
        "start_run",
        "Start a run of a workflow, or go on with the run of that id.",
        start(hosted),
        Toolbox::start);
    tools.add(
        "next_step",
        "Ask for work: what you have in hand, and further steps that are ready.",
        next(),
        Toolbox::next);
    tools.add(
        "submit_step",
        "Hand in a step that you have done, or say that it cannot be done.",
        submit(),
        Toolbox::submit);
    tools.add(
        "approve",
        "Pass on what the person you work for answers to a question.",
        approve(),
        Toolbox::approve);
    tools.add(
        "status",
        "How a run stands: its steps and the questions that are open.",
        object(fields("run_id", RUN), "run_id"),
        Toolbox::status);
    tools.add(
        "dispatch",
        "Do what a line of text says, such as 'wf tdd Add rate limiting'; 'help' tells what there"
            + " is.",
        object(fields("command", field("string", "the line")), "command"),
        (host, a) -> host.dispatch(a.text("command")));
    return tools;
  }

  List<Entry> entries() {
    return List.copyOf(entries);
  }

  private void add(String name, String description, Map<String, Object> schema, Deed deed) {
    entries.add(new Entry(Tool.builder(name, schema).description(description).build(), deed));
  }

  private static CallToolResult result(Reply reply) {
    return CallToolResult.builder()
        .addTextContent(reply.text())
        .structuredContent(ReplyJson.of(reply))
        .isError(reply instanceof Reply.Refused)
        .build();
  }

  // ------------------------------------------------------------------ runs

  private static Map<String, Object> start(Hosted hosted) {
    String[] names = hosted.pipelines().toArray(String[]::new);
    Map<String, Object> workflow =
        names.length == 0
            ? field("string", "the name of a workflow; there is none here")
            : oneOf("the name of a workflow", names);
    return object(
        fields(
            "workflow", workflow,
            "task", field("string", "what it is about: the input 'task'"),
            "inputs", field("object", "further inputs, by name"),
            "run_id",
                field(
                    "string",
                    "the id of the run: letters, digits, '.', '_' and '-'; made from workflow and"
                        + " inputs unless given, so that the same is the same run")),
        "workflow");
  }

  private static Reply start(Host host, Arguments a) {
    Inputs inputs = Inputs.none();
    for (Map.Entry<?, ?> input : a.object("inputs").entrySet()) {
      if (input.getValue() != null) {
        inputs = inputs.with(String.valueOf(input.getKey()), input.getValue());
      }
    }
    Optional<String> task = a.find("task");
    Inputs all = task.isPresent() ? inputs.with("task", task.get()) : inputs;
    Optional<String> run = a.find("run_id");
    String workflow = a.text("workflow");
    return run.isPresent()
        ? host.start(workflow, RunId.of(run.get()), all)
        : host.start(workflow, all);
  }

  private static Reply status(Host host, Arguments a) {
    return host.status(RunId.of(a.text("run_id")));
  }

  // ------------------------------------------------------------------ steps

  private static Map<String, Object> next() {
    return object(
        fields(
            "run_id",
            RUN,
            "max",
            atLeast(1, "how many steps you want to have in hand at once, 1 unless given")),
        "run_id");
  }

  private static Reply next(Host host, Arguments a) throws InterruptedException {
    return host.next(RunId.of(a.text("run_id")), a.number("max").orElse(1));
  }

  private static Map<String, Object> submit() {
    Map<String, Object> usage =
        object(
            fields(
                "input_tokens", atLeast(0, "tokens sent"),
                "output_tokens", atLeast(0, "tokens received"),
                "usd", field("string", "what it cost in dollars, such as '0.12'")));
    return object(
        fields(
            "run_id", RUN,
            "step_id", field("string", "the step"),
            "output", field("string", "what the step returns; JSON where it says so"),
            "claim",
                atLeast(
                    1,
                    "the number under which it was handed to you, so that nothing late is taken for"
                        + " it"),
            "failed", field("string", "why it cannot be done; leave it out when it is done"),
            "usage", usage),
        "run_id",
        "step_id");
  }

  private static Reply submit(Host host, Arguments a) throws InterruptedException {
    return host.submit(
        new Submission(
            RunId.of(a.text("run_id")),
            TaskId.of(a.text("step_id")),
            a.number("claim").orElse(null),
            a.find("output").orElse(""),
            usage(a.object("usage")),
            a.find("failed").orElse(null)));
  }

  private static Usage usage(Map<?, ?> told) {
    if (told.isEmpty()) {
      return Usage.NONE;
    }
    Object usd = told.get("usd");
    Money cost = usd == null ? Money.ZERO : Money.usd(String.valueOf(usd));
    return Usage.of(tokens(told, "input_tokens"), tokens(told, "output_tokens"), cost);
  }

  private static long tokens(Map<?, ?> told, String name) {
    return told.get(name) instanceof Number number ? number.longValue() : 0;
  }

  // ------------------------------------------------------------------ people

  private static Map<String, Object> approve() {
    return object(
        fields(
            "run_id", RUN,
            "question_id", field("string", "the question"),
            "shown",
                field("string", "the hash that the question came with: what the answer is about"),
            "decision", oneOf("what the person says", "yes", "no", "changes"),
            "text", field("string", "why not, or what is to be different")),
        "run_id",
        "question_id",
        "shown",
        "decision");
  }

  private static Reply approve(Host host, Arguments a) {
    Answer.Decision decision =
        switch (a.text("decision")) {
          case "yes" -> Answer.Decision.APPROVE;
          case "no" -> Answer.Decision.REJECT;
          case "changes" -> Answer.Decision.CHANGES;
          default -> throw new IllegalArgumentException("a decision is yes, no or changes");
        };
    Answer answer = new Answer(decision, a.find("text").orElse(""), a.text("shown"));
    return host.approve(RunId.of(a.text("run_id")), QuestionId.of(a.text("question_id")), answer);
  }
}
