package dev.maestro.mcp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.maestro.task.Actor;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.server.McpStatelessServerHandler;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.ErrorCodes;
import io.modelcontextprotocol.spec.McpSchema.InitializeRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpStatelessServerTransport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Answers MCP over HTTP, each request by itself: nothing is remembered between two. */
final class HttpTransport implements McpStatelessServerTransport, HttpHandler {

  /** Under what the handlers find whose token was shown. */
  static final String ACTOR = "actor";

  private static final Logger LOG = LoggerFactory.getLogger(HttpTransport.class);
  private static final String JSON = "application/json";
  private static final String VERSION = "MCP-Protocol-Version";

  private final McpJsonMapper mapper;
  private final Entrance entrance;
  private final Punctual punctual;
  private volatile @Nullable McpStatelessServerHandler handler;
  private volatile boolean closed;

  HttpTransport(McpJsonMapper mapper, Entrance entrance, Punctual punctual) {
    this.mapper = mapper;
    this.entrance = entrance;
    this.punctual = punctual;
  }

  @Override
  public void setMcpHandler(McpStatelessServerHandler mcpHandler) {
    handler = mcpHandler;
  }

  @Override
  public Mono<Void> closeGracefully() {
    return Mono.fromRunnable(() -> closed = true);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(exchange);
    } catch (RuntimeException e) {
      LOG.warn("A request could not be answered: {}", e.getClass().getName());
      throw e;
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    McpStatelessServerHandler now = handler;
    if (closed || now == null) {
      say(exchange, 503, "the server is being stopped");
    } else if (!entrance.admitsOrigin(exchange.getRequestHeaders())) {
      say(exchange, 403, "this origin is not allowed");
    } else if (!exchange.getRequestURI().getPath().equals(LoopbackServer.PATH)) {
      say(exchange, 404, "there is only " + LoopbackServer.PATH);
    } else {
      answer(exchange, now);
    }
  }

  private void answer(HttpExchange exchange, McpStatelessServerHandler now) throws IOException {
    Actor actor = entrance.whoseToken(exchange.getRequestHeaders());
    if (actor == null) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      say(exchange, 401, "show the token of a host");
    } else if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      say(exchange, 405, "requests are posted");
    } else if (!speaksOurVersion(exchange)) {
      say(exchange, 400, VERSION + " is one of " + protocolVersions());
    } else {
      byte[] body = exchange.getRequestBody().readNBytes(LoopbackServer.LARGEST_REQUEST + 1);
      if (body.length > LoopbackServer.LARGEST_REQUEST) {
        say(exchange, 413, "a request has at most " + LoopbackServer.LARGEST_REQUEST + " bytes");
      } else {
        answer(exchange, now, actor, body);
      }
    }
  }

  /** A program that says nothing of its version is taken at its word when it asks. */
  private boolean speaksOurVersion(HttpExchange exchange) {
    String version = exchange.getRequestHeaders().getFirst(VERSION);
    return version == null || protocolVersions().contains(version.strip());
  }

  private void answer(
      HttpExchange exchange, McpStatelessServerHandler now, Actor actor, byte[] body)
      throws IOException {
    JSONRPCMessage message;
    try {
      String text = new String(body, StandardCharsets.UTF_8);
      message = McpSchema.deserializeJsonRpcMessage(mapper, text);
    } catch (IOException | RuntimeException e) {
      say(exchange, 400, "the body is one JSON-RPC message");
      return;
    }
    McpTransportContext context = McpTransportContext.create(Map.of(ACTOR, actor));
    if (message instanceof JSONRPCRequest request) {
      send(exchange, 200, mapper.writeValueAsBytes(response(now, context, request)));
    } else if (message instanceof JSONRPCNotification) {
      // nothing is remembered between two requests, so nothing here wants to know
      exchange.sendResponseHeaders(202, -1);
    } else {
      say(exchange, 400, "nothing was asked that could be answered");
    }
  }

  /** A request is answered even if whoever handles it cannot make anything of it. */
  private JSONRPCResponse response(
      McpStatelessServerHandler now, McpTransportContext context, JSONRPCRequest request) {
    try {
      requireReadable(request);
      JSONRPCResponse response = unhurried(now.handleRequest(context, request), context);
      return response == null ? broken(request) : response;
    } catch (RuntimeException e) {
      // what it says may quote what was handed in
      LOG.warn("A request could not be answered: {}", e.getClass().getName());
      return broken(request);
    }
  }

  /** What the SDK itself finds unreadable, there alone, it logs with all that was handed in. */
  private void requireReadable(JSONRPCRequest request) {
    if (request.method().equals(McpSchema.METHOD_INITIALIZE)) {
      mapper.convertValue(request.params(), InitializeRequest.class);
    }
  }

  private static JSONRPCResponse broken(JSONRPCRequest request) {
    String why = "'" + request.method() + "' cannot be answered; are its parameters there?";
    return JSONRPCResponse.error(
        request.id(), new JSONRPCResponse.JSONRPCError(ErrorCodes.INTERNAL_ERROR, why));
  }

  /** Gates may run meanwhile, for as long as the host is patient. */
  private <T> @Nullable T unhurried(Mono<T> answer, McpTransportContext context) {
    punctual.pause();
    try {
      return answer.contextWrite(all -> all.put(McpTransportContext.KEY, context)).block();
    } finally {
      punctual.resume();
    }
  }

  private void say(HttpExchange exchange, int status, String why) throws IOException {
    send(exchange, status, mapper.writeValueAsBytes(Map.of("error", why)));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", JSON);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
