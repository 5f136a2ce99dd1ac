package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.process.Cancellation;
import dev.maestro.task.Usage;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a stream tells beside its words. */
@Timeout(300)
class StreamsTest {

  @TempDir Path directory;

  private static StreamingChatModel model(Consumer<StreamingChatResponseHandler> answer) {
    return new StreamingChatModel() {
      @Override
      public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
        answer.accept(handler);
      }
    };
  }

  private AgentReply run(Consumer<StreamingChatResponseHandler> answer) throws Exception {
    return run(answer, new Listening());
  }

  private AgentReply run(Consumer<StreamingChatResponseHandler> answer, Listening heard)
      throws Exception {
    return ChatAgent.builder(ProviderId.of("chat"), model(answer))
        .build()
        .run(Requests.in(directory).prompt("Do it"), heard, Cancellation.never());
  }

  /** Can be told to end, and remembers it. */
  private static final class Handle implements StreamingHandle {

    private volatile boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }

  private static PartialToolCall piece(String arguments) {
    return PartialToolCall.builder().index(0).name("write").partialArguments(arguments).build();
  }

  @Test
  void aToolCallThatIsBeingWrittenIsASignOfLifeAndCanBeCancelled() throws Exception {
    Handle handle = new Handle();
    Voice voice =
        Voice.of(
            model(
                handler ->
                    handler.onPartialToolCall(
                        piece("{\"path\""), new PartialToolCallContext(handle))));

    try (Voice.Call call =
        voice.ask(
            ChatRequest.builder().messages(UserMessage.from("Do it")).build(), new Mailbox())) {
      assertThat(call.hear()).isInstanceOf(Heard.Sign.class);
    }

    assertThat(handle.isCancelled()).isTrue();
  }

  @Test
  void wordsBeforeAnErrorWerePaidFor() throws Exception {
    AgentReply reply =
        run(
            handler -> {
              handler.onPartialResponse("I thi");
              handler.onError(new HttpException(529, "overloaded"));
            });

    assertThat(reply.problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.TRANSIENT);
    assertThat(reply.knownUsage()).isEmpty();
  }

  @Test
  void anErrorBeforeAnyWordHasCostNothing() throws Exception {
    AgentReply reply = run(handler -> handler.onError(new HttpException(529, "overloaded")));

    assertThat(reply.knownUsage()).contains(Usage.NONE);
  }

  @Test
  void aToolThatTakesNothingNeedsNoArguments() throws Exception {
    Listening heard = new Listening();
    Deque<ChatResponse> answers = new ArrayDeque<>(List.of(calls("list_files"), says("done")));

    AgentReply reply = run(handler -> handler.onCompleteResponse(answers.remove()), heard);

    assertThat(reply.isCompleted()).isTrue();
    assertThat(heard.results()).containsExactly("[nothing lies there]");
  }

  private static ChatResponse says(String text) {
    return response(AiMessage.from(text), FinishReason.STOP);
  }

  private static ChatResponse calls(String tool) {
    return response(
        AiMessage.from(ToolExecutionRequest.builder().id("1").name(tool).build()),
        FinishReason.TOOL_EXECUTION);
  }

  private static ChatResponse response(AiMessage message, FinishReason reason) {
    return ChatResponse.builder()
        .aiMessage(message)
        .finishReason(reason)
        .tokenUsage(new TokenUsage(10, 5))
        .build();
  }
}
