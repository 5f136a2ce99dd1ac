package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.Conversation;
import dev.maestro.agent.Conversations;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelRequest;
import dev.maestro.testing.ModelRequest.Speaker;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTurn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a session is worth after its launch. */
@Timeout(300)
class SessionsTest {

  @TempDir Path directory;

  private final KeptConversations kept = new KeptConversations();
  private final Listening heard = new Listening();

  private AgentReply run(ChatAgent agent, Requests requests, String prompt) throws Exception {
    return agent.run(requests.keeping(kept).prompt(prompt), heard, Cancellation.never());
  }

  private static ModelServer.Builder lookingAround() {
    return ModelServer.builder()
        .on(
            "swordfish",
            ModelTurn.calls(ModelCall.of("list_files", Map.of())).saying("I look."),
            ModelTurn.says("Noted."))
        .on("what was the word?", ModelTurn.says("It was swordfish."));
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aResumedSessionKnowsAllThatWasSaidInAnotherProcess(Vendor vendor) throws Exception {
    Files.createFile(directory.resolve("a.txt"));
    try (ModelServer server = lookingAround().start()) {
      Requests requests = Requests.in(directory);
      AgentReply first = run(vendor.agent(server).build(), requests, "the word is swordfish");
      SessionId session = first.knownSession().orElseThrow();

      AgentReply second =
          run(
              vendor.agent(server).build(),
              requests.attempt(2).resuming(session),
              "what was the word?");

      assertThat(second.text()).isEqualTo("It was swordfish.");
      assertThat(second.knownSession()).contains(session);
      ModelRequest asked = server.requests().get(2);
      assertThat(asked.said(Speaker.USER))
          .containsExactly("the word is swordfish", "what was the word?");
      assertThat(asked.said(Speaker.MODEL)).containsExactly("I look.", "Noted.");
      assertThat(asked.toolResults()).containsExactly("a.txt");
      assertThat(heard.all(AgentEvent.SessionStarted.class))
          .extracting(AgentEvent.SessionStarted::session)
          .containsExactly(session, session);
    }
  }

  @Test
  void whatIsKeptOnlyEverGrows() throws Exception {
    try (ModelServer server = lookingAround().start()) {
      run(Vendor.OPENAI.agent(server).build(), Requests.in(directory), "swordfish");

      assertThat(kept.states)
          .extracting(state -> state.messages().size())
          .containsExactly(1, 2, 3, 4);
      List<Conversation.Message> last = kept.states.get(3).messages();
      assertThat(last)
          .extracting(Conversation.Message::role)
          .containsExactly("user", "ai", "tool_execution_result", "ai");
      assertThat(kept.states)
          .allSatisfy(
              state ->
                  assertThat(last.subList(0, state.messages().size())).isEqualTo(state.messages()));
    }
  }

  @Test
  void aSessionThatHasANameCanBeGoneOnWith() throws Exception {
    List<Integer> known = new ArrayList<>();
    heard.doing(
        event -> {
          if (event instanceof AgentEvent.SessionStarted) {
            known.add(kept.states.size());
          }
        });
    try (ModelServer server = lookingAround().start()) {
      run(Vendor.OPENAI.agent(server).build(), Requests.in(directory), "swordfish");
    }
    assertThat(known).containsExactly(1);
  }

  @Test
  void whoeverWasKilledInTheMiddleOfAToolIsToldSo() throws Exception {
    try (ModelServer server = lookingAround().start()) {
      run(Vendor.OPENAI.agent(server).build(), Requests.in(directory), "swordfish");
      SessionId session = kept.states.get(0).session();
      Conversation killed = kept.states.get(1);
      kept.states.clear();
      kept.states.add(killed);

      AgentReply reply =
          run(
              Vendor.OPENAI.agent(server).build(),
              Requests.in(directory).attempt(2).resuming(session),
              "what was the word?");

      assertThat(reply.problem()).isEmpty();
      assertThat(server.requests().get(2).toolResults())
          .singleElement()
          .satisfies(result -> assertThat(result).startsWith("interrupted: nobody knows"));
    }
  }

  @Test
  void aSessionOfWhichNothingIsKeptIsLost() throws Exception {
    try (ModelServer server = lookingAround().start()) {
      AgentReply reply =
          run(
              Vendor.OPENAI.agent(server).build(),
              Requests.in(directory).resuming(SessionId.of("of-another-machine")),
              "what was the word?");

      assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.SESSION_LOST);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void aSessionThatCannotBeReadAnyMoreIsLost() throws Exception {
    try (ModelServer server = lookingAround().start()) {
      SessionId session = SessionId.of("old");
      Conversation.Message cut = new Conversation.Message("ai", "{\"text\": ***", Instant.EPOCH);
      kept.states.add(new Conversation(session, null, List.of(cut)));

      AgentReply reply =
          run(
              Vendor.OPENAI.agent(server).build(),
              Requests.in(directory).resuming(session),
              "what was the word?");

      assertThat(reply.problem().map(Failure::errorClass)).contains(ErrorClass.SESSION_LOST);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void nothingIsAskedWhenTheConversationCannotBeKept() {
    Conversations full =
        new Conversations() {
          @Override
          public Optional<Conversation> find(SessionId session) {
            return Optional.empty();
          }

          @Override
          public void keep(Conversation conversation) {
            throw new IllegalStateException("the disk is full");
          }
        };
    try (ModelServer server = lookingAround().start()) {
      ChatAgent agent = Vendor.OPENAI.agent(server).build();

      assertThatThrownBy(
              () ->
                  agent.run(
                      Requests.in(directory).keeping(full).prompt("swordfish"),
                      heard,
                      Cancellation.never()))
          .hasMessage("the disk is full");
      assertThat(server.requests()).isEmpty();
    }
  }
}
