package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.Maestro;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.attempt.Transcripts;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTurn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Secrets that a model repeats wherever it can say something, and its service in an error, are
 * found nowhere afterwards: not in the store, not in the log, not in what is told while it works.
 */
@Timeout(300)
@EnabledOnOs({OS.LINUX, OS.MAC})
class ChatCanaryTest {

  /** Known to the pipeline as a secret of some of its steps. */
  private static final String DECLARED = "canary\"declared-0123";

  /** Known to the application, which builds the model with it. */
  private static final String KEY = "canary\\key-4567";

  private static final String BOTH = DECLARED + " and " + KEY;

  @TempDir Path directory;

  private final Queue<AgentEvent> heard = new ConcurrentLinkedQueue<>();

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void isFoundNowhere(Vendor vendor) throws Exception {
    Path work = Files.createDirectories(directory.resolve("work"));
    Pipeline pipeline =
        Pipeline.named("canary")
            .step("says", s -> s.agent("one").prompt("say it").secret("CANARY").output("said"))
            .step("hears", s -> s.agent("one").after("says").prompt("Use {{ said }}"))
            .step("fails", s -> s.agent("one").prompt("break off").secret("CANARY"))
            .build();
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try (ModelServer server = model();
        Maestro maestro = open(vendor, server, work)) {
      maestro.watch((attempt, event) -> heard.add(event));
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).as(result.toString()).isEqualTo(RunStatus.FAILED);
      assertThat(result.text("said")).contains("it is *** and ***");
      assertThat(result.snapshot().task(TaskId.of("fails")).orElseThrow().detail().orElse(""))
          .contains("bad key *** and ***");
      assertThat(server.requests())
          .filteredOn(request -> request.body().contains("Use it is"))
          .isNotEmpty()
          .allMatch(request -> request.body().contains("Use it is *** and ***"));
    } finally {
      System.setErr(before);
    }

    assertThat(told()).contains("I know *** and ***", "it is *** and ***");
    assertFree("the log", log.toByteArray());
    assertFree("what was told", told().getBytes(StandardCharsets.UTF_8));
    try (Stream<Path> files = Files.walk(directory.resolve("store"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertFree(file.toString(), Files.readAllBytes(file));
      }
    }
  }

  private static ModelServer model() throws IOException {
    String error = new JsonMapper().writeValueAsString("bad key " + BOTH);
    return ModelServer.builder()
        .on(
            "say it",
            ModelTurn.calls(
                    ModelCall.writes("known.txt", BOTH),
                    ModelCall.of("run_command", Map.of("command", List.of("echo", BOTH))),
                    ModelCall.of("run_command", Map.of("command", List.of("env"))),
                    ModelCall.of("read_file", Map.of("path", "known.txt")),
                    ModelCall.of("read_file", Map.of("path", BOTH)),
                    ModelCall.of(BOTH, Map.of()))
                .saying("I know " + BOTH),
            ModelTurn.says("it is " + BOTH))
        .on("Use it is", ModelTurn.says("thanks for " + BOTH))
        .on("break off", ModelTurn.answers(401, "{\"error\":{\"message\":" + error + "}}"))
        .start();
  }

  private static Maestro open(Vendor vendor, ModelServer server, Path work) {
    return Maestro.builder()
        .discoverNothing()
        .store(FileStore.at(work.resolveSibling("store")))
        .workspaces(DirectoryWorkspaces.at(work))
        .transcripts(Transcripts.ON)
        .secrets(name -> Optional.of(DECLARED))
        .provider(vendor.agent(server).commands("echo", "env").hiding(KEY).build())
        .build();
  }

  /** {@return all that was told, each piece of a text joined to the one before it} */
  private String told() {
    return heard.stream()
        .map(event -> event instanceof AgentEvent.Text said ? said.text() : "\n" + event + "\n")
        .collect(Collectors.joining());
  }

  private static void assertFree(String where, byte[] content) {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    assertThat(List.of("declared-0123", "key-4567")).as("in %s", where).noneMatch(text::contains);
  }
}
