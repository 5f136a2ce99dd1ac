package dev.maestro.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Sends one answer in the way that its turn says, be it right or wrong. */
final class ModelDelivery {

  private static final String JSON = "application/json";
  private static final String STREAM = "text/event-stream";
  private static final long BEAT_MILLIS = 20;

  private final HttpExchange exchange;
  private final CountDownLatch closed;

  /** Answer this request, until the latch says that the server is closed. */
  ModelDelivery(HttpExchange exchange, CountDownLatch closed) {
    this.exchange = exchange;
    this.closed = closed;
  }

  /**
   * Send the answer of a turn.
   *
   * @throws IOException when the client is gone, or the turn loses the connection
   */
  void send(ModelTurn turn, ModelProtocol protocol, ModelRequest.Asked asked)
      throws IOException, InterruptedException {
    CountDownLatch after = turn.pace().after();
    if (after != null) {
      after.await();
    }
    turn.wrong().headers().forEach(exchange.getResponseHeaders()::set);
    if (turn.pace().hangs()) {
      hang(turn, protocol, asked);
    } else if (turn.wrong().trouble() != null) {
      ModelProtocol.Telling telling = protocol.tell(turn.wrong().trouble());
      json(telling.status(), ModelCall.text(telling.body()));
    } else if (turn.wrong().body() != null) {
      json(turn.wrong().status(), turn.wrong().body());
    } else if (asked.request().streams()) {
      stream(turn, protocol.stream(ModelAnswer.of(turn, asked)));
    } else {
      byte[] all = bytes(ModelCall.text(protocol.whole(ModelAnswer.of(turn, asked))));
      body(200, JSON, cut(turn, List.of(all)), turn.wrong().drops());
    }
  }

  private void stream(ModelTurn turn, List<ModelProtocol.ServerEvent> events) throws IOException {
    List<byte[]> pieces = events.stream().map(event -> bytes(event.text())).toList();
    body(200, STREAM, cut(turn, pieces), turn.wrong().drops());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<byte[]> cut(ModelTurn turn, List<byte[]> pieces) {
    Integer limit = turn.wrong().cutAfter();
    return limit == null ? pieces : first(limit, pieces);
  }

  private static List<byte[]> first(int limit, List<byte[]> pieces) {
    int left = limit;
    List<byte[]> kept = new ArrayList<>();
    for (byte[] piece : pieces) {
      int length = Math.min(left, piece.length);
      kept.add(Arrays.copyOf(piece, length));
      left -= length;
    }
    return kept;
  }

  /** Send in pieces, without telling the length before, as services do. */
  private void body(int status, String type, List<byte[]> pieces, boolean drops)
      throws IOException {
    exchange.getResponseHeaders().set("content-type", type);
    exchange.sendResponseHeaders(status, 0);
    OutputStream out = exchange.getResponseBody();
    for (byte[] piece : pieces) {
      out.write(piece);
    }
    out.flush();
    if (drops) {
      throw new DroppedException();
    }
    out.close();
  }

  /** The server ends a connection whose handler throws, without a proper end of the answer. */
  static final class DroppedException extends IOException {

    private static final long serialVersionUID = 1L;

    DroppedException() {
      super("the turn loses the connection here");
    }
  }

  /** Say the words of a stream, and go on with what means nothing, which tells who has gone. */
  private void hang(ModelTurn turn, ModelProtocol protocol, ModelRequest.Asked asked)
      throws IOException, InterruptedException {
    boolean streams = asked.request().streams();
    ModelAnswer answer = ModelAnswer.of(turn.withoutFinish(), asked);
    exchange.getResponseHeaders().set("content-type", streams ? STREAM : JSON);
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    if (streams) {
      for (ModelProtocol.ServerEvent event : unfinished(protocol.stream(answer))) {
        out.write(bytes(event.text()));
      }
    }
    byte[] beat = bytes(streams ? ": \n\n" : " ");
    do {
      out.write(beat);
      out.flush();
    } while (!closed.await(BEAT_MILLIS, TimeUnit.MILLISECONDS));
    throw new DroppedException();
  }

  /** What says that it is all is not said. */
  private static List<ModelProtocol.ServerEvent> unfinished(
      List<ModelProtocol.ServerEvent> events) {
    return events.stream().filter(event -> !event.data().equals("[DONE]")).toList();
  }

  /** Answer with JSON. */
  void json(int status, String body) throws IOException {
    byte[] bytes = bytes(body);
    exchange.getResponseHeaders().set("content-type", JSON);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /** Say that nothing can be said. */
  void refuse(int status, String why) throws IOException {
    ObjectNode body = ModelProtocol.object();
    body.putObject("error").put("message", why).put("type", "invalid_request_error");
    json(status, ModelCall.text(body));
  }
}
