package dev.maestro.benchmarks;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.maestro.Maestro;
import dev.maestro.agent.ProviderId;
import dev.maestro.langchain4j.ChatAgent;
import dev.maestro.pipeline.Inputs;
import dev.maestro.process.Threads;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Agents that all wait for their chat model at once: platform threads, and heap of each. */
final class ChatModelsScenario implements Scenario {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "chat-models-100";
  }

  @Override
  public String question() {
    return "100 agents wait at once for chat models over HTTP: platform threads, and heap of each";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    int agents = size.of(3, 100, 100);
    List<Contestant> all = new ArrayList<>();
    all.add(Contestant.of("Maestro", () -> maestro(agents, directory)));
    all.add(
        Contestant.of(
            "LangChain4j, a platform thread each",
            () -> calls(agents, Executors.defaultThreadFactory())));
    if (Threads.areVirtual()) {
      all.add(
          Contestant.of(
              "LangChain4j, a virtual thread each", () -> calls(agents, Threads.factory("call"))));
    }
    return all;
  }

  private static ChatModel model(String url) {
    return OpenAiChatModel.builder()
        .baseUrl(url)
        .apiKey("none")
        .modelName("waiting")
        .timeout(PATIENCE)
        .maxRetries(0)
        .build();
  }

  private static List<Reading> maestro(int agents, Path directory) throws Exception {
    Path store = directory.resolve("store");
    try (Model server = new Model(agents);
        Maestro maestro =
            Shapes.maestro()
                .store(FileStore.at(store))
                .workspaces(new SeparateDirectories(directory.resolve("work"), agents))
                .provider(ChatAgent.of(ProviderId.of("chat"), model(server.url)))
                .slots(agents)
                .build()) {
      Held before = Held.now();
      maestro.start(Shapes.agents(agents), RunId.of("run"), Inputs.none());
      server.awaitAll();
      return Held.now().readings(before, agents);
    } finally {
      Directories.delete(store);
    }
  }

  private static List<Reading> calls(int agents, ThreadFactory factory) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(agents, factory);
    try (Model server = new Model(agents)) {
      ChatModel model = model(server.url);
      Held before = Held.now();
      for (int i = 0; i < agents; i++) {
        threads.execute(
            () -> {
              try {
                model.chat("Do it");
              } catch (RuntimeException e) {
                // the server ends before it has answered, which is how the round ends
                return;
              }
            });
      }
      server.awaitAll();
      return Held.now().readings(before, agents);
    } finally {
      threads.shutdownNow();
    }
  }

  /** The model, in a JVM of its own. */
  private static final class Model implements AutoCloseable {

    private final Process process;
    private final BufferedReader says;
    private final String url;

    Model(int agents) throws IOException {
      List<String> command =
          ClassPath.java("-Xmx256m", "-cp", System.getProperty("java.class.path"));
      command.addAll(List.of(WaitingModelMain.class.getName(), Integer.toString(agents)));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      says =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      url = line();
    }

    private String line() throws IOException {
      String line = says.readLine();
      if (line == null) {
        throw new IllegalStateException("the model has ended early");
      }
      return line;
    }

    void awaitAll() throws IOException {
      line();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
