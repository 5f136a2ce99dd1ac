package dev.maestro.providers.acp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.providers.Account;
import dev.maestro.providers.Dialogue;
import dev.maestro.providers.JsonReading;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One launch of an agent that speaks the Agent Client Protocol: greeted, given a session, told its
 * mode and model, asked for one turn, and let go.
 *
 * <p>One request is open at a time, so a response that is to no open request is passed over. What
 * is told before the turn has begun, such as the history of a session that is loaded, is no event
 * of this launch.
 */
final class AcpDialogue extends JsonReading implements Dialogue {

  private static final int PROTOCOL = 1;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** What is waited for. */
  private enum Stage {
    GREETING,
    SESSION,
    MODE,
    MODEL,
    TURN,
    OVER
  }

  private final AcpLaunch launch;
  private final ToolCalls tools;
  private final AcpUsage usage;
  private JsonNode offers = NullNode.getInstance();
  private String session = "";
  private boolean modeIsSet;
  private boolean modelIsSet;
  private int asked;
  // what an end of the turn would be about, as the agent has not gone on since
  private @Nullable Failure trouble;

  private volatile Stage stage = Stage.GREETING;
  private volatile @Nullable Partner partner;

  // guarded by lock
  private final Object lock = new Object();
  private boolean stopping;
  private boolean atWork;

  AcpDialogue(AcpLaunch launch) {
    this.launch = launch;
    tools = new ToolCalls(launch.asks());
    usage = new AcpUsage(launch.counting());
  }

  // ------------------------------------------------------------------ what is said

  @Override
  public void open(Partner other) {
    partner = other;
    ObjectNode files = JSON.objectNode().put("readTextFile", false).put("writeTextFile", false);
    ObjectNode abilities = JSON.objectNode();
    abilities.set("fs", files);
    abilities.put("terminal", false);
    ObjectNode greeting = JSON.objectNode().put("protocolVersion", PROTOCOL);
    greeting.set("clientCapabilities", abilities);
    greeting.set("clientInfo", JSON.objectNode().put("name", "maestro").put("version", "1"));
    ask(Stage.GREETING, "initialize", greeting);
  }

  @Override
  public void stop() {
    synchronized (lock) {
      boolean first = !stopping;
      stopping = true;
      if (first && atWork) {
        ObjectNode cancel = message("session/cancel");
        cancel.set("params", JSON.objectNode().put("sessionId", session));
        say(cancel);
      }
    }
  }

  @Override
  public boolean isOver() {
    return stage == Stage.OVER;
  }

  private void ask(Stage next, String method, ObjectNode params) {
    stage = next;
    ObjectNode request = message(method);
    request.put("id", ++asked);
    request.set("params", params);
    say(request);
  }

  private static ObjectNode message(String method) {
    return JSON.objectNode().put("jsonrpc", "2.0").put("method", method);
  }

  private void answer(JsonNode id, String field, JsonNode value) {
    ObjectNode response = JSON.objectNode().put("jsonrpc", "2.0");
    response.set("id", id);
    response.set(field, value);
    say(response);
  }

  private void say(ObjectNode message) {
    partner().say(message.toString());
  }

  private Partner partner() {
    return Objects.requireNonNull(partner, "nobody has begun to talk");
  }

  // ------------------------------------------------------------------ what is heard

  @Override
  protected void event(JsonNode message, Account account) {
    if (stage == Stage.OVER || partner == null) {
      return;
    }
    String method = text(message, "method");
    JsonNode id = message.path("id");
    if (!method.isEmpty() && (id.isNumber() || id.isTextual())) {
      request(method, id, message.path("params"), account);
    } else if (method.equals("session/update")) {
      update(message.path("params"), account);
    } else if (method.isEmpty() && id.isInt() && id.intValue() == asked) {
      response(message, account);
    }
  }

  /** The end is an answer of its own; what is cut off is what a program says that is let go. */
  @Override
  protected void torn(Account account) {}

  private void response(JsonNode message, Account account) {
    JsonNode error = message.path("error");
    if (error.isObject()) {
      failed(error, account);
      return;
    }
    JsonNode result = message.path("result");
    switch (stage) {
      case GREETING -> greeted(result, account);
      case SESSION -> begun(result, account);
      case MODE, MODEL -> prepare(account);
      case TURN -> ended(result, account);
      case OVER -> {
        // nothing is waited for
      }
    }
  }

  private void greeted(JsonNode result, Account account) {
    long version = number(result, "protocolVersion");
    if (version != 0 && version != PROTOCOL) {
      String message = "it speaks version %d of the protocol, not %d".formatted(version, PROTOCOL);
      fail(Failure.of(ErrorClass.PERMANENT, message), account);
      return;
    }
    ObjectNode params = JSON.objectNode().put("cwd", launch.directory().toString());
    params.set("mcpServers", JSON.arrayNode());
    JsonNode abilities = result.path("agentCapabilities");
    Optional<String> old = launch.session();
    if (old.isEmpty()) {
      ask(Stage.SESSION, "session/new", params);
    } else if (abilities.path("loadSession").booleanValue()) {
      ask(Stage.SESSION, "session/load", params.put("sessionId", old.get()));
    } else if (abilities.path("sessionCapabilities").path("resume").isObject()) {
      ask(Stage.SESSION, "session/resume", params.put("sessionId", old.get()));
    } else {
      fail(Failure.of(ErrorClass.SESSION_LOST, "it cannot go on with a session"), account);
    }
  }

  private void begun(JsonNode result, Account account) {
    session = launch.session().orElse(text(result, "sessionId"));
    if (session.isBlank()) {
      fail(Failure.of(ErrorClass.TRANSIENT, "it began a session without a name"), account);
      return;
    }
    account.named(session);
    offers = result;
    prepare(account);
  }

  /** Say what is still to be said before the turn: how it has to ask, and who answers. */
  private void prepare(Account account) {
    if (!modeIsSet && launch.mode().isPresent()) {
      modeIsSet = true;
      ObjectNode params = inSession().put("modeId", launch.mode().get());
      ask(Stage.MODE, "session/set_mode", params);
    } else if (!modelIsSet && launch.model().isPresent()) {
      modelIsSet = true;
      choose(launch.model().get(), account);
    } else {
      begin();
    }
  }

  private void choose(String model, Account account) {
    for (JsonNode option : offers.path("configOptions")) {
      if (text(option, "category").equals("model") || text(option, "id").equals("model")) {
        ObjectNode params = inSession().put("configId", text(option, "id")).put("value", model);
        ask(Stage.MODEL, "session/set_config_option", params);
        return;
      }
    }
    if (offers.path("models").isObject()) {
      ask(Stage.MODEL, "session/set_model", inSession().put("modelId", model));
    } else {
      String message = "it does not let anyone choose its model; `" + model + "` was asked for";
      fail(Failure.of(ErrorClass.PERMANENT, message), account);
    }
  }

  private ObjectNode inSession() {
    return JSON.objectNode().put("sessionId", session);
  }

  /** Hand the prompt over, unless it is to stop anyway. */
  private void begin() {
    ObjectNode words = JSON.objectNode().put("type", "text").put("text", launch.prompt());
    ObjectNode params = inSession();
    params.set("prompt", JSON.arrayNode().add(words));
    synchronized (lock) {
      if (!stopping) {
        atWork = true;
        ask(Stage.TURN, "session/prompt", params);
      }
    }
  }

  // ------------------------------------------------------------------ the turn

  private void update(JsonNode params, Account account) {
    JsonNode update = params.path("update");
    if (stage != Stage.TURN || !text(params, "sessionId").equals(session)) {
      return;
    }
    switch (text(update, "sessionUpdate")) {
      case "agent_message_chunk" -> {
        said(text(update.path("content"), "text"), account);
        usage.piece(update, account);
      }
      case "agent_thought_chunk" -> account.thought(text(update.path("content"), "text"));
      case "tool_call", "tool_call_update" -> used(tools.told(update, account));
      case "usage_update" -> account.filled(number(update, "used"), number(update, "size"));
      default -> {
        // plans, lists of commands and the like
      }
    }
  }

  private void said(String words, Account account) {
    if (!words.isBlank()) {
      trouble = null;
    }
    account.said(words);
  }

  private void used(ToolCall call) {
    boolean refused = trouble != null && trouble.errorClass() == ErrorClass.REFUSED;
    if (call.isOver() && !refused) {
      String message = "its turn ended where %s failed".formatted(call.tool());
      trouble = call.wentWell() ? null : Failure.of(ErrorClass.TRANSIENT, message);
    }
  }

  private void request(String method, JsonNode id, JsonNode params, Account account) {
    if (method.equals("session/request_permission") && stage == Stage.TURN) {
      ObjectNode result = JSON.objectNode();
      result.set("outcome", permission(params, account));
      answer(id, "result", result);
    } else {
      ObjectNode error = JSON.objectNode().put("code", METHOD_NOT_FOUND);
      answer(id, "error", error.put("message", "there is no such method: " + method));
    }
  }

  private ObjectNode permission(JsonNode params, Account account) {
    ToolCall call = tools.asked(params.path("toolCall"));
    if (isStopping()) {
      return Options.cancelled();
    }
    PermissionRequest request = new PermissionRequest(call.tool(), call.input());
    boolean granted = launch.grants(call);
    PermissionDecision decision = partner().permit(granted ? request.grant() : request);
    tools.uses(call, account);
    if (isStopping()) {
      return Options.cancelled();
    }
    Optional<ObjectNode> yes = Options.once(params.path("options"));
    if (decision.allowed() && yes.isPresent()) {
      trouble = null;
      return yes.get();
    }
    String why = decision.allowed() ? "it offers no permission for one time" : decision.reason();
    trouble = Failure.of(ErrorClass.REFUSED, "it may not use %s: %s".formatted(call.tool(), why));
    return Options.no(params.path("options"));
  }

  private boolean isStopping() {
    synchronized (lock) {
      return stopping;
    }
  }

  private void ended(JsonNode result, Account account) {
    tools.end(account);
    String reason = text(result, "stopReason");
    if (!reason.equals("cancelled")) {
      usage.turn(result, account);
    }
    if (!reason.equals("end_turn")) {
      fail(stopped(reason), account);
    } else if (trouble != null) {
      // Some end their turn where they are refused something, as if that were their answer.
      fail(trouble, account);
    } else {
      account.completed();
      over();
    }
  }

  private Failure stopped(String reason) {
    return switch (reason) {
      case "cancelled" ->
          isStopping()
              ? Failure.of(ErrorClass.CANCELLED, "cancelled")
              : Failure.of(ErrorClass.TRANSIENT, "it was cancelled, though not from here");
      case "refusal" -> Failure.of(ErrorClass.REFUSED, "the agent refused to go on");
      case "max_turn_requests" ->
          Failure.of(ErrorClass.LIMIT_REACHED, "it reached its most calls of the model");
      case "max_tokens" ->
          Failure.of(ErrorClass.TRANSIENT, "its answer became too long and was cut off");
      default ->
          Failure.of(
              ErrorClass.TRANSIENT,
              reason.isEmpty() ? "its turn ended without a reason" : "its turn ended: " + reason);
    };
  }

  // ------------------------------------------------------------------ the end

  /**
   * What goes wrong while an old session is opened loses the session, unless it tells better; what
   * it does not know it will not know next time.
   */
  private void failed(JsonNode error, Account account) {
    tools.end(account);
    if (isStopping()) {
      fail(Failure.of(ErrorClass.CANCELLED, "cancelled"), account);
    } else {
      boolean opensOld = stage == Stage.SESSION && launch.session().isPresent();
      boolean unknown = error.path("code").intValue() == METHOD_NOT_FOUND;
      ErrorClass otherwise = unknown ? ErrorClass.PERMANENT : ErrorClass.TRANSIENT;
      account.failed(AcpErrors.signs(error), opensOld ? ErrorClass.SESSION_LOST : otherwise);
      over();
    }
  }

  private void fail(Failure failure, Account account) {
    account.failed(failure);
    over();
  }

  private void over() {
    stage = Stage.OVER;
    partner().letGo();
  }
}
