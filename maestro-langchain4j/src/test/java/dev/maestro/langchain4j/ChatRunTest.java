package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Prices;
import dev.maestro.approval.Answer;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelRequest;
import dev.maestro.testing.ModelRequest.Speaker;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTrouble;
import dev.maestro.testing.ModelTurn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chat agents in runs, with a store on the disk. */
@Timeout(300)
class ChatRunTest {

  private static final RunId RUN = RunId.of("r");
  private static final Actor ANN = Actor.of("ann");

  @TempDir Path place;
  private Path work;

  @BeforeEach
  void makeDirectory() throws Exception {
    work = Files.createDirectory(place.resolve("work"));
  }

  private Maestro open(ModelServer server) {
    return Maestro.builder()
        .discoverNothing()
        .store(FileStore.at(place.resolve("store")))
        .workspaces(DirectoryWorkspaces.at(work))
        .provider(Vendor.OPENAI.agent(server).commands("echo").build())
        .build();
  }

  @Test
  void aConversationGoesOnInAnotherProcess() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("look", s -> s.agent("engineer").prompt("the word is swordfish"))
            .step("ask", s -> s.after("look").approval("Go on?"))
            .step(
                "recall",
                s ->
                    s.after("ask")
                        .continues("look")
                        .agent("engineer")
                        .prompt("what was the word?")
                        .output("said"))
            .build();
    try (ModelServer server =
            ModelServer.builder()
                .on(
                    "swordfish",
                    ModelTurn.calls(ModelCall.of("list_files", Map.of())),
                    ModelTurn.says("Noted."))
                .start();
        Maestro maestro = open(server)) {
      RunResult waiting = maestro.start(pipeline, RUN, Inputs.none()).await();
      assertThat(waiting.questions()).hasSize(1);
    }
    try (ModelServer server =
            ModelServer.builder().on("what was the word?", ModelTurn.says("swordfish")).start();
        Maestro maestro = open(server)) {
      Run run = maestro.find(RUN).orElseThrow();

      run.answer(run.await().questions().get(0).id(), Answer.approve(), ANN);
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("said")).contains("swordfish");
      ModelRequest asked = server.requests().get(0);
      assertThat(asked.said(Speaker.USER))
          .containsExactly("the word is swordfish", "what was the word?");
      assertThat(asked.toolResults()).containsExactly("[nothing lies there]");
    }
  }

  @Test
  void guardrailsAreAskedAboutEachToolAndGrantedOnesNeedNoRule() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .guard(Guardrail.writes("src/**"))
            .step(
                "write",
                s ->
                    s.agent("engineer")
                        .prompt("Do it")
                        .gate(Gate.command("test", "-f", "src/A.java")))
            .build();
    try (ModelServer server =
            ModelServer.builder()
                .on(
                    "Do it",
                    ModelTurn.calls(
                        ModelCall.of("list_files", Map.of()),
                        ModelCall.writes("pom.xml", "<project/>"),
                        ModelCall.writes("src/A.java", "class A {}"),
                        ModelCall.of("run_command", Map.of("command", List.of("echo", "hi")))),
                    ModelTurn.says("done"))
                .start();
        Maestro maestro = open(server)) {
      Run run = maestro.start(pipeline, RUN, Inputs.none());

      RunResult result = run.await();

      assertThat(result.status()).as(result.toString()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(work.resolve("pom.xml")).doesNotExist();
      assertThat(work.resolve("src/A.java")).hasContent("class A {}");
      List<String> results = server.requests().get(1).toolResults();
      assertThat(results.get(1)).startsWith("not allowed: ");
      assertThat(results.get(3)).isEqualTo("exit code 0\nhi\n");
      assertThat(run.judgments().stream().flatMap(event -> event.judgments().stream()))
          .filteredOn(judgment -> judgment.place() == Place.TOOL)
          .extracting(Judgment::answer)
          .contains(Judgment.Answer.REFUSE);
    }
  }

  @Test
  void aLaunchThatFailsIsTriedAgainAndPaidForOnce() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "write",
                s ->
                    s.agent("engineer")
                        .prompt("Do it")
                        .output("said")
                        .attempts(2)
                        .backoff(Backoff.NONE))
            .build();
    try (ModelServer server =
            ModelServer.builder()
                .on(
                    "Do it",
                    ModelTurn.fails(ModelTrouble.OVERLOADED),
                    ModelTurn.says("done").uses(70, 0, 7))
                .start();
        Maestro maestro = open(server)) {
      RunResult result = maestro.start(pipeline, RUN, Inputs.none()).await();

      assertThat(result.status()).as(result.toString()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.usage().tokens()).isEqualTo(77);
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void aSecretOfAnotherStepIsShownToNoModel() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("write", s -> s.command("sh", "-c", "echo is $TOKEN > a.txt").secret("TOKEN"))
            .step("look", s -> s.after("write").agent("engineer").prompt("Do it"))
            .build();
    try (ModelServer server =
            ModelServer.builder()
                .on(
                    "Do it",
                    ModelTurn.calls(ModelCall.of("read_file", Map.of("path", "a.txt"))),
                    ModelTurn.says("done"))
                .start();
        Maestro maestro =
            Maestro.builder()
                .discoverNothing()
                .store(FileStore.at(place.resolve("store")))
                .workspaces(DirectoryWorkspaces.at(work))
                .secrets(name -> Optional.of("canary-4711"))
                .provider(Vendor.OPENAI.agent(server).build())
                .build()) {
      RunResult result = maestro.start(pipeline, RUN, Inputs.none()).await();

      assertThat(result.status()).as(result.toString()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(work.resolve("a.txt")).hasContent("is canary-4711\n");
      assertThat(server.requests().get(1).body()).contains("is ***").doesNotContain("canary");
    }
  }

  @Test
  void aLaunchEndsWithTheCallThatReachesItsBudget() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("look", s -> s.agent("engineer").prompt("Do it"))
            .budget(Budget.ofTokens(1_000).perAttempt(Cap.ofTokens(1_000)).aborts())
            .build();
    try (ModelServer server =
            ModelServer.builder()
                .on(
                    "Do it",
                    ModelTurn.calls(ModelCall.of("list_files", Map.of())).uses(400, 0, 100))
                .start();
        Maestro maestro = open(server)) {
      RunResult result = maestro.start(pipeline, RUN, Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(result.snapshot().task("look").orElseThrow().reason())
          .contains(Reason.BUDGET_EXCEEDED);
      assertThat(result.usage().tokens()).isEqualTo(1_000);
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void whatIsLeftAndTooLittleForACallPausesUntilMoreIsGranted() throws Exception {
    Prices prices = Prices.none().with(Vendor.MODEL, "1", "10", "1");
    Pipeline pipeline =
        Pipeline.named("p")
            .step("look", s -> s.agent("engineer").prompt("Do it"))
            .budget(Budget.usd("0.001"))
            .build();
    try (ModelServer server =
            ModelServer.builder().on("Do it", ModelTurn.says("done").uses(100, 0, 20)).start();
        Maestro maestro =
            Maestro.builder()
                .discoverNothing()
                .store(FileStore.at(place.resolve("store")))
                .workspaces(DirectoryWorkspaces.at(work))
                .provider(Vendor.OPENAI.agent(server).prices(prices).build())
                .build()) {
      Run run = maestro.start(pipeline, RUN, Inputs.none());

      RunResult tooLittle = run.await();
      run.grant(Cap.ofUsd("0.02"), ANN);
      RunResult enough = run.await();

      assertThat(tooLittle.status()).as(tooLittle.toString()).isEqualTo(RunStatus.WAITING);
      assertThat(enough.status()).as(enough.toString()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(server.requests()).hasSize(1);
    }
  }
}
