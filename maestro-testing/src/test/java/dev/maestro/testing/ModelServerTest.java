package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
class ModelServerTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient client = HttpClient.newHttpClient();

  // ------------------------------------------------------------------ asking

  private static String path(ModelWire wire, boolean streams) {
    return switch (wire) {
      case CHAT_COMPLETIONS -> "/v1/chat/completions";
      case RESPONSES -> "/v1/responses";
      case MESSAGES -> "/v1/messages";
      case GENERATE_CONTENT ->
          streams
              ? "/v1beta/models/m:streamGenerateContent?alt=sse&key=secret"
              : "/v1beta/models/m:generateContent";
    };
  }

  /** Words of the user and the model in turn, and one tool, as this protocol writes them. */
  private static String body(ModelWire wire, boolean streams, String... said) {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (int i = 0; i < said.length; i++) {
      boolean user = i % 2 == 0;
      if (wire == ModelWire.GENERATE_CONTENT) {
        messages.add(
            Map.of("role", user ? "user" : "model", "parts", List.of(Map.of("text", said[i]))));
      } else {
        messages.add(Map.of("role", user ? "user" : "assistant", "content", said[i]));
      }
    }
    Map<String, Object> schema =
        Map.of(
            "type",
            "object",
            "properties",
            Map.of(
                "file_path",
                Map.of("type", "string"),
                "content",
                Map.of("type", "string"),
                "sure",
                Map.of("type", "boolean")),
            "required",
            List.of("file_path", "content", "sure"));
    return write(
        switch (wire) {
          case CHAT_COMPLETIONS ->
              Map.of(
                  "model",
                  "m",
                  "stream",
                  streams,
                  "messages",
                  messages,
                  "tools",
                  List.of(Map.of("function", Map.of("name", "write_file", "parameters", schema))));
          case RESPONSES ->
              Map.of(
                  "model",
                  "m",
                  "stream",
                  streams,
                  "input",
                  messages,
                  "tools",
                  List.of(Map.of("type", "function", "name", "write_file", "parameters", schema)));
          case MESSAGES ->
              Map.of(
                  "model",
                  "m",
                  "stream",
                  streams,
                  "messages",
                  messages,
                  "tools",
                  List.of(Map.of("name", "write_file", "input_schema", schema)));
          case GENERATE_CONTENT ->
              Map.of(
                  "contents",
                  messages,
                  "tools",
                  List.of(
                      Map.of(
                          "functionDeclarations",
                          List.of(Map.of("name", "write_file", "parametersJsonSchema", schema)))));
        });
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (IOException e) {
      throw new IllegalStateException("cannot be written", e);
    }
  }

  private HttpRequest request(ModelServer server, ModelWire wire, boolean streams, String body) {
    return HttpRequest.newBuilder(URI.create(server.uri() + path(wire, streams)))
        .header("content-type", "application/json")
        .header("Authorization", "Bearer secret")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> ask(
      ModelServer server, ModelWire wire, boolean streams, String... said) throws Exception {
    return client.send(
        request(server, wire, streams, body(wire, streams, said)),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> ask(ModelServer server, String... said) throws Exception {
    return ask(server, ModelWire.CHAT_COMPLETIONS, false, said);
  }

  private static String content(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body()).at("/choices/0/message/content").asText();
  }

  private static List<JsonNode> events(String stream) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String line : stream.split("\n")) {
      if (line.startsWith("data: {")) {
        events.add(JSON.readTree(line.substring("data: ".length())));
      }
    }
    return events;
  }

  /** Put together what a client of this protocol would read out of a stream. */
  private static String heard(ModelWire wire, String stream) throws IOException {
    StringBuilder words = new StringBuilder();
    for (JsonNode event : events(stream)) {
      words.append(
          switch (wire) {
            case CHAT_COMPLETIONS -> event.at("/choices/0/delta/content").asText("");
            case RESPONSES ->
                event.path("type").asText().equals("response.output_text.delta")
                    ? event.path("delta").asText()
                    : "";
            case MESSAGES -> event.at("/delta/text").asText("");
            case GENERATE_CONTENT -> event.at("/candidates/0/content/parts/0/text").asText("");
          });
    }
    return words.toString();
  }

  // ------------------------------------------------------------------ what is answered

  @ParameterizedTest
  @CsvSource({
    "CHAT_COMPLETIONS, /choices/0/message/content, /choices/0/finish_reason, stop, /usage/prompt_tokens",
    "RESPONSES, /output/0/content/0/text, /status, completed, /usage/input_tokens",
    "MESSAGES, /content/0/text, /stop_reason, end_turn, /usage/input_tokens",
    "GENERATE_CONTENT, /candidates/0/content/parts/0/text, /candidates/0/finishReason, STOP,"
        + " /usageMetadata/promptTokenCount"
  })
  void saysInEachProtocolWhatWasWrittenDown(
      ModelWire wire, String text, String finish, String finished, String input) throws Exception {
    try (ModelServer server =
        ModelServer.builder().on("weather", ModelTurn.says("It rains.").uses(70, 0, 9)).start()) {
      JsonNode answer = JSON.readTree(ask(server, wire, false, "what weather?").body());

      assertThat(answer.at(text).asText()).isEqualTo("It rains.");
      assertThat(answer.at(finish).asText()).isEqualTo(finished);
      assertThat(answer.at(input).asLong()).isEqualTo(70);
    }
  }

  @ParameterizedTest
  @EnumSource(ModelWire.class)
  void streamsTheSameWordsInEachProtocol(ModelWire wire) throws Exception {
    try (ModelServer server =
        ModelServer.builder().on("weather", ModelTurn.says("It rains  a lot.\nHere.")).start()) {
      HttpResponse<String> answer = ask(server, wire, true, "what weather?");

      assertThat(heard(wire, answer.body())).isEqualTo("It rains  a lot.\nHere.");
      assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
      assertThat(server.requests().get(0).streams()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CHAT_COMPLETIONS, /choices/0/message/tool_calls/1/function/arguments, /choices/0/finish_reason,"
        + " tool_calls",
    "RESPONSES, /output/1/arguments, /status, completed",
    "MESSAGES, /content/1/input, /stop_reason, tool_use",
    "GENERATE_CONTENT, /candidates/0/content/parts/1/functionCall/args,"
        + " /candidates/0/finishReason, STOP"
  })
  void callsSeveralToolsAtOnce(ModelWire wire, String second, String finish, String finished)
      throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on(
                "write",
                ModelTurn.calls(
                    ModelCall.of("write_file", Map.of("file_path", "a")),
                    ModelCall.of("write_file", Map.of("file_path", "b"))))
            .start()) {
      JsonNode answer = JSON.readTree(ask(server, wire, false, "write both").body());

      JsonNode input = answer.at(second);
      assertThat(input.isTextual() ? input.textValue() : input.toString())
          .isEqualTo("{\"file_path\":\"b\"}");
      assertThat(answer.at(finish).asText()).isEqualTo(finished);
    }
  }

  @Test
  void fillsInTheFieldsOfTheToolThatTheAgentOffers() throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on("write", ModelTurn.calls(ModelCall.writes("A.java", "class A {}")))
            .start()) {
      JsonNode answer = JSON.readTree(ask(server, "write it").body());

      JsonNode call = answer.at("/choices/0/message/tool_calls/0/function");
      assertThat(call.path("name").asText()).isEqualTo("write_file");
      assertThat(JSON.readTree(call.path("arguments").asText()))
          .isEqualTo(
              JSON.readTree(
                  "{\"file_path\":\"A.java\",\"content\":\"class A {}\",\"sure\":false}"));
    }
  }

  @Test
  void refusesACallOfAToolThatNobodyOffers() throws Exception {
    try (ModelServer server =
        ModelServer.builder().on("run", ModelTurn.calls(ModelCall.runs("ls"))).start()) {
      HttpResponse<String> answer = ask(server, "run it");

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("a tool that runs commands is not offered");
    }
  }

  // ------------------------------------------------------------------ which turn it is

  @Test
  void goesOnWithEachAnswerThatTheConversationContains() throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on("count", ModelTurn.says("one"), ModelTurn.says("two"), ModelTurn.says("three"))
            .start()) {
      assertThat(content(ask(server, "count"))).isEqualTo("one");
      assertThat(content(ask(server, "count"))).isEqualTo("one");
      assertThat(content(ask(server, "count", "one", "on"))).isEqualTo("two");
      assertThat(content(ask(server, "count", "one", "on", "two", "on"))).isEqualTo("three");
      assertThat(content(ask(server, "count", "1", "on", "2", "on", "3", "on"))).isEqualTo("three");
    }
  }

  @Test
  void answersTheWordsThatTheUserSaidLast() throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on("first", ModelTurn.says("1"), ModelTurn.says("1 again"))
            .on("second", ModelTurn.says("2"))
            .otherwise(ModelTurn.says("what?"))
            .start()) {
      assertThat(content(ask(server, "first"))).isEqualTo("1");
      assertThat(content(ask(server, "first", "1", "second"))).isEqualTo("2");
      assertThat(content(ask(server, "hello"))).isEqualTo("what?");
    }
  }

  @Test
  void anErrorIsHadOnceAndHasItsHeaders() throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on(
                "go",
                ModelTurn.fails(ModelTrouble.RATE_LIMITED).header("retry-after", "2"),
                ModelTurn.says("gone"))
            .start()) {
      HttpResponse<String> failed = ask(server, "go");
      HttpResponse<String> again = ask(server, "go");

      assertThat(failed.statusCode()).isEqualTo(429);
      assertThat(failed.headers().firstValue("retry-after")).contains("2");
      assertThat(failed.body()).contains("rate_limit_exceeded");
      assertThat(content(again)).isEqualTo("gone");
    }
  }

  @ParameterizedTest
  @EnumSource(ModelTrouble.class)
  void tellsEachTroubleAsAnErrorInEachProtocol(ModelTrouble trouble) throws Exception {
    try (ModelServer server = ModelServer.builder().otherwise(ModelTurn.fails(trouble)).start()) {
      for (ModelWire wire : ModelWire.values()) {
        HttpResponse<String> answer = ask(server, wire, true, "go");

        assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
        assertThat(JSON.readTree(answer.body()).at("/error/message").asText()).isNotBlank();
      }
    }
  }

  @Test
  void answersSideCallsHarmlesslyUnlessTheyAreConversations() throws Exception {
    String titled = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}";
    ModelServer.Builder script = ModelServer.builder().on("go", ModelTurn.says("gone"));
    try (ModelServer agents = script.start();
        ModelServer plain = script.withoutTools().start()) {
      assertThat(content(send(agents, titled))).isEqualTo("A title");
      assertThat(content(send(plain, titled))).isEqualTo("gone");
    }
  }

  private HttpResponse<String> send(ModelServer server, String body) throws Exception {
    return client.send(
        request(server, ModelWire.CHAT_COMPLETIONS, false, body),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void givesWhoAsksForAShapeOneOfThatShape() throws Exception {
    String shaped =
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"who is next?\"}]}],"
            + "\"generationConfig\":{\"responseJsonSchema\":{\"type\":\"object\",\"properties\":"
            + "{\"next\":{\"enum\":[\"user\",\"model\"]},\"sure\":{\"type\":\"boolean\"}}}}}";
    try (ModelServer server = ModelServer.builder().start()) {
      HttpResponse<String> answer =
          client.send(
              request(server, ModelWire.GENERATE_CONTENT, false, shaped),
              HttpResponse.BodyHandlers.ofString());

      assertThat(JSON.readTree(answer.body()).at("/candidates/0/content/parts/0/text").asText())
          .isEqualTo("{\"next\":\"user\",\"sure\":false}");
    }
  }

  @Test
  void refusesWhatTheScriptHasNoAnswerTo() throws Exception {
    try (ModelServer server = ModelServer.builder().on("go", ModelTurn.says("gone")).start()) {
      HttpResponse<String> lost = ask(server, "stay");
      HttpResponse<String> broken = send(server, "{\"model\":");

      assertThat(lost.statusCode()).isEqualTo(400);
      assertThat(lost.body()).contains("no part of it is about this conversation");
      assertThat(broken.statusCode()).isEqualTo(400);
    }
  }

  // ------------------------------------------------------------------ what is recorded

  @Test
  void recordsWhatWasAskedWithoutKeys() throws Exception {
    try (ModelServer server = ModelServer.builder().otherwise(ModelTurn.says("x")).start()) {
      ask(server, ModelWire.GENERATE_CONTENT, true, "hello", "hi", "and now?");

      ModelRequest request = server.awaitRequest(1, PATIENCE);
      assertThat(request.path()).isEqualTo("/v1beta/models/m:streamGenerateContent");
      assertThat(request.model()).isEqualTo("m");
      assertThat(request.headers()).containsEntry("authorization", "***");
      assertThat(request.tools()).containsExactly("write_file");
      assertThat(request.prompt()).contains("and now?");
      assertThat(request.said(ModelRequest.Speaker.MODEL)).containsExactly("hi");
      assertThat(request.toString()).doesNotContain("hello");
    }
  }

  @Test
  void readsWhatToolsHaveAnsweredInEachProtocol() throws Exception {
    Map<ModelWire, String> results =
        Map.of(
            ModelWire.CHAT_COMPLETIONS,
            "{\"messages\":[{\"role\":\"tool\",\"content\":\"42\"}]}",
            ModelWire.RESPONSES,
            "{\"input\":[{\"type\":\"function_call\"},{\"type\":\"function_call_output\","
                + "\"output\":\"42\"}]}",
            ModelWire.MESSAGES,
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                + "\"content\":[{\"type\":\"text\",\"text\":\"42\"}]}]}]}",
            ModelWire.GENERATE_CONTENT,
            "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"functionResponse\":"
                + "{\"response\":\"42\"}}]}]}");
    try (ModelServer server = ModelServer.builder().start()) {
      for (Map.Entry<ModelWire, String> each : results.entrySet()) {
        client.send(
            request(server, each.getKey(), false, each.getValue()),
            HttpResponse.BodyHandlers.ofString());
      }

      assertThat(server.requests())
          .hasSize(4)
          .allSatisfy(
              request ->
                  assertThat(request.toolResults())
                      .singleElement()
                      .satisfies(result -> assertThat(result).contains("42")));
    }
  }

  @Test
  void namesWhatElseWasAskedFor() throws Exception {
    try (ModelServer server = ModelServer.builder().start()) {
      URI models = URI.create(server.baseUrl() + "/models");
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(models).build(), HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(server.others()).containsExactly("GET /v1/models");
      assertThat(server.requests()).isEmpty();
    }
  }

  // ------------------------------------------------------------------ what goes wrong

  @Test
  void endsAnAnswerWhereItIsCut() throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on("whole", ModelTurn.says("all of it"))
            .on("cut", ModelTurn.says("all of it").cutAfter(100))
            .start()) {
      String whole = ask(server, ModelWire.MESSAGES, true, "whole").body();
      String cut = ask(server, ModelWire.MESSAGES, true, "cut").body();

      assertThat(cut).hasSize(100);
      assertThat(whole.replace("msg_1", "msg_2")).startsWith(cut).hasSizeGreaterThan(100);
    }
  }

  @Test
  void losesTheConnectionWhereItIsDropped() {
    try (ModelServer server =
        ModelServer.builder().otherwise(ModelTurn.says("all of it").droppedAfter(20)).start()) {
      assertThatThrownBy(() -> ask(server, ModelWire.CHAT_COMPLETIONS, true, "go"))
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(ModelWire.class)
  void endsWithoutAReasonOrBecauseItIsTooLong(ModelWire wire) throws Exception {
    try (ModelServer server =
        ModelServer.builder()
            .on("no reason", ModelTurn.says("x").withoutFinish())
            .on("too long", ModelTurn.says("x").tooLong())
            .start()) {
      String none = ask(server, wire, true, "no reason").body();
      String length = ask(server, wire, true, "too long").body();

      assertThat(none).doesNotContain("\"stop\"", "response.completed", "message_stop", "\"STOP\"");
      assertThat(length).containsAnyOf("\"length\"", "max_output_tokens", "max_tokens", "MAX_TOK");
    }
  }

  @Test
  void sendsWhatIsNoAnswerAtAll() throws Exception {
    try (ModelServer server =
        ModelServer.builder().otherwise(ModelTurn.answers(200, "<html>busy</html>")).start()) {
      HttpResponse<String> answer = ask(server, "go");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("<html>busy</html>");
    }
  }

  @Test
  void waitsUntilTheTestLetsItAnswer() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    try (ModelServer server =
        ModelServer.builder().otherwise(ModelTurn.says("at last").waitsFor(open)).start()) {
      CompletableFuture<HttpResponse<String>> answer =
          client.sendAsync(
              request(
                  server,
                  ModelWire.CHAT_COMPLETIONS,
                  false,
                  body(ModelWire.CHAT_COMPLETIONS, false, "go")),
              HttpResponse.BodyHandlers.ofString());
      server.awaitRequest(1, PATIENCE);
      boolean early = answer.isDone();

      open.countDown();

      assertThat(early).isFalse();
      assertThat(content(answer.get())).isEqualTo("at last");
    }
  }

  @Test
  void noticesThatAClientHasHadEnoughOfAStreamThatHangs() throws Exception {
    try (ModelServer server =
        ModelServer.builder().otherwise(ModelTurn.says("I think").hangs()).start()) {
      HttpResponse<InputStream> answer =
          client.send(
              request(
                  server,
                  ModelWire.CHAT_COMPLETIONS,
                  true,
                  body(ModelWire.CHAT_COMPLETIONS, true, "go")),
              HttpResponse.BodyHandlers.ofInputStream());
      byte[] begun = answer.body().readNBytes(10);

      answer.body().close();

      server.awaitAborts(1, PATIENCE);
      assertThat(new String(begun, StandardCharsets.UTF_8)).isEqualTo("data: {\"id");
    }
  }

  @Test
  void closingLeavesNoThreadEvenWhereAnAnswerHangs() throws Exception {
    ModelServer server = ModelServer.builder().otherwise(ModelTurn.says("I think").hangs()).start();
    client.sendAsync(
        request(
            server, ModelWire.CHAT_COMPLETIONS, true, body(ModelWire.CHAT_COMPLETIONS, true, "go")),
        HttpResponse.BodyHandlers.ofString());
    server.awaitRequest(1, PATIENCE);

    server.close();

    List<Thread> left =
        Thread.getAllStackTraces().keySet().stream()
            .filter(
                thread ->
                    thread.getName().startsWith("maestro-model")
                        || thread.getName().equals("HTTP-Dispatcher"))
            .toList();
    for (Thread thread : left) {
      thread.join(PATIENCE.toMillis());
    }
    assertThat(left).noneMatch(Thread::isAlive);
  }
}
