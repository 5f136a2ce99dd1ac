package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.providers.CommandAgent;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RecordedAgentTest {

  private static final Usage USAGE = new Usage(1_800, 90, 20, Money.usd("0.01"), 2, 1, false);

  @TempDir Path workspace;
  @TempDir Path elsewhere;
  @TempDir Path cassettes;

  private final RecordingListener listener = new RecordingListener();
  private Requests requests;

  @BeforeEach
  void requests() throws IOException {
    requests = new Requests(workspace);
    Files.writeString(workspace.resolve("old.txt"), "old");
  }

  @Test
  void replaysInThisJvmForEver() throws Exception {
    RecordedAgent agent = RecordedAgent.of(cassette());

    for (int time = 0; time < 3; time++) {
      assertThat(run(agent, requests.task("red", 1)))
          .isEqualTo(new AgentReply("I wrote A.\nÄ.", null, USAGE, SessionId.of("s1")));
      assertThat(workspace.resolve("src/A.java")).hasContent("final class A {\n}\n");
      assertThat(workspace.resolve("old.txt")).doesNotExist();
    }
  }

  @Test
  void replaysTheSameAsAChildProcess() throws Exception {
    AgentReply inside = run(RecordedAgent.of(cassette()), requests.task("red", 1));
    List<AgentEvent> insideEvents = listener.events();
    Files.delete(workspace.resolve("src/A.java"));
    RecordingListener other = new RecordingListener();

    AgentReply outside =
        child(cassette()).run(requests.task("red", 1), other, Cancellation.never());

    assertThat(outside).isEqualTo(inside);
    assertThat(workspace.resolve("src/A.java")).hasContent("final class A {\n}\n");
    assertThat(other.events().get(0)).isInstanceOf(AgentEvent.Launched.class);
    assertThat(withoutText(other.events())).isEqualTo(withoutText(insideEvents));
    assertThat(other.events())
        .contains(new AgentEvent.Text("Reading.\n"), new AgentEvent.Text("Ä.\n"));
  }

  @Test
  void failsAsAChildProcessAsItWasRecorded() throws Exception {
    Failure quota =
        new Failure(ErrorClass.QUOTA_EXHAUSTED, "used up", Instant.parse("2026-01-01T00:00:00Z"));
    Cassette cassette = ending(1, quota);

    assertThat(run(RecordedAgent.of(cassette), requests.task("red", 1)).failure()).isEqualTo(quota);
    assertThat(run(child(cassette), requests.task("red", 1)).failure()).isEqualTo(quota);
  }

  @Test
  void exitsAsRecordedWhereThereIsNoMoreToTell() throws Exception {
    Failure failure = Failure.of(ErrorClass.TRANSIENT, "ended with exit code 3");

    assertThat(run(RecordedAgent.of(ending(3, null)), requests.task("red", 1)).failure())
        .isEqualTo(failure);
    assertThat(run(child(ending(3, null)), requests.task("red", 1)).failure()).isEqualTo(failure);
  }

  @Test
  void saysThatItHasNoTurn() throws Exception {
    String sentence =
        "the cassette of `recorded` has no turn for task `other`, role `engineer`, attempt 4";

    assertThat(run(RecordedAgent.of(cassette()), requests.task("other", 4)).failure())
        .isEqualTo(Failure.of(ErrorClass.PERMANENT, sentence));
    assertThat(run(child(cassette()), requests.task("other", 4)).failure())
        .isEqualTo(Failure.of(ErrorClass.TRANSIENT, "ended with exit code 2: " + sentence));
  }

  @Test
  void matchesThePromptInAChildProcess() throws Exception {
    Recording.Match prompt = new Recording.Match(null, "engineer", null, "größer");
    Cassette cassette =
        new Cassette(
            "recorded", List.of(new Recording(prompt, List.of(), "yes", null, null, 0, null)));

    assertThat(run(child(cassette), requests.prompt("x", "mach es größer")).text())
        .isEqualTo("yes");
  }

  @Test
  void isCancelledInTheMiddleOfAPause() throws Exception {
    Cassette cassette = pausing(Duration.ofHours(1));
    CancellationSource cancellation = new CancellationSource();

    AgentReply reply =
        RecordedAgent.of(cassette)
            .pace(1)
            .run(
                requests.task("red", 1),
                event -> {
                  if (event instanceof AgentEvent.Text) {
                    cancellation.cancel(Cancellation.Mode.GRACEFUL);
                  }
                },
                cancellation);

    assertThat(reply.problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.CANCELLED);
  }

  @Test
  void skipsPausesUnlessTold() throws Exception {
    assertThat(run(RecordedAgent.of(pausing(Duration.ofHours(1))), requests.task("red", 1)).text())
        .isEqualTo("end");
  }

  @Test
  void doesNotFollowALinkOutOfTheWorkspaceInAChildProcess() throws Exception {
    Files.createSymbolicLink(workspace.resolve("src"), elsewhere);

    AgentReply reply = run(child(cassette()), requests.task("red", 1));

    assertThat(reply.problem().orElseThrow().message())
        .startsWith("ended with exit code 2: the path 'src/A.java' goes through a symbolic link");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void runsByHandWithoutAnyVariables() throws Exception {
    Path file = write(ending(0, null));

    assertThat(main(file.toString())).isEqualTo("0: end\n");
    assertThat(main(file.toString(), "--pace", "2")).isEqualTo("0: end\n");
  }

  @Test
  void doesNothingForAnAttemptWhosePromptNeverCame() throws Exception {
    Path file = write(cassette());

    String said = main(Map.of(AgentRequest.TASK_VARIABLE, "red"), file.toString());

    assertThat(said).startsWith("2: the prompt never came");
    assertThat(workspace.resolve("src/A.java")).doesNotExist();
  }

  @Test
  void saysHowItIsUsed() throws Exception {
    assertThat(main()).isEqualTo("2: usage: CASSETTE [--pace FACTOR]\n");
    assertThat(main("no-such-file.json")).startsWith("2: ").contains("no-such-file.json");
    assertThat(main(write(ending(0, null)).toString(), "--pace", "fast"))
        .startsWith("2: ")
        .contains("fast");
  }

  @Test
  void keepsTextThatLooksLikeAReport() throws Exception {
    Cassette cassette =
        new Cassette(
            "recorded",
            List.of(
                new Recording(
                    Recording.Match.ANY,
                    List.of(),
                    "@maestro {\"usage\":{\"input\":1}}",
                    null,
                    null,
                    0,
                    null)));

    AgentReply reply = run(child(cassette), requests.task("red", 1));

    assertThat(reply.text()).isEqualTo("@maestro {\"usage\":{\"input\":1}}");
    assertThat(reply.knownUsage()).isEmpty();
  }

  @Test
  void refusesAPaceThatIsNone() {
    assertThatThrownBy(() -> RecordedAgent.of(cassette()).pace(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Cassette cassette() {
    Recording turn =
        new Recording(
            new Recording.Match("red", null, null, null),
            List.of(
                new Deed.Tells(new AgentEvent.Text("Reading.")),
                new Deed.Tells(new AgentEvent.Thinking("hm\nhm")),
                new Deed.Tells(new AgentEvent.ToolUse("1", "write", "{\"path\":\"src/A.java\"}")),
                new Deed.Writes("src/A.java", "final class A {\n}\n"),
                new Deed.Deletes("old.txt"),
                new Deed.Tells(new AgentEvent.ToolResult("1", true, "written")),
                new Deed.Tells(new AgentEvent.UsageReported(Usage.of(900, 40, Money.ZERO))),
                new Deed.Tells(new AgentEvent.RateLimited(null))),
            "I wrote A.\nÄ.",
            SessionId.of("s1"),
            USAGE,
            0,
            null);
    return new Cassette("recorded", List.of(turn));
  }

  private static Cassette ending(int exit, @Nullable Failure failure) {
    return new Cassette(
        "recorded",
        List.of(new Recording(Recording.Match.ANY, List.of(), "end", null, null, exit, failure)));
  }

  private static Cassette pausing(Duration length) {
    return new Cassette(
        "recorded",
        List.of(
            new Recording(
                Recording.Match.ANY,
                List.of(new Deed.Tells(new AgentEvent.Text("begin")), new Deed.Pauses(length)),
                "end",
                null,
                null,
                0,
                null)));
  }

  private CommandAgent child(Cassette cassette) throws IOException {
    return CommandAgent.builder(
            ProviderId.of("recorded"), RecordedAgent.childCommand(write(cassette)))
        .build();
  }

  private Path write(Cassette cassette) throws IOException {
    Path file = Files.createTempFile(cassettes, "c", ".json");
    cassette.write(file);
    return file;
  }

  private AgentReply run(AgentProvider agent, AgentRequest request) throws InterruptedException {
    return agent.run(request, listener, Cancellation.never());
  }

  private String main(String... arguments) throws InterruptedException {
    return main(Map.of(), arguments);
  }

  private String main(Map<String, String> environment, String... arguments)
      throws InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int exit =
        new RecordedAgentMain(environment, workspace, out, out)
            .run(new ByteArrayInputStream(new byte[0]), arguments);
    return exit + ": " + bytes.toString(StandardCharsets.UTF_8);
  }

  /** Drop what differs on purpose: the identity of the process, and how text is cut into pieces. */
  private static List<AgentEvent> withoutText(List<AgentEvent> events) {
    Predicate<AgentEvent> differs =
        event -> event instanceof AgentEvent.Text || event instanceof AgentEvent.Launched;
    return events.stream().filter(differs.negate()).toList();
  }
}
