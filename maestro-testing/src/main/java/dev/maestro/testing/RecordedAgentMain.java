package dev.maestro.testing;

import dev.maestro.agent.AgentRequest;
import dev.maestro.failure.MaestroException;
import dev.maestro.process.Cancellation;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Replays a cassette as a program: the prompt comes on stdin, files are changed in the working
 * directory, and stdout tells the rest in the lines that a command agent reads.
 *
 * <p>Arguments: the cassette's path, and maybe {@code --pace FACTOR} (1 pauses as recorded; 0, the
 * default, not at all). It learns its task from the variables that {@link AgentRequest#variables}
 * lists; without them it is the first attempt of the task {@code by-hand}. With them and without a
 * prompt it does nothing: a JVM that dies before it has handed over the prompt closes the pipe. It
 * exits as the recorded agent did, or with 2 and a sentence on stderr when it replays nothing.
 */
public final class RecordedAgentMain {

  /** The exit code when nothing can be replayed. */
  public static final int CANNOT_REPLAY = 2;

  private final Map<String, String> environment;
  private final Path directory;
  private final PrintStream out;
  private final PrintStream err;

  RecordedAgentMain(
      Map<String, String> environment, Path directory, PrintStream out, PrintStream err) {
    this.environment = environment;
    this.directory = directory;
    this.out = out;
    this.err = err;
  }

  /** Replay, and end the JVM with the recorded exit code. */
  public static void main(String[] arguments) throws InterruptedException {
    RecordedAgentMain main =
        new RecordedAgentMain(
            System.getenv(),
            Path.of("").toAbsolutePath(),
            stream(FileDescriptor.out),
            stream(FileDescriptor.err));
    // Buffered, because a bare file stream of JDK 17 tries to seek in the pipe that stdin is.
    InputStream prompt = new BufferedInputStream(new FileInputStream(FileDescriptor.in));
    // A program of its own, never called by the library.
    System.exit(main.run(prompt, arguments));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }

  /** {@return the exit code} */
  int run(InputStream prompt, String... arguments) throws InterruptedException {
    try {
      return replay(new String(prompt.readAllBytes(), StandardCharsets.UTF_8), arguments);
    } catch (MaestroException e) {
      return refuse(String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return refuse(e.toString());
    }
  }

  private int replay(String prompt, String... arguments) throws IOException, InterruptedException {
    boolean paced = arguments.length == 3 && arguments[1].equals("--pace");
    if (arguments.length != 1 && !paced) {
      return refuse("usage: CASSETTE [--pace FACTOR]");
    }
    if (prompt.isEmpty() && environment.containsKey(AgentRequest.TASK_VARIABLE)) {
      return refuse("the prompt never came; whoever started this has gone");
    }
    double pace = paced ? Double.parseDouble(arguments[2]) : 0;
    AgentRequest request = request(prompt);
    Cassette cassette = Cassette.read(Path.of(arguments[0]));
    Optional<String> misfit = cassette.misfit(request);
    if (misfit.isPresent()) {
      return refuse(misfit.get());
    }
    Recording recording = cassette.find(request).orElseThrow();
    Reports reports = new Reports(out, recording.failure());
    recording.turn(pace).perform(new Stage(request, reports, Cancellation.never()));
    return recording.exit();
  }

  private int refuse(String sentence) {
    err.println(sentence);
    err.flush();
    return CANNOT_REPLAY;
  }

  private AgentRequest request(String prompt) {
    AttemptId attempt =
        new AttemptId(
            new RunKey(Tenant.DEFAULT, RunId.of(variable(AgentRequest.RUN_VARIABLE, "by-hand"))),
            TaskId.of(variable(AgentRequest.TASK_VARIABLE, "by-hand")),
            Integer.parseInt(variable(AgentRequest.ATTEMPT_VARIABLE, "1")));
    String role = variable(AgentRequest.ROLE_VARIABLE, "");
    return AgentRequest.of(attempt, role, prompt, directory);
  }

  private String variable(String name, String otherwise) {
    return environment.getOrDefault(name, otherwise);
  }
}
