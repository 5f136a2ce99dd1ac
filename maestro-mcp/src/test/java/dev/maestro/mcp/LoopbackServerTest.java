package dev.maestro.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.maestro.Maestro;
import dev.maestro.hosted.Hosted;
import dev.maestro.pipeline.PipelineFormat;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.workspace.DirectoryWorkspaces;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several agents of this machine on one server, with the SDK's client and without it. */
@Timeout(300)
class LoopbackServerTest {

  private static final String ANN = "ann-has-this-token";
  private static final String BEN = "ben-has-this-token";
  private static final String LIST =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{}}";

  // how long anything takes is no matter here; SlowConnectionsTest is about that
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
  private Maestro maestro;
  private Hosted hosted;
  private LoopbackServer server;

  @BeforeEach
  void open() {
    maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .discoverNothing()
            .build();
    hosted =
        Hosted.over(maestro)
            .pipeline(PipelineFormat.YAML.read(Workflows.TDD))
            .patience(PATIENCE)
            .build();
    server =
        LoopbackServer.of(hosted)
            .host(Actor.of("ann"), ANN)
            .host(Actor.of("ben"), BEN)
            .origin("http://localhost:6274")
            .limit(PATIENCE)
            .start();
  }

  @AfterEach
  void close() {
    server.close();
    hosted.close();
    maestro.close();
  }

  private McpSyncClient client(String token) {
    URI uri = server.uri();
    HttpClientStreamableHttpTransport transport =
        HttpClientStreamableHttpTransport.builder("http://127.0.0.1:" + uri.getPort())
            .endpoint(uri.getPath())
            .jsonMapper(new JacksonMcpJsonMapper(new JsonMapper()))
            .requestBuilder(HttpRequest.newBuilder().header("Authorization", "Bearer " + token))
            .build();
    McpSyncClient client =
        McpClient.sync(transport).requestTimeout(PATIENCE).initializationTimeout(PATIENCE).build();
    client.initialize();
    return client;
  }

  // ------------------------------------------------------------------ agents

  @Test
  void aWholeRunIsDrivenByTools() throws IOException {
    try (McpSyncClient client = client(ANN)) {
      Workflows.drive(client, directory);
      Workflows.driveAstray(client);
    }
  }

  @Test
  void whoseTokenItIsIsWhoAsks() {
    try (McpSyncClient ann = client(ANN);
        McpSyncClient ben = client(BEN)) {
      Map<String, Object> run = Map.of("run_id", "r");
      Workflows.ok(
          ann, "started", "start_run", Map.of("workflow", "tdd", "task", "x", "run_id", "r"));
      Workflows.ok(ben, "work", "next_step", run);
      Workflows.ok(ann, "waiting", "next_step", run);
      Workflows.ok(
          ben, "accepted", "submit_step", Map.of("run_id", "r", "step_id", "red", "output", "y"));
      Map<?, ?> question =
          Workflows.first(Workflows.ok(ben, "waiting", "next_step", run), "questions");
      Map<String, Object> yes =
          Map.of(
              "run_id",
              "r",
              "question_id",
              question.get("question_id"),
              "shown",
              question.get("shown"),
              "decision",
              "yes");

      CallToolResult refused = Workflows.call(ben, "approve", yes);
      assertThat(refused.isError()).isTrue();
      assertThat(Workflows.text(refused)).contains("answered by ann");
      Workflows.ok(ann, "answered", "approve", yes);
    }
  }

  @Test
  void manyAskAtOnceAndEachStepGoesToOne() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try (McpSyncClient ann = client(ANN);
        McpSyncClient ben = client(BEN)) {
      int runs = 8;
      List<Callable<CallToolResult>> calls = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        String run = "r" + i;
        Workflows.ok(
            ann, "started", "start_run", Map.of("workflow", "tdd", "task", "x", "run_id", run));
        for (McpSyncClient client : List.of(ann, ben, ann, ben)) {
          calls.add(() -> Workflows.call(client, "next_step", Map.of("run_id", run)));
          calls.add(() -> Workflows.call(client, "status", Map.of("run_id", run)));
        }
      }
      Set<Object> handed = new HashSet<>();
      for (Future<CallToolResult> call : threads.invokeAll(calls)) {
        Map<?, ?> told = (Map<?, ?>) call.get().structuredContent();
        assertThat(call.get().isError()).isFalse();
        if ("work".equals(told.get("kind"))) {
          assertThat(Workflows.first(told, "steps").get("claim")).isEqualTo(1);
          handed.add(told.get("run_id"));
        }
      }
      assertThat(handed).hasSize(runs);
    } finally {
      threads.shutdownNow();
    }
  }

  // ------------------------------------------------------------------ who is let in

  private int post(String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json, text/event-stream")
            .POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  @Test
  void onlyWhoShowsATokenIsLetIn() throws Exception {
    assertThat(post(LIST)).isEqualTo(401);
    assertThat(post(LIST, "Authorization", "Bearer wrong-wrong-wrong")).isEqualTo(401);
    assertThat(post(LIST, "Authorization", "Basic " + ANN)).isEqualTo(401);
    assertThat(post(LIST, "Authorization", "Bearer " + ANN.substring(1))).isEqualTo(401);
    assertThat(post(LIST, "Authorization", "Bearer " + ANN)).isEqualTo(200);
    // the name of a scheme is no matter of capitals
    assertThat(post(LIST, "Authorization", "bearer " + ANN)).isEqualTo(200);
  }

  @Test
  void aPageOfAnotherOriginIsTurnedAwayAlsoWithAToken() throws Exception {
    String[] token = {"Authorization", "Bearer " + ANN};
    assertThat(post(LIST, token[0], token[1], "Origin", "http://evil.example")).isEqualTo(403);
    assertThat(post(LIST, token[0], token[1], "Origin", "null")).isEqualTo(403);
    assertThat(post(LIST, token[0], token[1], "Origin", "http://localhost:6274")).isEqualTo(200);
    // a name that was made to mean this machine
    assertThat(status("POST /mcp", "Host: evil.example:80", "Authorization: Bearer " + ANN))
        .contains("403");
    assertThat(status("POST /mcp", "Host: 127.0.0.1", "Authorization: Bearer " + ANN))
        .contains("400");
  }

  private String status(String request, String... headers) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
      String all = request + " HTTP/1.1\r\n" + String.join("\r\n", headers);
      socket
          .getOutputStream()
          .write((all + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      BufferedReader answer =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      return answer.readLine();
    }
  }

  @Test
  void whatIsNoRequestIsRefusedAndTheServerGoesOn() throws Exception {
    String[] token = {"Authorization", "Bearer " + ANN};
    assertThat(post("no JSON", token)).isEqualTo(400);
    assertThat(post("{}", token)).isEqualTo(400);
    assertThat(post("[1,2]", token)).isEqualTo(400);
    assertThat(post("x".repeat(LoopbackServer.LARGEST_REQUEST + 1), token)).isEqualTo(413);
    HttpRequest get = HttpRequest.newBuilder(server.uri()).headers(token).build();
    assertThat(http.send(get, BodyHandlers.discarding()).statusCode()).isEqualTo(405);
    URI other = server.uri().resolve("/other");
    HttpRequest elsewhere = HttpRequest.newBuilder(other).headers(token).build();
    assertThat(http.send(elsewhere, BodyHandlers.discarding()).statusCode()).isEqualTo(404);

    assertThat(post(LIST, token)).isEqualTo(200);
    assertThat(server.uri().getHost()).isEqualTo("127.0.0.1");
  }

  @Test
  void aRequestThatNobodyCanMakeAnythingOfIsAnsweredAllTheSame() throws Exception {
    String call = "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\"%s}";
    for (String parameters : List.of("", ",\"params\":7", ",\"params\":{}")) {
      HttpRequest request =
          HttpRequest.newBuilder(server.uri())
              .header("Authorization", "Bearer " + ANN)
              .POST(BodyPublishers.ofString(call.formatted(parameters)))
              .build();
      String answer = http.send(request, BodyHandlers.ofString()).body();
      assertThat(answer).as(parameters).contains("\"id\":3", "\"error\"");
    }
  }

  @Test
  void aVersionOfTheProtocolThatNobodyHereSpeaksIsRefused() throws Exception {
    String[] known = {"Authorization", "Bearer " + ANN, "MCP-Protocol-Version", "2025-06-18"};
    assertThat(post(LIST, known)).isEqualTo(200);
    known[3] = "1999-01-01";
    assertThat(post(LIST, known)).isEqualTo(400);
  }

  @Test
  void aServerKnowsItsHostsByTokensThatCannotBeGuessed() {
    LoopbackServer.Builder builder = LoopbackServer.of(hosted);

    assertThatThrownBy(builder::start).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> builder.host(Actor.of("x"), "short"))
        .isInstanceOf(IllegalArgumentException.class);
    builder.host(Actor.of("ann"), ANN);
    assertThatThrownBy(() -> builder.host(Actor.of("ben"), ANN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nothingIsLeftAfterClose() throws InterruptedException {
    try (McpSyncClient client = client(ANN)) {
      Workflows.call(client, "status", Map.of("run_id", "nobody"));
    }
    server.close();

    List<Thread> left =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("maestro-mcp-"))
            .toList();
    for (Thread thread : left) {
      thread.join(120_000);
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
  }
}
