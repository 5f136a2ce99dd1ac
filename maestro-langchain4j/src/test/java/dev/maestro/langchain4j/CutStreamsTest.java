package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.process.Cancellation;
import dev.maestro.testing.ModelCall;
import dev.maestro.testing.ModelServer;
import dev.maestro.testing.ModelTurn;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Wherever an answer breaks off, it is no success. */
@Timeout(600)
class CutStreamsTest {

  private static final int AT_ONCE = 24;
  private static final ModelTurn ANSWER = ModelTurn.says("All done, it works.");

  @TempDir Path directory;

  /** Half of those points drop the connection, half end it as if that were all. */
  @ParameterizedTest
  @EnumSource(Vendor.class)
  void aCutAnswerIsNeverASuccess(Vendor vendor) throws Exception {
    cutsAt(vendor, 61);
  }

  @Tag("torture")
  @ParameterizedTest
  @EnumSource(Vendor.class)
  void anAnswerThatIsCutAtAnyByteIsNeverASuccess(Vendor vendor) throws Exception {
    cutsAt(vendor, 1);
  }

  private void cutsAt(Vendor vendor, int step) throws Exception {
    String whole = whole(vendor);
    int said = whole.indexOf(vendor.saysThatItEnds());
    int[] points = IntStream.iterate(0, at -> at <= said, at -> at + step).toArray();
    ExecutorService launches = Executors.newFixedThreadPool(AT_ONCE);
    try (ModelServer server = script(points).start()) {
      ChatAgent agent = vendor.agent(server).build();
      List<Future<AgentReply>> replies = new ArrayList<>();
      for (int point : points) {
        replies.add(launches.submit(() -> run(agent, point)));
      }
      for (int i = 0; i < points.length; i++) {
        assertThat(replies.get(i).get().problem()).as("cut after %d bytes", points[i]).isPresent();
      }
    } finally {
      launches.shutdownNow();
    }
  }

  private AgentReply run(ChatAgent agent, int point) throws InterruptedException {
    Limits limits = new Limits(Duration.ofSeconds(30), Duration.ofMillis(400));
    return agent.run(
        Requests.in(directory).limits(limits).prompt(words(point)),
        new Listening(),
        Cancellation.never());
  }

  private static String words(int point) {
    return "cut at byte " + point + ".";
  }

  private static ModelServer.Builder script(int... points) {
    ModelServer.Builder script = ModelServer.builder();
    for (int i = 0; i < points.length; i++) {
      int point = points[i];
      script.on(words(point), i % 2 == 0 ? ANSWER.cutAfter(point) : ANSWER.droppedAfter(point));
    }
    return script;
  }

  /** {@return all that the server would send} */
  private static String whole(Vendor vendor) throws IOException, InterruptedException {
    String body =
        "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"go\"}]}"
            .formatted(Vendor.MODEL, vendor.streams());
    try (ModelServer server = ModelServer.builder().withoutTools().otherwise(ANSWER).start()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(server.baseUrl() + vendor.path()))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Vendor.class,
      names = {"OPENAI_STREAMING", "ANTHROPIC_STREAMING"})
  void aToolThatIsCalledInACutAnswerIsNotUsed(Vendor vendor) throws Exception {
    ModelTurn writes =
        ModelTurn.calls(ModelCall.of("write_file", Map.of("path", "a", "content", "x")));
    try (ModelServer server = ModelServer.builder().on(words(1), writes.withoutFinish()).start()) {
      AgentReply reply = run(vendor.agent(server).build(), 1);

      assertThat(reply.problem()).isPresent();
      assertThat(directory.resolve("a")).doesNotExist();
    }
  }
}
