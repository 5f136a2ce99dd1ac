package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.attempt.Transcripts;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lists the agents that there are, and has one of them do something. */
final class Agents {

  static final String HELP =
      """
      list                          the agents on the class path: what of them is installed, and how to get the others
      run AGENT PROMPT...           have one of them do something in a directory; shows what it did
                                    --in DIR (here unless said), --model MODEL

      Exit codes: 0 done, 1 the agent did not do it, 2 bad arguments.
      """;

  private static final int DONE = 0;
  private static final int NOT_DONE = 1;
  private static final int BAD_ARGUMENTS = 2;
  private static final TaskId TASK = TaskId.of("by-hand");

  private final PrintStream out;
  private final PrintStream err;
  private final List<AgentProvider> agents;

  Agents(PrintStream out, PrintStream err) {
    this(
        out,
        err,
        ServiceLoader.load(AgentProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .sorted(Comparator.comparing(AgentProvider::id))
            .toList());
  }

  Agents(PrintStream out, PrintStream err, List<AgentProvider> agents) {
    this.out = out;
    this.err = err;
    this.agents = agents;
  }

  /** {@return the exit code} */
  int run(List<String> args) throws InterruptedException {
    try {
      Deque<String> rest = new ArrayDeque<>(args);
      String command = rest.isEmpty() ? "list" : rest.pop();
      return switch (command) {
        case "list" -> list();
        case "run" -> launch(rest);
        default -> throw new UsageException("there is no command " + command);
      };
    } catch (UsageException e) {
      err.println(e.getMessage());
      err.println(HELP);
      return BAD_ARGUMENTS;
    }
  }

  // ------------------------------------------------------------------ list

  private int list() {
    if (agents.isEmpty()) {
      out.println("There are no agents on the class path; maestro-providers has some.");
    }
    agents.forEach(this::tell);
    return DONE;
  }

  private void tell(AgentProvider agent) {
    Installation found = agent.detect();
    out.printf("%-12s %s%n", agent.id(), state(found));
    if (!found.help().isBlank()) {
      out.println("             " + found.help());
    }
    out.println("             can: " + abilities(agent));
  }

  private static String state(Installation found) {
    if (!found.present()) {
      return "not installed";
    }
    String version = found.knownVersion().map(v -> " " + v).orElse("");
    String signedIn =
        found.knownSignIn().map(yes -> yes ? ", signed in" : ", nobody is signed in").orElse("");
    return "installed" + version + signedIn;
  }

  private static String abilities(AgentProvider agent) {
    return Stream.of(Capability.values())
        .filter(agent.capabilities()::has)
        .map(Capability::label)
        .collect(Collectors.joining(", "));
  }

  // ------------------------------------------------------------------ run

  private int launch(Deque<String> rest) throws InterruptedException {
    Map<String, String> options = new HashMap<>();
    List<String> words = new ArrayList<>();
    while (!rest.isEmpty()) {
      String word = rest.pop();
      if (word.equals("--in") || word.equals("--model")) {
        options.put(word, value(word, rest));
      } else {
        words.add(word);
      }
    }
    if (words.size() < 2) {
      throw new UsageException("run needs AGENT PROMPT");
    }
    AgentProvider agent = agent(words.get(0));
    String prompt = String.join(" ", words.subList(1, words.size()));
    Path directory = Path.of(options.getOrDefault("--in", "")).toAbsolutePath();
    return launch(agent, pipeline(agent, options.get("--model")), prompt, directory);
  }

  private static String value(String option, Deque<String> rest) {
    if (rest.isEmpty()) {
      throw new UsageException(option + " needs a value");
    }
    return rest.pop();
  }

  private AgentProvider agent(String id) {
    return agents.stream()
        .filter(agent -> agent.id().value().equals(id))
        .findFirst()
        .orElseThrow(() -> new UsageException("there is no agent " + id));
  }

  /** The prompt is an input: what is typed is no template. */
  private static Pipeline pipeline(AgentProvider agent, @Nullable String model) {
    return Pipeline.named("by-hand")
        .step(
            TASK.value(),
            s -> {
              StepBuilder step = s.agent(agent.id().value()).prompt("{{ prompt }}");
              if (model != null) {
                step.model(model);
              }
            })
        .build();
  }

  private int launch(AgentProvider agent, Pipeline pipeline, String prompt, Path directory)
      throws InterruptedException {
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(agent)
            .workspaces(DirectoryWorkspaces.at(directory))
            .transcripts(Transcripts.ON)
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("by-hand"), Inputs.of("prompt", prompt));
      RunResult result = run.await();
      run.transcript(TASK, 1).ifPresent(out::println);
      Task task = result.snapshot().task(TASK).orElseThrow();
      out.println(result.status() + task.detail().map(why -> ": " + why).orElse(""));
      return result.isSuccess() ? DONE : NOT_DONE;
    }
  }
}
