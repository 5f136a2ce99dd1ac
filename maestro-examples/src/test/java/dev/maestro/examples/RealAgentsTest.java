package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.providers.Rights;
import dev.maestro.providers.acp.OpenCodeAcp;
import dev.maestro.providers.acp.QwenAcp;
import dev.maestro.providers.claude.QwenCode;
import dev.maestro.providers.opencode.OpenCode;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTrouble;
import dev.maestro.testing.ModelTurn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real agents, as their vendors ship them, do through both of their providers what recordings say
 * of them; what their model says is made up here.
 */
@Tag("real-agents")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RealAgentsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static RealAgents agents;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private Path workspace;

  @BeforeAll
  static void install() throws Exception {
    agents = RealAgents.installed();
  }

  @BeforeEach
  void makeWorkspace() throws IOException {
    workspace = Files.createDirectories(directory.resolve("work")).toRealPath();
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void writesAFileAndComesToItsEnd(String name) throws Exception {
    ModelTurn writing = ModelTurn.calls(ModelCall.writes(file("a.txt"), "Grüße\n"));
    try (ModelServer model =
        ModelServer.builder().on("grüße", writing, ModelTurn.says("It is written.")).start()) {
      Heard heard = new Heard();

      AgentReply reply = run(agent(name, Rights.EDIT, model), "schreibe grüße", heard);

      assertThat(reply.problem()).isEmpty();
      assertThat(workspace.resolve("a.txt")).hasContent("Grüße");
      assertThat(reply.text()).contains("It is written.");
      assertThat(reply.knownSession()).isPresent();
      assertThat(heard.all(AgentEvent.ToolUse.class)).hasSize(1);
      assertThat(heard.all(AgentEvent.ToolResult.class))
          .singleElement()
          .matches(AgentEvent.ToolResult::ok);
      assertThat(reply.knownUsage().map(usage -> usage.inputTokens()))
          .isEqualTo(name.equals("opencode-acp") ? Optional.empty() : Optional.of(200L));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void goesOnWithASessionInAnotherProcess(String name) throws Exception {
    try (ModelServer model =
        ModelServer.builder()
            .on("keep swordfish in mind", ModelTurn.says("I will."))
            .on("which fish was it", ModelTurn.says("It was swordfish."))
            .start()) {
      AgentReply first =
          run(agent(name, Rights.EDIT, model), "keep swordfish in mind", new Heard());
      int before = model.requests().size();
      Heard heard = new Heard();

      AgentReply second =
          agent(name, Rights.EDIT, model)
              .run(request("which fish was it", first.session()), heard, Cancellation.never());

      assertThat(second.problem()).isEmpty();
      assertThat(second.session()).isEqualTo(first.session());
      assertThat(model.requests().subList(before, model.requests().size()))
          .anyMatch(request -> request.body().contains("keep swordfish in mind"));
      assertThat(heard.text()).contains("It was swordfish.").doesNotContain("I will.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void losesASessionThatItDoesNotKnow(String name) throws Exception {
    try (ModelServer model = ModelServer.builder().otherwise(ModelTurn.says("new")).start()) {
      SessionId none =
          SessionId.of(
              name.startsWith("opencode")
                  ? "ses_00000000000000000000000000"
                  : "11111111-1111-4111-8111-111111111111");

      AgentReply reply =
          agent(name, Rights.EDIT, model)
              .run(request("go on", none), new Heard(), Cancellation.never());

      assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.SESSION_LOST);
      assertThat(reply.knownSession()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void letsGoOfItsModelWhenItIsCancelled(String name) throws Exception {
    try (ModelServer model =
        ModelServer.builder().otherwise(ModelTurn.says("working on it").hangs()).start()) {
      CancellationSource cancellation = new CancellationSource();
      AgentProvider agent = agent(name, Rights.EDIT, model);
      FutureTask<AgentReply> launch =
          new FutureTask<>(() -> agent.run(request("work", null), new Heard(), cancellation));
      new Thread(launch, "launch").start();
      awaitWork(model);

      cancellation.cancel(Cancellation.Mode.GRACEFUL);

      assertThat(launch.get().problem().map(Failure::errorClass)).contains(ErrorClass.CANCELLED);
      model.awaitAborts(1, PATIENCE);
      assertThat(processes()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void saysThatItsKeyIsNotKnown(String name) throws Exception {
    try (ModelServer model =
        ModelServer.builder().otherwise(ModelTurn.fails(ModelTrouble.BAD_KEY)).start()) {
      AgentReply reply = run(agent(name, Rights.EDIT, model), "work", new Heard());

      assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.AUTHENTICATION);
    }
  }

  /** They try again inside for longer than anyone wants to wait, some without a word. */
  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void isEndedWhereItsQuotaIsUsedUp(String name) throws Exception {
    try (ModelServer model =
        ModelServer.builder().otherwise(ModelTurn.fails(ModelTrouble.QUOTA_EXHAUSTED)).start()) {
      AgentRequest.Limits limits =
          new AgentRequest.Limits(Duration.ofSeconds(45), Duration.ofSeconds(40));

      AgentReply reply =
          agent(name, Rights.EDIT, model)
              .run(request("work", null, limits), new Heard(), Cancellation.never());

      assertThat(reply.problem().map(Failure::errorClass).orElseThrow())
          .isIn(ErrorClass.QUOTA_EXHAUSTED, ErrorClass.RATE_LIMITED, ErrorClass.TIMEOUT);
      assertThat(processes()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode", "opencode-acp", "qwen", "qwen-acp"})
  void runsNoCommandThatItHasNoRightTo(String name) throws Exception {
    ModelTurn running = ModelTurn.calls(ModelCall.runs("touch forbidden.txt"));
    try (ModelServer model =
        ModelServer.builder().on("touch", running, ModelTurn.says("Then not.")).start()) {
      run(agent(name, Rights.EDIT, model), "touch a file", new Heard());

      assertThat(workspace.resolve("forbidden.txt")).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode-acp", "qwen-acp"})
  void runsACommandThatARuleAllows(String name) throws Exception {
    ModelTurn running = ModelTurn.calls(ModelCall.runs("touch allowed.txt"));
    try (ModelServer model =
        ModelServer.builder().on("touch", running, ModelTurn.says("Done.")).start()) {
      Heard allowing = new Heard(PermissionDecision.allow());

      AgentReply reply = run(agent(name, Rights.EDIT, model), "touch a file", allowing);

      assertThat(reply.problem()).isEmpty();
      assertThat(workspace.resolve("allowed.txt")).exists();
      assertThat(allowing.asked)
          .singleElement()
          .matches(asked -> asked.tool().equals("execute") && !asked.granted())
          .matches(asked -> asked.input().contains("touch allowed.txt"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"opencode-acp", "qwen-acp"})
  void changesNoFileWhereARuleRefusesIt(String name) throws Exception {
    ModelTurn writing = ModelTurn.calls(ModelCall.writes(file("refused.txt"), "no\n"));
    try (ModelServer model =
        ModelServer.builder().on("write", writing, ModelTurn.says("I was not let.")).start()) {
      Heard refusing = new Heard(PermissionDecision.deny("not today"));

      AgentReply reply = run(agent(name, Rights.EDIT, model), "write a file", refusing);

      assertThat(workspace.resolve("refused.txt")).doesNotExist();
      assertThat(refusing.asked).hasSize(1);
      assertThat(reply.isCompleted()).isEqualTo(name.equals("opencode-acp"));
    }
  }

  // ------------------------------------------------------------------ what it is done with

  private AgentProvider agent(String name, Rights rights, ModelServer model) throws IOException {
    Path home = directory.resolve("home");
    String program = agents.openCodeProgram();
    String script = agents.qwenScript();
    return switch (name) {
      case "opencode" ->
          agents.set(OpenCode.builder(), home, model).program(program).rights(rights).build();
      case "opencode-acp" ->
          agents.set(OpenCodeAcp.builder(), home, model).program(program).rights(rights).build();
      case "qwen" ->
          agents
              .set(QwenCode.builder(), home, model)
              .program("node", script)
              .rights(rights)
              .build();
      default ->
          agents.set(QwenAcp.builder(), home, model).program("node", script).rights(rights).build();
    };
  }

  /** A call for a title of the conversation may come first, and offers no tools. */
  private static void awaitWork(ModelServer model) throws InterruptedException {
    int number = 1;
    while (model.awaitRequest(number, PATIENCE).tools().isEmpty()) {
      number++;
    }
  }

  private String file(String name) {
    return workspace.resolve(name).toString();
  }

  private AgentReply run(AgentProvider agent, String prompt, Heard heard) throws Exception {
    return agent.run(request(prompt, null), heard, Cancellation.never());
  }

  private AgentRequest request(String prompt, @Nullable SessionId session) {
    return request(prompt, session, AgentRequest.Limits.DEFAULT, session == null ? 1 : 2);
  }

  private AgentRequest request(
      String prompt, @Nullable SessionId session, AgentRequest.Limits limits) {
    return request(prompt, session, limits, 1);
  }

  private AgentRequest request(
      String prompt, @Nullable SessionId session, AgentRequest.Limits limits, int attempt) {
    AttemptId id =
        new AttemptId(new RunKey(Tenant.DEFAULT, RunId.of("real")), TaskId.of("task"), attempt);
    return AgentRequest.of(id, "engineer", prompt, workspace).session(session).limits(limits);
  }

  private List<String> processes() throws IOException {
    return RealAgents.livingIn(directory.resolve("home"));
  }

  private static final class Heard implements AgentListener {

    private final List<AgentEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final List<PermissionRequest> asked = Collections.synchronizedList(new ArrayList<>());
    private final @Nullable PermissionDecision decision;

    Heard() {
      this(null);
    }

    Heard(@Nullable PermissionDecision decision) {
      this.decision = decision;
    }

    @Override
    public void on(AgentEvent event) {
      events.add(event);
    }

    @Override
    public PermissionDecision permit(PermissionRequest request) {
      asked.add(request);
      return decision == null ? AgentListener.super.permit(request) : decision;
    }

    <E extends AgentEvent> List<E> all(Class<E> type) {
      return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    String text() {
      StringBuilder all = new StringBuilder();
      all(AgentEvent.Text.class).forEach(event -> all.append(event.text()));
      return all.toString();
    }
  }
}
