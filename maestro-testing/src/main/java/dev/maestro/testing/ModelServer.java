package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.maestro.failure.TransientException;
import dev.maestro.process.Deadline;
import dev.maestro.process.Threads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A model that says what a test has written down, for real agents and chat models that reach it
 * over HTTP on loopback.
 *
 * <pre>{@code
 * try (ModelServer server =
 *     ModelServer.builder()
 *         .on("rate limiter", ModelTurn.calls(ModelCall.writes("A.java", "…")), ModelTurn.says("done"))
 *         .start()) {
 *   // point an agent to server.baseUrl(), with any key
 * }
 * }</pre>
 *
 * <p>Only what a model would say is made up; everything up to the socket is real. It speaks the
 * protocols of {@link ModelWire}. A conversation is told by its words: {@link Builder#on}. A
 * request that offers no tools is a side call, for a title or the like, and is answered with
 * harmless words, unless {@link Builder#withoutTools} says otherwise. What the script has no answer
 * to fails with status 400 and says so.
 *
 * <p>Safe for use by any number of threads.
 */
public final class ModelServer implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Set<String> SECRET =
      Set.of(
          "authorization",
          "proxy-authorization",
          "x-api-key",
          "api-key",
          "x-goog-api-key",
          "cookie");

  private final ModelScript script;
  private final HttpServer server;
  private final ExecutorService threads;
  private final CountDownLatch closed = new CountDownLatch(1);
  // guarded by this
  private final List<ModelRequest> requests = new ArrayList<>();
  // guarded by this
  private final List<String> others = new ArrayList<>();
  // guarded by this
  private int given;
  // guarded by this
  private int aborted;

  private ModelServer(ModelScript script) {
    this.script = script;
    threads = Executors.newCachedThreadPool(Threads.factory("maestro-model"));
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      threads.shutdownNow();
      throw new TransientException("a model server cannot listen on loopback", e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** {@return a builder of a server that has nothing to say yet} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return where it listens, such as {@code http://127.0.0.1:4711}; Gemini's base} */
  public URI uri() {
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /** {@return what clients of OpenAI and Anthropic call their base URL: {@code …/v1}} */
  public String baseUrl() {
    return uri() + "/v1";
  }

  /** {@return every call of the model so far, in order} */
  public synchronized List<ModelRequest> requests() {
    return List.copyOf(requests);
  }

  /** {@return what else was asked for so far, such as {@code GET /v1/models}} */
  public synchronized List<String> others() {
    return List.copyOf(others);
  }

  /**
   * Wait, in real time, until so many calls of the model have arrived.
   *
   * @return the last of them
   * @throws IllegalStateException when they have not within the patience
   */
  public synchronized ModelRequest awaitRequest(int number, Duration patience)
      throws InterruptedException {
    await(() -> requests.size() >= number, patience, number + " requests");
    return requests.get(number - 1);
  }

  /**
   * Wait, in real time, until clients have gone away from so many answers that were hanging or
   * still being sent.
   *
   * @throws IllegalStateException when they have not within the patience
   */
  public synchronized void awaitAborts(int number, Duration patience) throws InterruptedException {
    await(() -> aborted >= number, patience, number + " aborted requests");
  }

  private void await(BooleanSupplier there, Duration patience, String what)
      throws InterruptedException {
    Deadline deadline = Deadline.in(patience);
    while (!there.getAsBoolean()) {
      long nanos = deadline.nanosToWait();
      if (nanos == 0) {
        throw new IllegalStateException("there were not %s within %s".formatted(what, patience));
      }
      TimeUnit.NANOSECONDS.timedWait(this, nanos);
    }
  }

  /** End every connection and thread; what hangs is lost. */
  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
    Deadline deadline = Deadline.in(PATIENCE);
    boolean interrupted =
        deadline.waitWhile(
            () -> !threads.isTerminated(),
            nanos -> threads.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  // ------------------------------------------------------------------ one request

  private void handle(HttpExchange exchange) throws IOException {
    byte[] sent = exchange.getRequestBody().readAllBytes();
    String path = exchange.getRequestURI().getPath();
    Optional<ModelProtocol> protocol = ModelProtocol.of(path);
    ModelDelivery delivery = new ModelDelivery(exchange, closed);
    if (protocol.isEmpty() || !exchange.getRequestMethod().equals("POST")) {
      other(exchange.getRequestMethod() + " " + path, delivery);
      return;
    }
    try {
      String body = new String(sent, StandardCharsets.UTF_8);
      answer(exchange, protocol.get(), body, delivery);
    } catch (JsonProcessingException | ModelAnswer.UnscriptedException e) {
      delivery.refuse(400, String.valueOf(e.getMessage()));
    } catch (ModelDelivery.DroppedException e) {
      throw e;
    } catch (IOException e) {
      abort();
      throw e;
    } catch (InterruptedException e) {
      // closed: this thread ends with the connection
      Thread.currentThread().interrupt();
      throw new IOException("the server is closed", e);
    }
  }

  private void answer(
      HttpExchange exchange, ModelProtocol protocol, String body, ModelDelivery delivery)
      throws IOException, InterruptedException {
    ModelRequest.Asked asked = asked(exchange, protocol, body);
    ModelTurn turn =
        script
            .next(asked.request())
            .orElseThrow(
                () ->
                    new ModelAnswer.UnscriptedException(
                        "no part of it is about this conversation", asked.request()));
    delivery.send(turn, protocol, asked);
  }

  private ModelRequest.Asked asked(HttpExchange exchange, ModelProtocol protocol, String body)
      throws JsonProcessingException {
    String path = exchange.getRequestURI().getPath();
    ModelProtocol.Reading reading = protocol.read(path, JSON.readTree(body));
    synchronized (this) {
      ModelRequest request =
          new ModelRequest(
              ++given,
              protocol.wire(),
              path,
              headers(exchange),
              reading.model(),
              reading.streams(),
              reading.messages(),
              List.copyOf(reading.tools().keySet()),
              body);
      requests.add(request);
      notifyAll();
      return new ModelRequest.Asked(request, reading.tools(), reading.shape());
    }
  }

  private static Map<String, String> headers(HttpExchange exchange) {
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              String key = name.toLowerCase(Locale.ROOT);
              headers.put(key, SECRET.contains(key) ? "***" : String.join(", ", values));
            });
    return headers;
  }

  private synchronized void abort() {
    aborted++;
    notifyAll();
  }

  private void other(String what, ModelDelivery delivery) throws IOException {
    synchronized (this) {
      others.add(what);
    }
    if (what.endsWith(":countTokens")) {
      delivery.json(200, "{\"totalTokens\":100}");
    } else if (what.startsWith("GET ") && what.endsWith("/models")) {
      delivery.json(200, "{\"object\":\"list\",\"data\":[],\"models\":[]}");
    } else {
      delivery.refuse(404, "a model server has nothing at " + what);
    }
  }

  /**
   * Writes the script of a {@link ModelServer}.
   *
   * <p>Without {@link #otherwise}, a conversation that no part is about is refused with status 400.
   */
  public static final class Builder {

    private final List<ModelScript.Part> parts = new ArrayList<>();
    private List<ModelTurn> otherwise = List.of();
    private @Nullable ModelTurn toolless = ModelTurn.says("A title").uses(0, 0, 0);

    private Builder() {}

    /**
     * Write down what is answered where the user, or whoever set the conversation up, has said
     * these words: a turn for each call of the model since then; the last one stays.
     *
     * <p>Of several parts the one counts whose words the user said last, among equals the first. A
     * turn that is no answer, such as an error or a cut stream, is had once by whoever asks, and
     * the request that is sent again gets the next.
     */
    public Builder on(String words, ModelTurn first, ModelTurn... then) {
      if (words.isBlank()) {
        throw new IllegalArgumentException("a conversation is told by some words");
      }
      parts.add(new ModelScript.Part(words, turns(first, then)));
      return this;
    }

    /** Write down what is answered in every other conversation, counted from its last prompt. */
    public Builder otherwise(ModelTurn first, ModelTurn... then) {
      otherwise = turns(first, then);
      return this;
    }

    private static List<ModelTurn> turns(ModelTurn first, ModelTurn... then) {
      List<ModelTurn> turns = new ArrayList<>(List.of(first));
      turns.addAll(List.of(then));
      return List.copyOf(turns);
    }

    /** Set what is answered to requests that offer no tools. */
    public Builder sideCalls(ModelTurn turn) {
      toolless = Objects.requireNonNull(turn, "turn");
      return this;
    }

    /** Take requests that offer no tools for conversations as others are. */
    public Builder withoutTools() {
      toolless = null;
      return this;
    }

    /** {@return the server, which listens on a free port of loopback} */
    public ModelServer start() {
      return new ModelServer(new ModelScript(parts, otherwise, toolless));
    }
  }
}
