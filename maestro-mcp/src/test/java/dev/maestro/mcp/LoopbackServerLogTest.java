package dev.maestro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.Maestro;
import dev.maestro.hosted.Hosted;
import dev.maestro.pipeline.PipelineFormat;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the log says of requests that are refused or fail: of what kind it was, and nothing of what
 * was shown or handed in, even where the JDK's server tells all it can.
 */
@Timeout(300)
class LoopbackServerLogTest {

  private static final String TOKEN = "canary-token-0123";
  private static final String SECRET = "canary-secret-4567";
  private static final String CALL =
      "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"%s\",\"params\":%s}";
  private static final String UNANSWERED = "A request could not be answered: java.lang.";

  // how long anything takes is no matter here; SlowConnectionsTest is about that
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final Logger jdk = Logger.getLogger("com.sun.net.httpserver");
  private final Traces traces = new Traces();
  private final Level level = jdk.getLevel();
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile RuntimeException fault;
  private Maestro maestro;
  private Hosted hosted;
  private LoopbackServer server;

  @BeforeEach
  void open() {
    jdk.setLevel(Level.ALL);
    jdk.addHandler(traces);
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    maestro =
        Maestro.builder()
            .store(failing(InMemoryStore.create()))
            .workspaces(DirectoryWorkspaces.at(directory))
            .discoverNothing()
            .build();
    hosted = Hosted.over(maestro).pipeline(PipelineFormat.YAML.read(Workflows.TDD)).build();
    server = LoopbackServer.of(hosted).host(Actor.of("ann"), TOKEN).limit(PATIENCE).start();
  }

  @AfterEach
  void close() {
    fault = null;
    server.close();
    hosted.close();
    maestro.close();
    System.setErr(err);
    jdk.removeHandler(traces);
    jdk.setLevel(level);
  }

  /** All that the JDK's server says of itself. */
  private static final class Traces extends Handler {

    private final SimpleFormatter format = new SimpleFormatter();
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    Traces() {
      setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord record) {
      told.add(format.format(record));
    }

    @Override
    public void flush() {
      // there is nothing in between
    }

    @Override
    public void close() {
      // there is nothing to let go of
    }
  }

  /**
   * {@return stores that throw {@link #fault}, while there is one, when they are asked for a run}
   */
  private StoreSource failing(StoreSource source) {
    return (InstantSource time) -> {
      Store store = source.open(time);
      return (Store)
          Proxy.newProxyInstance(
              Store.class.getClassLoader(),
              new Class<?>[] {Store.class},
              (proxy, method, arguments) -> {
                RuntimeException now = fault;
                if (now != null && method.getName().equals("index")) {
                  throw now;
                }
                try {
                  return method.invoke(store, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }

  private HttpRequest.Builder request() {
    return HttpRequest.newBuilder(server.uri()).header("X-Note", SECRET);
  }

  private HttpRequest.Builder shown() {
    return request().header("Authorization", "Bearer " + TOKEN);
  }

  private static HttpRequest posted(HttpRequest.Builder request, String body) {
    return request.POST(BodyPublishers.ofString(body)).build();
  }

  private HttpResponse<String> ask(String method, String parameters) throws Exception {
    return http.send(posted(shown(), CALL.formatted(method, parameters)), BodyHandlers.ofString());
  }

  private String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  /** {@return what the threads of the server logged: nobody else's last words are of interest} */
  private List<String> lines() {
    return log().lines().filter(line -> line.startsWith("[maestro-mcp-")).toList();
  }

  private void assertFreeOfWhatWasSaid() {
    assertThat(log()).doesNotContain(TOKEN, SECRET);
    assertThat(traces.told).isNotEmpty().noneMatch(line -> line.contains(TOKEN));
    assertThat(traces.told).noneMatch(line -> line.contains(SECRET));
  }

  @Test
  void whoIsTurnedAwayIsToldSoAndLoggedNowhere() throws Exception {
    String body = CALL.formatted("tools/list", "{\"note\":\"" + SECRET + "\"}");
    URI other = server.uri().resolve("/other");
    List<HttpRequest> refused =
        List.of(
            posted(request(), body),
            posted(request().header("Authorization", "Bearer " + TOKEN + "x"), body),
            posted(request().header("Authorization", "Basic " + TOKEN), body),
            posted(shown().header("Origin", "http://" + SECRET + ".example"), body),
            posted(shown().header("MCP-Protocol-Version", SECRET), body),
            posted(shown().uri(other), body),
            posted(shown(), "no JSON but " + SECRET),
            posted(shown(), SECRET.repeat(LoopbackServer.LARGEST_REQUEST / SECRET.length() + 1)),
            shown().GET().build());

    for (HttpRequest request : refused) {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(request.toString()).isBetween(400, 499);
      assertThat(response.body()).contains("error").doesNotContain(TOKEN, SECRET);
    }

    assertThat(lines()).isEmpty();
    assertFreeOfWhatWasSaid();
  }

  @Test
  void whatNobodyCanMakeAnythingOfIsLoggedByItsKindAlone() throws Exception {
    String secret = "\"" + SECRET + "\"";
    List<List<String>> requests =
        List.of(
            List.of("tools/call", secret),
            List.of("tools/call", "{\"name\":\"status\",\"arguments\":" + secret + "}"),
            List.of("tools/call", "{\"name\":[" + secret + "]}"),
            List.of("initialize", secret),
            List.of("initialize", "{\"clientInfo\":" + secret + "}"));

    for (List<String> request : requests) {
      HttpResponse<String> response = ask(request.get(0), request.get(1));
      assertThat(response.body())
          .as(request.toString())
          .contains("cannot be answered", "\"id\":3")
          .doesNotContain(SECRET);
    }

    assertThat(lines())
        .hasSize(requests.size())
        .allMatch(line -> line.contains("WARN") && line.contains(UNANSWERED));
    assertFreeOfWhatWasSaid();
  }

  @Test
  void whatIsOnlyToldIsTakenAndLoggedNowhere() throws Exception {
    String told =
        new JsonMapper().createObjectNode().put("jsonrpc", "2.0").put("method", SECRET).toString();

    HttpResponse<String> response = http.send(posted(shown(), told), BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(202);
    assertThat(lines()).isEmpty();
    assertFreeOfWhatWasSaid();
  }

  private HttpResponse<String> start() throws Exception {
    String task = "\"task\":\"" + SECRET + "\"";
    return ask(
        "tools/call", "{\"name\":\"start_run\",\"arguments\":{\"workflow\":\"tdd\"," + task + "}}");
  }

  @Test
  void aToolThatFailsIsLoggedWithWhy() throws Exception {
    fault = new StoreException("the disk is full", null);

    assertThat(start().body()).contains("Refused (failed)", "the disk is full");

    assertThat(log()).contains("WARN", "The tool start_run failed", "the disk is full");
    assertFreeOfWhatWasSaid();
  }

  @Test
  void aToolThatBreaksIsLoggedByTheKindOfItsError() throws Exception {
    fault = new IllegalStateException("nobody keeps " + SECRET);

    assertThat(start().body()).contains("Refused (failed)").doesNotContain(SECRET);

    assertThat(log()).contains("WARN", "The tool start_run broke", "IllegalStateException");
    assertFreeOfWhatWasSaid();
  }
}
