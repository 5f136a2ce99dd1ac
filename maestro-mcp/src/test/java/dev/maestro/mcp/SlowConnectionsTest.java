package dev.maestro.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.hosted.Hosted;
import dev.maestro.pipeline.PipelineFormat;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections that say next to nothing, as many as there are threads, and one that asks. */
@Timeout(300)
class SlowConnectionsTest {

  private static final String TOKEN = "ann-has-this-token";
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration NEARLY = LIMIT.minusMillis(1);
  private static final String HEAD = "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  private static final String SHOWN = HEAD + "Authorization: Bearer " + TOKEN + "\r\n";
  private static final String BODY = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}";

  @TempDir Path directory;

  private final HandTime time = new HandTime();
  private final List<Socket> sockets = new ArrayList<>();
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
    hosted = Hosted.over(maestro).pipeline(PipelineFormat.YAML.read(Workflows.TDD)).build();
    server = LoopbackServer.of(hosted).host(Actor.of("ann"), TOKEN).limit(LIMIT).time(time).start();
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
    hosted.close();
    maestro.close();
  }

  private Socket say(String words) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort());
    sockets.add(socket);
    return say(socket, words);
  }

  private static Socket say(Socket socket, String words) throws IOException {
    socket.getOutputStream().write(words.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private static String length(int bytes) {
    return "Connection: close\r\nContent-Length: " + bytes + "\r\n\r\n";
  }

  /** {@return all that the server still says before it hangs up, however it does that} */
  private static String rest(Socket socket) throws IOException {
    StringBuilder said = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        said.append((char) next);
      }
    } catch (SocketException e) {
      // it hung up on what it had not read
      said.append("(reset)");
    }
    return said.toString();
  }

  @Test
  void connectionsThatSayNextToNothingAreDroppedAndWhoAsksIsAnswered() throws Exception {
    List<String> slow =
        List.of(
            "P",
            HEAD,
            SHOWN + length(BODY.length()) + "{",
            // its token is missing: what it does not say is waited for, too
            HEAD + length(1000) + "{");
    List<Socket> held = new ArrayList<>();
    for (int i = 0; i < LoopbackServer.AT_ONCE; i++) {
      held.add(say(slow.get(i % slow.size())));
    }
    time.awaitAlarms(LoopbackServer.AT_ONCE);
    Socket asking = say(SHOWN + length(BODY.length()) + BODY);

    time.advance(LIMIT);
    for (Socket socket : held) {
      assertThat(rest(socket)).doesNotContain("200 OK");
    }

    assertThat(rest(asking)).contains("200 OK").contains("start_run");
    time.awaitAlarms(0);
  }

  @Test
  void whoIsSlowWithinTheLimitIsAnswered() throws Exception {
    Socket slow = say(HEAD);
    time.awaitAlarms(1);
    time.advance(NEARLY);

    say(slow, SHOWN.substring(HEAD.length()) + length(BODY.length()) + BODY);

    assertThat(rest(slow)).contains("200 OK").contains("start_run");
    time.awaitAlarms(0);
  }

  @Test
  void aDripOfWordsDoesNotPutTheLimitOff() throws Exception {
    Socket slow = say(SHOWN + length(BODY.length()));
    time.awaitAlarms(1);
    time.advance(NEARLY);
    say(slow, "{");

    time.advance(Duration.ofMillis(1));

    assertThat(rest(slow)).doesNotContain("HTTP/1.1");
    time.awaitAlarms(0);
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThatThrownBy(() -> LoopbackServer.of(hosted).limit(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
