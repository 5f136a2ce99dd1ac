package dev.maestro.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import dev.maestro.agent.AgentRequest;
import dev.maestro.failure.TransientException;
import dev.maestro.process.ProcessListener;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.ProcessStartException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Runs a program in the workspace, without a shell, with an allow-listed environment, and to its
 * end: by itself, by a limit, or with the launch.
 *
 * @param granted the programs that need nobody's permission
 * @param inherited names of the host's variables that are passed on besides the usual ones
 * @param limit how long a command may take
 */
record CommandTool(Set<String> granted, Set<String> inherited, Duration limit) implements Tool {

  static final String NAME = "run_command";

  @Override
  public ToolSpecification specification() {
    return ToolSpecification.builder()
        .name(NAME)
        .description(
            "Run a program in the workspace and see what it writes. No shell reads the words: no"
                + " pipes, no wildcards, no variables. It may take %d seconds."
                    .formatted(limit.toSeconds()))
        .parameters(
            JsonObjectSchema.builder()
                .addProperty(
                    "command",
                    JsonArraySchema.builder()
                        .description("the program and its arguments, word by word")
                        .items(new JsonStringSchema())
                        .build())
                .required("command")
                .build())
        .build();
  }

  @Override
  public boolean isGranted(Arguments arguments) throws ToolFailure {
    return granted.contains(arguments.words("command").get(0));
  }

  @Override
  public Outcome use(Arguments arguments, Desk desk) throws ToolFailure, InterruptedException {
    List<String> command = arguments.words("command");
    Excerpt output = new Excerpt(desk.outputLimit());
    ProcessResult result = run(command, desk, new Listening(output));
    desk.check();
    String text = output.text();
    return switch (result.ending()) {
      case EXITED ->
          new Outcome(result.isCleanExit(), "exit code " + result.exitCode() + "\n" + text);
      case TIMED_OUT, INACTIVE ->
          Outcome.failed("ended because it took longer than " + limit + "\n" + text);
      case CANCELLED -> Outcome.failed("cancelled\n" + text);
    };
  }

  private ProcessResult run(List<String> command, Desk desk, ProcessListener listener)
      throws ToolFailure, InterruptedException {
    AgentRequest request = desk.request();
    try {
      ProcessSpec spec =
          ProcessSpec.builder(request.directory(), command)
              .inherit(inherited.toArray(String[]::new))
              .environment(request.variables())
              .timeLimit(shorter(limit, desk.watch().left()))
              .build();
      return runner(desk).run(spec, listener, desk.cancellation());
    } catch (ProcessStartException | TransientException | IllegalArgumentException e) {
      throw new ToolFailure(String.valueOf(e.getMessage()));
    }
  }

  private static ProcessRunner runner(Desk desk) {
    String session = desk.request().processMarker();
    return session == null
        ? new ProcessRunner(desk.time())
        : new ProcessRunner(desk.time(), session);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  /** Takes what the program writes, be it an error or not. */
  private record Listening(Excerpt output) implements ProcessListener {

    @Override
    public void line(String line) {
      output.add(line + "\n");
    }

    @Override
    public void errorLine(String line) {
      output.add(line + "\n");
    }
  }
}
