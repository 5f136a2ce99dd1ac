package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Prices;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelRequest;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTrouble;
import dev.maestro.testing.ModelTurn;
import dev.maestro.testing.VirtualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a chat agent does with what its model says, over real HTTP. */
@Timeout(300)
class ChatAgentTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final Listening heard = new Listening();

  private static ModelServer.Builder on(ModelTurn first, ModelTurn... then) {
    return ModelServer.builder().on("Do it", first, then);
  }

  private AgentReply run(ChatAgent.Builder agent) throws InterruptedException {
    return run(agent, Requests.in(directory).prompt("Do it"));
  }

  private AgentReply run(ChatAgent.Builder agent, AgentRequest request)
      throws InterruptedException {
    return agent.build().run(request, heard, Cancellation.never());
  }

  private static ErrorClass errorClass(AgentReply reply) {
    return reply.problem().map(Failure::errorClass).orElseThrow();
  }

  // ------------------------------------------------------------------ the loop

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void usesToolsUntilTheModelHasNothingMoreToDo(Vendor vendor) throws Exception {
    Files.writeString(directory.resolve("Cart.java"), "class Cart { int limit = 3; }");
    try (ModelServer server =
        on(
                ModelTurn.calls(ModelCall.of("read_file", Map.of("path", "Cart.java")))
                    .saying("First I look.")
                    .uses(90, 10, 5),
                ModelTurn.calls(
                        ModelCall.of(
                            "edit_file",
                            Map.of(
                                "path",
                                "Cart.java",
                                "old_text",
                                "limit = 3",
                                "new_text",
                                "limit = 4")),
                        ModelCall.writes("notes/why.md", "Four is more."))
                    .uses(150, 100, 20),
                ModelTurn.says("The limit is four now.").uses(180, 150, 9))
            .start()) {
      AgentReply reply = run(vendor.agent(server));

      assertThat(reply.problem()).isEmpty();
      assertThat(reply.text()).isEqualTo("The limit is four now.");
      assertThat(reply.knownUsage()).contains(new Usage(420, 34, 260, Money.ZERO, 3, 3, false));
      assertThat(directory.resolve("Cart.java")).hasContent("class Cart { int limit = 4; }");
      assertThat(directory.resolve("notes/why.md")).hasContent("Four is more.");
      assertThat(heard.text()).isEqualTo("First I look.The limit is four now.");
      assertThat(heard.all(AgentEvent.UsageReported.class)).hasSize(3);
      assertThat(heard.all(AgentEvent.ToolUse.class))
          .extracting(AgentEvent.ToolUse::tool)
          .containsExactly("read_file", "edit_file", "write_file");
      assertThat(server.requests().get(2).toolResults()).hasSize(3);
    }
  }

  @Test
  void tellsTheModelWhatItIsAndWhatItWorksWith() throws Exception {
    try (ModelServer server = on(ModelTurn.says("done")).start()) {
      AgentRequest plain = Requests.in(directory).prompt("Do it");
      AgentRequest request =
          AgentRequest.of(plain.attempt(), "tester", plain.prompt(), directory)
              .systemPrompt("You write tests.")
              .model("another-model");

      run(Vendor.OPENAI.agent(server).commands("mvn"), request);

      ModelRequest asked = server.requests().get(0);
      assertThat(asked.model()).isEqualTo("another-model");
      assertThat(asked.said(ModelRequest.Speaker.SYSTEM))
          .containsExactly(ChatAgent.DEFAULT_INSTRUCTIONS + "\n\nYou write tests.");
      assertThat(asked.tools())
          .containsExactly(
              "read_file",
              "list_files",
              "find_files",
              "search_files",
              "write_file",
              "edit_file",
              "run_command");
    }
  }

  @Test
  void offersNothingThatWritesToWhoOnlyReads() throws Exception {
    try (ModelServer server = on(ModelTurn.says("done")).start()) {
      run(Vendor.OPENAI.agent(server).readOnly());

      assertThat(server.requests().get(0).tools())
          .containsExactly("read_file", "list_files", "find_files", "search_files");
    }
  }

  @Test
  void tellsTheModelWhatItGotWrongAndGoesOn() throws Exception {
    try (ModelServer server =
        on(
                ModelTurn.calls(
                    ModelCall.of("teleport", Map.of("to", "mars")),
                    ModelCall.of("read_file", Map.of("file", "A.java")),
                    ModelCall.of("read_file", Map.of("path", "A.java"))),
                ModelTurn.says("done"))
            .start()) {
      AgentReply reply = run(Vendor.OPENAI.agent(server));

      assertThat(reply.problem()).isEmpty();
      assertThat(server.requests().get(1).toolResults())
          .satisfiesExactly(
              first -> assertThat(first).contains("there is no tool `teleport`"),
              second -> assertThat(second).contains("`path` has to be a text"),
              third -> assertThat(third).contains("there is no file 'A.java'"));
    }
  }

  // ------------------------------------------------------------------ permission

  @Test
  void asksForEachToolAndDoesNotUseWhatIsDenied() throws Exception {
    heard.denying("write_file");
    try (ModelServer server =
        on(
                ModelTurn.calls(
                    ModelCall.writes("A.java", "class A {}"), ModelCall.of("list_files", Map.of())),
                ModelTurn.says("I may not."))
            .start()) {
      AgentReply reply = run(Vendor.OPENAI.agent(server));

      assertThat(reply.isCompleted()).isTrue();
      assertThat(directory.resolve("A.java")).doesNotExist();
      assertThat(heard.asked).hasSize(2).allMatch(request -> request.granted());
      assertThat(server.requests().get(1).toolResults())
          .containsExactly("not allowed: a rule says so", "[nothing lies there]");
    }
  }

  @Test
  void runsOnlyProgramsThatAreGrantedUnlessARuleAllowsOthers() throws Exception {
    try (ModelServer server =
        on(
                ModelTurn.calls(
                    ModelCall.of("run_command", Map.of("command", List.of("echo", "hello"))),
                    ModelCall.of("run_command", Map.of("command", List.of("touch", "a.txt")))),
                ModelTurn.says("done"))
            .start()) {
      run(Vendor.OPENAI.agent(server).commands("echo"));

      assertThat(heard.results())
          .containsExactly("exit code 0\nhello\n", "not allowed: nobody is there to allow it");
      assertThat(directory.resolve("a.txt")).doesNotExist();
    }
  }

  // ------------------------------------------------------------------ how it may end

  static Stream<Arguments> troubles() {
    return Stream.of(
            Map.entry(ModelTrouble.RATE_LIMITED, ErrorClass.RATE_LIMITED),
            Map.entry(ModelTrouble.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED),
            Map.entry(ModelTrouble.BAD_KEY, ErrorClass.AUTHENTICATION),
            Map.entry(ModelTrouble.CONTEXT_TOO_LONG, ErrorClass.CONTEXT_OVERFLOW),
            Map.entry(ModelTrouble.OVERLOADED, ErrorClass.TRANSIENT),
            Map.entry(ModelTrouble.SERVER_ERROR, ErrorClass.TRANSIENT))
        .flatMap(
            each ->
                Stream.of(Vendor.values())
                    .map(vendor -> Arguments.of(vendor, each.getKey(), each.getValue())));
  }

  @ParameterizedTest
  @MethodSource("troubles")
  void namesTheKindOfEachError(Vendor vendor, ModelTrouble trouble, ErrorClass kind)
      throws Exception {
    try (ModelServer server = on(ModelTurn.fails(trouble)).start()) {
      AgentReply reply = run(vendor.agent(server));

      assertThat(errorClass(reply)).isEqualTo(kind);
      assertThat(reply.knownUsage()).contains(Usage.NONE);
      assertThat(heard.events.get(heard.events.size() - 1))
          .isEqualTo(new AgentEvent.Failed(reply.problem().orElseThrow()));
    }
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void anAnswerThatIsTooLongOrDoesNotSayWhyItEndsIsAFailure(Vendor vendor) throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on("too long", ModelTurn.says("I am nearly").tooLong())
            .on("no reason", ModelTurn.says("I am nearly").withoutFinish())
            .start()) {
      ChatAgent agent = vendor.agent(server).build();
      AgentReply length =
          agent.run(Requests.in(directory).prompt("too long"), heard, Cancellation.never());
      Requests soon = Requests.in(directory).limits(new Limits(PATIENCE, Duration.ofMillis(500)));
      AgentReply missing = agent.run(soon.prompt("no reason"), heard, Cancellation.never());

      assertThat(errorClass(length)).isEqualTo(ErrorClass.TRANSIENT);
      // Anthropic's client says nothing at all of a stream without an end
      assertThat(errorClass(missing)).isIn(ErrorClass.TRANSIENT, ErrorClass.TIMEOUT);
    }
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void whatIsNoAnswerAtAllIsAFailure(Vendor vendor) throws Exception {
    try (ModelServer server = on(ModelTurn.answers(200, "<html>busy</html>")).start()) {
      Requests requests =
          Requests.in(directory).limits(new Limits(PATIENCE, Duration.ofMillis(500)));

      AgentReply reply = run(vendor.agent(server), requests.prompt("Do it"));

      assertThat(errorClass(reply)).isIn(ErrorClass.TRANSIENT, ErrorClass.TIMEOUT);
    }
  }

  @Test
  void aServerThatIsNotThereIsATransientFailure() throws Exception {
    ModelServer server = on(ModelTurn.says("done")).start();
    ChatAgent.Builder agent = Vendor.OPENAI.agent(server);
    server.close();

    assertThat(errorClass(run(agent))).isEqualTo(ErrorClass.TRANSIENT);
  }

  @Test
  void asksNoMoreOftenThanItMay() throws Exception {
    ModelTurn looks = ModelTurn.calls(ModelCall.of("list_files", Map.of()));
    try (ModelServer server = on(looks).start()) {
      AgentReply turns = run(Vendor.OPENAI.agent(server).turns(3));
      int asked = server.requests().size();
      AgentReply tools = run(Vendor.OPENAI.agent(server).toolCalls(2));

      assertThat(errorClass(turns)).isEqualTo(ErrorClass.LIMIT_REACHED);
      assertThat(asked).isEqualTo(3);
      assertThat(errorClass(tools)).isEqualTo(ErrorClass.LIMIT_REACHED);
      assertThat(heard.results()).hasSize(3 + 2);
    }
  }

  // ------------------------------------------------------------------ what it may use up

  @Test
  void makesNoCallAfterTheOneWithWhichItReachesItsCap() throws Exception {
    ModelTurn looks = ModelTurn.calls(ModelCall.of("list_files", Map.of())).uses(400, 0, 100);
    try (ModelServer server = on(looks).start()) {
      AgentReply reply =
          run(
              Vendor.OPENAI.agent(server),
              Requests.in(directory).cap(Cap.ofTokens(1_000)).prompt("Do it"));

      assertThat(errorClass(reply)).isEqualTo(ErrorClass.BUDGET_EXCEEDED);
      assertThat(reply.knownUsage().map(Usage::tokens)).contains(1_000L);
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void withPricesNoAnswerIsLongerThanWhatIsLeftPays() throws Exception {
    Prices prices = Prices.none().with(Vendor.MODEL, "1", "10", "1");
    try (ModelServer server = on(ModelTurn.says("done").uses(100, 0, 20)).start()) {
      ChatAgent.Builder agent = Vendor.OPENAI.agent(server).prices(prices);
      AgentReply enough = run(agent, Requests.in(directory).cap(Cap.ofUsd("0.02")).prompt("Do it"));
      AgentReply tooLittle =
          run(agent, Requests.in(directory).cap(Cap.ofUsd("0.001")).prompt("Do it"));

      assertThat(agent.build().capabilities().has(Capability.CAPS_SPEND)).isTrue();
      assertThat(enough.problem()).isEmpty();
      assertThat(enough.knownUsage().map(Usage::cost)).contains(Money.usd("0.0003"));
      assertThat(server.requests())
          .singleElement()
          .satisfies(request -> assertThat(request.body()).contains("max_tokens"));
      assertThat(errorClass(tooLittle)).isEqualTo(ErrorClass.BUDGET_EXCEEDED);
      assertThat(tooLittle.knownUsage()).contains(Usage.NONE);
    }
  }

  // ------------------------------------------------------------------ room

  @ParameterizedTest
  @EnumSource(
      value = Vendor.class,
      names = {"OPENAI", "ANTHROPIC_STREAMING"})
  void leavesOutWhatToolsAnsweredLongAgoWhenItDoesNotFit(Vendor vendor) throws Exception {
    Files.writeString(directory.resolve("big.txt"), "x".repeat(3_000) + "\n");
    ModelTurn reads = ModelTurn.calls(ModelCall.of("read_file", Map.of("path", "big.txt")));
    ModelTurn[] then = new ModelTurn[11];
    Arrays.fill(then, reads);
    then[9] = ModelTurn.fails(ModelTrouble.CONTEXT_TOO_LONG);
    then[10] = ModelTurn.says("done");
    try (ModelServer server = on(reads, then).start()) {
      AgentReply reply = run(vendor.agent(server));

      assertThat(reply.problem()).isEmpty();
      List<String> full = server.requests().get(10).toolResults();
      List<String> room = server.requests().get(11).toolResults();
      assertThat(full).hasSize(10).allMatch(result -> result.length() > 3_000);
      assertThat(room).hasSize(10);
      assertThat(room.subList(0, 2))
          .allMatch(result -> result.contains("3001 characters left out"));
      assertThat(room.subList(2, 10)).allMatch(result -> result.length() > 3_000);
    }
  }

  @Test
  void saysSoWhenNothingMoreCanBeLeftOut() throws Exception {
    try (ModelServer server = on(ModelTurn.fails(ModelTrouble.CONTEXT_TOO_LONG)).start()) {
      AgentReply reply = run(Vendor.OPENAI.agent(server));

      assertThat(errorClass(reply)).isEqualTo(ErrorClass.CONTEXT_OVERFLOW);
      assertThat(reply.problem().orElseThrow().message())
          .contains("even without what tools have answered before");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void cutsWhatIsTooLongToBeShown() throws Exception {
    Files.writeString(directory.resolve("long.txt"), "a".repeat(500) + "\n" + "z".repeat(500));
    try (ModelServer server =
        on(
                ModelTurn.calls(ModelCall.of("read_file", Map.of("path", "long.txt"))),
                ModelTurn.says("done"))
            .start()) {
      run(Vendor.OPENAI.agent(server).outputLimit(100));

      assertThat(heard.results())
          .singleElement()
          .satisfies(
              text ->
                  assertThat(text)
                      .startsWith("aaa")
                      .contains("[902 of 1002 characters left out]")
                      .contains("zzz"));
    }
  }

  // ------------------------------------------------------------------ time and cancellation

  /** The common pool may have one thread only, which clients of models need for themselves. */
  private Future<AgentReply> launched(ChatAgent agent, Cancellation cancellation) {
    FutureTask<AgentReply> launch =
        new FutureTask<>(
            () -> agent.run(Requests.in(directory).prompt("Do it"), heard, cancellation));
    new Thread(launch, "launch").start();
    return launch;
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void cancellationEndsARequestThatIsWaited(Vendor vendor) throws Exception {
    CancellationSource cancellation = new CancellationSource();
    try (ModelServer server = on(ModelTurn.says("I think").hangs()).start()) {
      ChatAgent agent = vendor.agent(server).build();
      CompletableFuture<Void> spoke = new CompletableFuture<>();
      heard.doing(event -> spoke.complete(null));
      Future<AgentReply> reply = launched(agent, cancellation);
      server.awaitRequest(1, PATIENCE);
      while (vendor.streams() && heard.all(AgentEvent.Text.class).isEmpty()) {
        Thread.onSpinWait();
      }

      cancellation.cancel(Cancellation.Mode.GRACEFUL);

      assertThat(errorClass(reply.get())).isEqualTo(ErrorClass.CANCELLED);
      assertThat(reply.get().knownUsage()).isEmpty();
      server.awaitAborts(1, PATIENCE);
    }
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aModelThatSaysNothingForTooLongIsGivenUp(Vendor vendor) throws Exception {
    VirtualTime time = VirtualTime.create();
    try (time;
        ModelServer server = on(ModelTurn.says("I think").hangs()).start()) {
      ChatAgent agent = vendor.agent(server).time(time).build();
      Future<AgentReply> reply = launched(agent, Cancellation.never());
      server.awaitRequest(1, PATIENCE);
      while (vendor.streams() && !heard.text().equals("I think")) {
        Thread.onSpinWait();
      }

      time.advance(Duration.ofMinutes(11));

      assertThat(errorClass(reply.get())).isEqualTo(ErrorClass.TIMEOUT);
      assertThat(reply.get().problem().orElseThrow().message()).contains("said nothing for PT10M");
    }
  }

  // ------------------------------------------------------------------ secrets

  @Test
  void whatStandsInItsEnvironmentIsShownToNobody() throws Exception {
    try (ModelServer server =
        on(
                ModelTurn.calls(ModelCall.of("run_command", Map.of("command", List.of("env")))),
                ModelTurn.says("done"))
            .start()) {
      run(
          Vendor.OPENAI.agent(server).commands("env"),
          Requests.in(directory).environment(Map.of("TOKEN", "canary-4711")).prompt("Do it"));

      assertThat(heard.results())
          .singleElement()
          .satisfies(text -> assertThat(text).contains("TOKEN=***").doesNotContain("canary"));
      assertThat(server.requests().get(1).body()).doesNotContain("canary");
    }
  }
}
