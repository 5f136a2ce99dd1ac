package dev.maestro.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.maestro.process.Deadline;
import dev.maestro.process.Threads;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that can be asked, be it one that says all at once or one that says it piece by piece.
 */
sealed interface Voice {

  /** {@return a model that says all at once} */
  static Voice of(ChatModel model) {
    return new Whole(model);
  }

  /** {@return a model that says it piece by piece} */
  static Voice of(StreamingChatModel model) {
    return new Pieces(model);
  }

  /** {@return what the model does unless a request says otherwise} */
  ChatRequestParameters defaults();

  /** Begin to ask; what is heard goes to the mailbox until the call is closed. */
  Call ask(ChatRequest request, Mailbox mailbox);

  /** Says all at once. */
  record Whole(ChatModel model) implements Voice {

    @Override
    public ChatRequestParameters defaults() {
      return model.defaultRequestParameters();
    }

    @Override
    public Call ask(ChatRequest request, Mailbox mailbox) {
      return new Call(mailbox, ear -> ear.onCompleteResponse(model.chat(request)));
    }
  }

  /** Says it piece by piece. */
  record Pieces(StreamingChatModel model) implements Voice {

    @Override
    public ChatRequestParameters defaults() {
      return model.defaultRequestParameters();
    }

    @Override
    public Call ask(ChatRequest request, Mailbox mailbox) {
      return new Call(mailbox, ear -> model.chat(request, ear));
    }
  }

  /**
   * A call under way, on a thread of its own, which is interrupted when the call is closed early.
   *
   * <p>Streaming models may come back at once and go on elsewhere. After the end nothing more is
   * put into the mailbox, and a stream that begins to speak then is cancelled.
   */
  final class Call implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ChatAgent.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Mailbox mailbox;
    private final Ear ear;
    private final Thread thread;

    private Call(Mailbox mailbox, Consumer<Ear> asking) {
      this.mailbox = mailbox;
      ear = new Ear(mailbox);
      thread = Threads.start("maestro-chat", () -> ask(asking));
    }

    /**
     * Wait for what comes next.
     *
     * @throws StoppedException when the launch has to end
     */
    Heard hear() throws InterruptedException {
      return mailbox.take();
    }

    private void ask(Consumer<Ear> asking) {
      try {
        asking.accept(ear);
      } catch (RuntimeException | Error e) {
        // told on the launch's own thread, whatever it is
        ear.onError(e);
      }
    }

    @Override
    public void close() {
      if (!ear.close()) {
        thread.interrupt();
      }
      Deadline deadline = Deadline.in(PATIENCE);
      boolean interrupted =
          deadline.waitWhile(
              thread::isAlive,
              nanos -> thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos))));
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (thread.isAlive()) {
        LOG.warn("a chat model does not react to being interrupted; it is left alone");
      }
    }
  }

  /** Hears a model, on whatever thread it speaks. */
  final class Ear implements StreamingChatResponseHandler {

    private final Mailbox mailbox;
    // guarded by this
    private @Nullable StreamingHandle handle;
    // guarded by this
    private boolean closed;
    // guarded by this
    private boolean ended;

    private Ear(Mailbox mailbox) {
      this.mailbox = mailbox;
    }

    /** Hear nothing more; {@return whether the model had come to an end} */
    private boolean close() {
      StreamingHandle open;
      boolean over;
      synchronized (this) {
        closed = true;
        over = ended;
        open = over ? null : handle;
      }
      if (open != null) {
        open.cancel();
      }
      return over;
    }

    private void hear(Heard next, @Nullable StreamingHandle stream) {
      synchronized (this) {
        handle = stream == null ? handle : stream;
        if (!closed) {
          // whatever comes after the end belongs to nobody
          if (!ended) {
            mailbox.put(next);
          }
          return;
        }
      }
      if (stream != null) {
        stream.cancel();
      }
    }

    private synchronized void end(Heard last) {
      if (!closed && !ended) {
        mailbox.put(last);
      }
      ended = true;
    }

    @Override
    public void onPartialResponse(String text) {
      hear(new Heard.Piece(text), null);
    }

    @Override
    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
      hear(new Heard.Piece(piece.text()), context.streamingHandle());
    }

    @Override
    public void onPartialThinking(PartialThinking piece) {
      hear(new Heard.Thought(piece.text()), null);
    }

    @Override
    public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
      hear(new Heard.Thought(piece.text()), context.streamingHandle());
    }

    @Override
    public void onPartialToolCall(PartialToolCall piece) {
      hear(new Heard.Sign(), null);
    }

    @Override
    public void onPartialToolCall(PartialToolCall piece, PartialToolCallContext context) {
      hear(new Heard.Sign(), context.streamingHandle());
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall call) {
      hear(new Heard.Sign(), null);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      end(new Heard.Answer(response));
    }

    @Override
    public void onError(Throwable error) {
      end(new Heard.Broken(error));
    }
  }
}
