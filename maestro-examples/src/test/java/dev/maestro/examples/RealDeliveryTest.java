package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.testing.Cassette;
import dev.maestro.testing.Deed;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelRequest;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTurn;
import dev.maestro.testing.Recording;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The main example with a real agent delivers what it delivers with the recorded one, also when its
 * JVM is killed while the agent works; what the agent's model says is what was recorded.
 */
@Tag("real-agents")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class RealDeliveryTest {

  private static final Duration STEP = Duration.ofSeconds(5);
  private static final String AT_WORK = "Put the pieces together so that the feature works";

  /** What the prompt of a task has that no other has. */
  private static final Map<String, String> PROMPTS =
      Map.of(
          "plan", "Plan this feature for the project",
          "plan/T001", "Main file: src/main/java/shop/PercentageDiscount.java",
          "plan/T002", "Main file: src/main/java/shop/ThirdFreeDiscount.java",
          "plan/T003", "Main file: src/main/java/shop/Receipt.java",
          "assemble", AT_WORK,
          "document", "Describe this feature in the README",
          "review", "Review the work in this directory");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "qwen"})
  void deliversTheSameFeatureThoughItsJvmIsKilledWhileItWorks(String agent) throws Exception {
    RealAgents agents = RealAgents.installed();
    Path recorded = directory.resolve("recorded");
    KillAndResumeTest.run(recorded, Map.of());
    Path delivery = directory.resolve("delivery");
    Path home = directory.resolve("home-of-the-agent");

    try (ModelServer model = model()) {
      Map<String, String> environment = agents.environment(home, model);
      environment.put("PATH", agents.bin() + ":" + System.getenv("PATH"));
      Process killed = KillAndResumeTest.start(delivery, environment, "--agent", agent);
      awaitWork(model, killed, delivery);
      killed.destroyForcibly().waitFor();
      assertThat(RealAgents.livingIn(home))
          .as("the agent outlives a JVM that is killed")
          .isNotEmpty();

      KillAndResumeTest.run(delivery, environment, "--agent", agent);
    }

    assertThat(KillAndResumeTest.treeOfMain(delivery))
        .isEqualTo(KillAndResumeTest.treeOfMain(recorded));
    KillAndResumeTest.checkHistory(KillAndResumeTest.events(delivery), agent);
    assertThat(RealAgents.livingIn(home)).isEmpty();
  }

  private static void awaitWork(ModelServer model, Process process, Path home) throws Exception {
    int number = 1;
    while (true) {
      assertThat(process.isAlive()).as(() -> KillAndResumeTest.log(home)).isTrue();
      try {
        ModelRequest request = model.awaitRequest(number, STEP);
        // one without tools wants a title for the conversation
        if (!request.tools().isEmpty() && request.prompt().orElse("").contains(AT_WORK)) {
          return;
        }
        number++;
      } catch (IllegalStateException e) {
        // not yet; maybe there is nobody any more who would ask
      }
    }
  }

  /** {@return a model that says what the recorded agent did, and is stuck once at its work} */
  private ModelServer model() throws IOException {
    Path file = directory.resolve("cassette.json");
    Files.deleteIfExists(file);
    DemoProject.copy("shop/cassette.json", file);
    ModelServer.Builder model = ModelServer.builder();
    for (Recording turn : Cassette.read(file).turns()) {
      String task = String.valueOf(turn.when().task());
      // what was wrong at first is left out
      if (turn.when().attempt() == null && PROMPTS.containsKey(task)) {
        tell(model, PROMPTS.get(task), turn);
      }
    }
    return model.start();
  }

  private static void tell(ModelServer.Builder model, String words, Recording turn) {
    ModelTurn end = ModelTurn.says(turn.says());
    String command = writing(turn);
    if (command.isEmpty()) {
      model.on(words, end);
    } else if (words.equals(AT_WORK)) {
      ModelTurn stuck = ModelTurn.says("I look at the pieces.").hangs();
      model.on(words, stuck, ModelTurn.calls(ModelCall.runs(command)), end);
    } else {
      model.on(words, ModelTurn.calls(ModelCall.runs(command)), end);
    }
  }

  /** {@return a command that writes what the recorded agent wrote, in the directory it runs in} */
  private static String writing(Recording turn) {
    return turn.does().stream()
        .filter(Deed.Writes.class::isInstance)
        .map(Deed.Writes.class::cast)
        .map(RealDeliveryTest::writing)
        .collect(Collectors.joining(" && "));
  }

  private static String writing(Deed.Writes file) {
    byte[] content = file.content().getBytes(StandardCharsets.UTF_8);
    Path folder = Path.of(file.path()).getParent();
    String write =
        "echo %s | base64 -d > %s"
            .formatted(Base64.getEncoder().encodeToString(content), file.path());
    return folder == null ? write : "mkdir -p " + folder + " && " + write;
  }
}
