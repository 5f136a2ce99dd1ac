package dev.maestro.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One launch of a chat agent: the model is asked, uses tools, and is asked again, until it has
 * nothing more to do or something ends the launch.
 *
 * <p>Everything happens on the thread that called; what comes from others waits in the mailbox.
 */
final class ChatLaunch {

  private static final double FULL = 0.9;
  // what tools say themselves beside an output that they have cut
  private static final int NOTES = 500;

  private final ChatAgent agent;
  private final AgentRequest request;
  private final AgentListener listener;
  private final Discretion discretion;
  private final Desk desk;
  private final Spending spending;
  private final Dialogue dialogue;
  private final Map<String, Tool> tools = new LinkedHashMap<>();
  private int compacted;
  private String said = "";

  ChatLaunch(
      ChatAgent agent,
      AgentRequest request,
      AgentListener listener,
      Discretion discretion,
      Desk desk) {
    this.agent = agent;
    this.request = request;
    this.listener = listener;
    this.discretion = discretion;
    this.desk = desk;
    agent.tools().forEach(tool -> tools.put(tool.name(), tool));
    SessionId session =
        request.resumes().orElseGet(() -> SessionId.of("chat-" + request.attempt()));
    dialogue =
        new Dialogue(
            session, agent.model(request), request.conversations(), desk.time(), discretion);
    spending = new Spending(request.cap(), agent.price(request), alwaysSent());
  }

  private long alwaysSent() {
    long bytes = ChatAgent.bytes(agent.instructions(request));
    for (Tool tool : tools.values()) {
      bytes += ChatAgent.bytes(tool.specification().toJson());
    }
    return bytes;
  }

  /** {@return what came of it} */
  AgentReply run() throws InterruptedException {
    listener.on(new AgentEvent.Launched(null));
    try {
      begin();
      converse();
      return reply(null);
    } catch (StoppedException e) {
      return reply(DiscreetListener.discreet(e.failure(), discretion));
    }
  }

  private AgentReply reply(@Nullable Failure failure) {
    Usage usage = spending.isCertain() ? spending.total() : null;
    return new AgentReply(discretion.apply(said), failure, usage, dialogue.session());
  }

  private void begin() {
    if (request.resumes().isPresent() && !dialogue.resume()) {
      String message = "nothing is kept of the session " + dialogue.session();
      throw new StoppedException(Failure.of(ErrorClass.SESSION_LOST, message));
    }
    dialogue.add(UserMessage.from(request.prompt()));
    // a session that has a name and holds nothing would be lost to whoever goes on with it
    dialogue.keep();
    listener.on(new AgentEvent.SessionStarted(dialogue.session()));
  }

  private void converse() throws InterruptedException {
    for (int turn = 1; turn <= agent.turns(); turn++) {
      desk.check();
      AiMessage answer = ask();
      dialogue.add(answer);
      dialogue.keep();
      said = answer.text() == null ? "" : answer.text();
      if (!answer.hasToolExecutionRequests()) {
        return;
      }
      for (ToolExecutionRequest call : answer.toolExecutionRequests()) {
        use(call);
      }
      dialogue.keep();
    }
    String message = "the model was asked %d times and is not done".formatted(agent.turns());
    throw new StoppedException(Failure.of(ErrorClass.LIMIT_REACHED, message));
  }

  // ------------------------------------------------------------------ asking the model

  /** Ask, with less of the conversation as long as it does not fit. */
  private AiMessage ask() throws InterruptedException {
    makeRoom();
    while (true) {
      try {
        return answer(request(spending.beforeCall(dialogue.messages())));
      } catch (StoppedException e) {
        if (e.failure().errorClass() != ErrorClass.CONTEXT_OVERFLOW) {
          throw e;
        }
        if (!compact()) {
          String message =
              e.failure().message() + " (even without what tools have answered before)";
          throw new StoppedException(Failure.of(ErrorClass.CONTEXT_OVERFLOW, message));
        }
      }
    }
  }

  /** Leave out what is old before the model has to say that it is too much. */
  private void makeRoom() {
    Long window = agent.contextWindow();
    if (window != null && spending.context() > FULL * window) {
      compact();
    }
  }

  /** {@return whether there was anything left to leave out} */
  private boolean compact() {
    List<ChatMessage> before = Compaction.view(dialogue.messages(), compacted);
    while (compacted < Compaction.MOST) {
      compacted++;
      if (!Compaction.view(dialogue.messages(), compacted).equals(before)) {
        return true;
      }
    }
    return false;
  }

  private ChatRequest request(OptionalInt longest) {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(SystemMessage.from(agent.instructions(request)));
    messages.addAll(Compaction.view(dialogue.messages(), compacted));
    List<ToolSpecification> offered = tools.values().stream().map(Tool::specification).toList();
    ChatRequest.Builder builder =
        ChatRequest.builder().messages(messages).toolSpecifications(offered);
    if (request.model() != null) {
      builder.modelName(request.model());
    }
    longest.ifPresent(builder::maxOutputTokens);
    return builder.build();
  }

  private AiMessage answer(ChatRequest asked) throws InterruptedException {
    ChatResponse response = hear(asked);
    AiMessage message = response.aiMessage();
    spending.called(TokenCounts.of(response.tokenUsage()), dialogue.messages().size() + 1);
    listener.on(new AgentEvent.UsageReported(spending.total()));
    if (spending.context() > 0) {
      listener.on(new AgentEvent.ContextFilled(spending.context(), agent.contextWindow()));
    }
    Optional<Failure> wrong =
        Troubles.of(response.finishReason(), message.hasToolExecutionRequests());
    if (wrong.isPresent()) {
      boolean limited = asked.maxOutputTokens() != null && agent.limitsAnswers(request);
      throw new StoppedException(limited ? spentOr(wrong.get(), response) : wrong.get());
    }
    return message;
  }

  /** An answer that was cut because no more of it could be paid is not the model's fault. */
  private static Failure spentOr(Failure wrong, ChatResponse response) {
    return response.finishReason() == FinishReason.LENGTH
        ? Failure.of(ErrorClass.BUDGET_EXCEEDED, "what was left was too little for the answer")
        : wrong;
  }

  /** Listen until the model is at its end, and pass on what it says. */
  private ChatResponse hear(ChatRequest asked) throws InterruptedException {
    boolean spoke = false;
    boolean thought = false;
    boolean over = false;
    boolean begun = false;
    desk.watch().listen();
    try (Voice.Call call = agent.voice().ask(asked, desk.mailbox())) {
      while (true) {
        Heard next = call.hear();
        desk.watch().sign();
        if (next instanceof Heard.Piece piece) {
          spoke = true;
          listener.on(new AgentEvent.Text(piece.text()));
        } else if (next instanceof Heard.Thought thinking) {
          thought = true;
          listener.on(new AgentEvent.Thinking(thinking.text()));
        } else if (next instanceof Heard.Answer answer) {
          over = true;
          tell(answer.response().aiMessage(), spoke, thought);
          return answer.response();
        } else if (next instanceof Heard.Broken broken) {
          // what was said before it broke off was paid for
          over = !begun && Troubles.cameToNothing(broken.cause());
          throw broken(broken.cause());
        }
        begun = true;
      }
    } finally {
      desk.watch().rest();
      if (!over) {
        spending.lost();
      }
    }
  }

  private StoppedException broken(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return new StoppedException(Troubles.of(cause, desk.time().instant(), ZoneId.systemDefault()));
  }

  /** A model that says all at once is heard like one that says it piece by piece. */
  private void tell(AiMessage message, boolean spoke, boolean thought) {
    if (!thought && message.thinking() != null && !message.thinking().isEmpty()) {
      listener.on(new AgentEvent.Thinking(message.thinking()));
    }
    if (!spoke && message.text() != null && !message.text().isEmpty()) {
      listener.on(new AgentEvent.Text(message.text()));
    }
  }

  // ------------------------------------------------------------------ using tools

  private void use(ToolExecutionRequest call) throws InterruptedException {
    desk.check();
    spending.usesTool();
    if (spending.total().toolCalls() > agent.toolCalls()) {
      String message = "the model used more than %d tools".formatted(agent.toolCalls());
      throw new StoppedException(Failure.of(ErrorClass.LIMIT_REACHED, message));
    }
    String id = call.id() == null ? "tool-" + spending.total().toolCalls() : call.id();
    Tool.Outcome outcome = outcome(call, id);
    String text = discretion.apply(Excerpt.of(outcome.text(), agent.outputLimit() + NOTES));
    listener.on(new AgentEvent.ToolResult(id, outcome.ok(), text));
    dialogue.add(ToolExecutionResultMessage.from(call, text.isEmpty() ? "[nothing]" : text));
  }

  private Tool.Outcome outcome(ToolExecutionRequest call, String id) throws InterruptedException {
    AgentEvent.ToolUse use =
        new AgentEvent.ToolUse(id, call.name(), Objects.requireNonNullElse(call.arguments(), ""));
    Tool tool = tools.get(call.name());
    try {
      if (tool == null) {
        listener.on(use);
        return Tool.Outcome.failed(
            "there is no tool `" + call.name() + "`; there are " + tools.keySet());
      }
      Arguments arguments = Arguments.read(use.input());
      PermissionRequest asking = new PermissionRequest(use.tool(), use.input());
      PermissionDecision decision =
          listener.permit(tool.isGranted(arguments) ? asking.grant() : asking);
      listener.on(use);
      desk.check();
      return decision.allowed()
          ? tool.use(arguments, desk)
          : Tool.Outcome.failed("not allowed: " + decision.reason());
    } catch (ToolFailure e) {
      return Tool.Outcome.failed(e.why());
    } catch (IOException | UncheckedIOException e) {
      return Tool.Outcome.failed("the file system would not: " + e.getMessage());
    }
  }
}
