package dev.maestro.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.PermanentException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Guardrail;
import dev.maestro.process.Cancellation;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What one provider does is recorded, and done again by another. */
@Timeout(300)
class RecordingAgentTest {

  private static final byte[] BINARY = {(byte) 0xff, 0, 1};

  @TempDir Path directory;

  private Path first;
  private Path second;

  @BeforeEach
  void makeTwoWorkspacesThatAreTheSame() throws IOException {
    first = workspace("first");
    second = workspace("second");
  }

  private Path workspace(String name) throws IOException {
    Path root = Files.createDirectories(directory.resolve(name));
    Files.createDirectories(root.resolve("src"));
    Files.writeString(root.resolve("src/A.java"), "one\ntwo\nthree\nfour\n");
    Files.writeString(root.resolve("gone.txt"), "x");
    return root;
  }

  private static final Turn WORK =
      Turn.says("I am done.")
          .session("s-1")
          .mentions("Reading.")
          .emits(new AgentEvent.Thinking("hm"))
          .emits(new AgentEvent.ContextFilled(70, 100L))
          .usesTool("write", "{\"path\":\"src/A.java\"}", "written")
          .writes("src/A.java", "one\n2\n2.5\nthree\nfour\n")
          .writes("src/New.java", "new\n")
          .deletes("gone.txt")
          .does((r, l) -> Files.write(r.directory().resolve("b.bin"), BINARY))
          .uses(Usage.of(10, 5, Money.usd("0.01")));

  private static RecordingAgent recording(Turn turn) {
    return RecordingAgent.of(ScriptedAgent.named("real").otherwise(turn).build());
  }

  private static List<AgentEvent> events(AgentProvider agent, AgentRequest request)
      throws InterruptedException {
    List<AgentEvent> events = new ArrayList<>();
    reply(agent, request, events::add);
    return events;
  }

  private static AgentReply reply(AgentProvider agent, AgentRequest request, AgentListener listener)
      throws InterruptedException {
    return agent.run(request, listener, Cancellation.never());
  }

  private AgentRequest request(Path root, String prompt) {
    return new Requests(root).prompt("a", prompt);
  }

  private Cassette written(RecordingAgent recording) throws IOException {
    Path file = directory.resolve("cassette.json");
    recording.cassette().write(file);
    return Cassette.read(file);
  }

  private static Map<String, String> files(Path root) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = HexFormat.of().formatHex(Files.readAllBytes(file));
        all.put(root.relativize(file).toString(), content);
      }
    }
    return all;
  }

  // ------------------------------------------------------------------ done again

  @Test
  void aReplaySaysTheSameAndLeavesTheSameFiles() throws Exception {
    RecordingAgent recording = recording(WORK);
    List<AgentEvent> then = events(recording, request(first, "Do it"));

    List<AgentEvent> now = events(RecordedAgent.of(written(recording)), request(second, "Do it"));

    assertThat(now).isEqualTo(then);
    assertThat(files(second)).isEqualTo(files(first));
  }

  @Test
  void changesOfFilesAreRecordedAsPatches() throws Exception {
    RecordingAgent recording = recording(WORK);
    events(recording, request(first, "Do it"));

    List<Deed> deeds = recording.cassette().turns().get(0).does();

    assertThat(deeds)
        .contains(
            new Deed.Patches("src/A.java", 2, List.of("two"), List.of("2", "2.5")),
            new Deed.Writes("src/New.java", "new\n"),
            new Deed.Deletes("gone.txt"),
            new Deed.WritesBinary("b.bin", "/wAB"));
  }

  @Test
  void aFailureIsDoneAgainToo() throws Exception {
    RecordingAgent recording =
        recording(Turn.failing(ErrorClass.RATE_LIMITED, "slowly").usesUnknown());
    AgentReply then = reply(recording, request(first, "Do it"), event -> {});

    AgentReply now =
        reply(RecordedAgent.of(written(recording)), request(second, "Do it"), event -> {});

    assertThat(now).isEqualTo(then);
  }

  @Property(tries = 200)
  void aPatchMakesOneContentOfTheOther(@ForAll List<Line> before, @ForAll List<Line> after) {
    String was = text(before);
    String is = text(after);

    assertThat(Deed.Patches.of("a", was, is).applyTo(was)).isEqualTo(is);
  }

  enum Line {
    ONE,
    TWO,
    BREAK
  }

  private static String text(List<Line> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line == Line.BREAK ? "\n" : line.name()));
    return text.toString();
  }

  // ------------------------------------------------------------------ refused

  private String refusal(Cassette cassette, AgentRequest request) throws InterruptedException {
    AgentReply reply = reply(RecordedAgent.of(cassette), request, event -> {});
    assertThat(reply.isCompleted()).isFalse();
    assertThat(reply.problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.PERMANENT);
    return reply.problem().orElseThrow().message();
  }

  @Test
  void anotherPromptIsRefusedAndTheLineIsNamed() throws Exception {
    RecordingAgent recording = recording(WORK);
    events(recording, request(first, "Do it\nwell"));

    String why = refusal(written(recording), request(second, "Do it\nbadly"));

    assertThat(why).contains("line 2 of the prompt was \"well\" and is \"badly\"");
    assertThat(files(second)).doesNotContainKey("src/New.java");
  }

  @Test
  void anotherWorkspaceIsRefusedAndItsFilesAreNamed() throws Exception {
    RecordingAgent recording = recording(WORK);
    events(recording, request(first, "Do it"));
    Files.writeString(second.resolve("src/A.java"), "one\n");
    Files.delete(second.resolve("gone.txt"));
    Files.writeString(second.resolve("more.txt"), "x");

    String why = refusal(written(recording), request(second, "Do it"));

    assertThat(why)
        .endsWith("in the workspace, gone.txt is missing, more.txt is new, src/A.java differs");
  }

  @Test
  void filesThatDoNotMatterMayDiffer() throws Exception {
    RecordingAgent recording = recording(WORK).ignoring("target/**");
    Files.createDirectories(first.resolve("target"));
    Files.writeString(first.resolve("target/x"), "1");
    events(recording, request(first, "Do it"));

    AgentReply now =
        reply(RecordedAgent.of(written(recording)), request(second, "Do it"), event -> {});

    assertThat(now.isCompleted()).isTrue();
  }

  @Test
  void anotherAnswerToWhatTheAgentAskedIsRefused() throws Exception {
    Turn asks =
        Turn.says("x").asks("bash", "{}", (r, l) -> Files.createFile(r.directory().resolve("y")));
    RecordingAgent recording = recording(asks);
    reply(recording, request(first, "Do it"), answering(PermissionDecision.allow()));
    RecordedAgent replay = RecordedAgent.of(written(recording));

    assertThat(files(first)).containsKey("y");
    assertThatThrownBy(
            () -> reply(replay, request(second, "Do it"), answering(PermissionDecision.deny("no"))))
        .hasMessageContaining("might use `bash`, and now it may not: no");
    AgentReply same =
        reply(replay, request(workspace("third"), "Do it"), answering(PermissionDecision.allow()));
    assertThat(same.isCompleted()).isTrue();
  }

  private static AgentListener answering(PermissionDecision decision) {
    return new AgentListener() {
      @Override
      public void on(AgentEvent event) {
        // only the answer matters
      }

      @Override
      public PermissionDecision permit(PermissionRequest request) {
        return decision;
      }
    };
  }

  // ------------------------------------------------------------------ secrets

  @Test
  void noSecretIsRecordedAndOneInThePromptFitsAnyOther() throws Exception {
    Turn turn =
        Turn.says("it is tops3cret")
            .usesTool("login with tops3cret", "{\"key\":\"tops3cret\"}", "ok tops3cret")
            .asks("use tops3cret", "{}", (r, l) -> {})
            .writes("key.txt", "tops3cret\n")
            .mentions("and handed-in, of-another");
    RecordingAgent recording = recording(turn).hiding("tops3cret");
    AgentRequest request = request(first, "use tops3cret now");
    AgentRequest withSecret =
        request
            .environment(Map.of("TOKEN", "handed-in"))
            .hiding(text -> text.replace("of-another", "***"));
    reply(recording, withSecret, event -> {});

    Cassette cassette = written(recording);
    String json = Files.readString(directory.resolve("cassette.json"));
    assertThat(json)
        .doesNotContain("tops3cret")
        .doesNotContain("handed-in")
        .doesNotContain("of-another");
    assertThat(json).contains("***");
    AgentReply now =
        reply(RecordedAgent.of(cassette), request(second, "use another now"), event -> {});
    assertThat(now.isCompleted()).isTrue();
    assertThat(Files.readString(second.resolve("key.txt"))).isEqualTo("***\n");
  }

  @Test
  void aSecretThatStoodInAFileBeforeIsInNoPatchOfIt() throws Exception {
    for (Path root : List.of(first, second)) {
      Files.writeString(root.resolve(".env"), "A=1\nKEY=tops3cret\nB=1\n");
    }
    Turn turn = Turn.says("ok").writes(".env", "A=2\nKEY=tops3cret\nB=2\n");
    RecordingAgent recording = recording(turn).hiding("tops3cret");
    reply(recording, request(first, "x"), event -> {});

    Cassette cassette = written(recording);

    assertThat(Files.readString(directory.resolve("cassette.json"))).doesNotContain("tops3cret");
    reply(RecordedAgent.of(cassette), request(second, "x"), event -> {});
    assertThat(Files.readString(second.resolve(".env"))).isEqualTo("A=2\nKEY=***\nB=2\n");
  }

  @Test
  void aSecretInAFileThatIsNoTextIsNotRecorded() throws Exception {
    byte[] content = "\u00e9 tops3cret".getBytes(StandardCharsets.ISO_8859_1);
    byte[] wide = "\ufeff tops3cret".getBytes(StandardCharsets.UTF_16LE);
    Turn turn =
        Turn.says("ok")
            .does((r, l) -> Files.write(r.directory().resolve("b.bin"), content))
            .does((r, l) -> Files.write(r.directory().resolve("w.bin"), wide));
    RecordingAgent recording = recording(turn).hiding("tops3cret");
    reply(recording, request(first, "x"), event -> {});

    List<String> kept =
        recording.cassette().turns().get(0).does().stream()
            .map(deed -> ((Deed.WritesBinary) deed).base64())
            .map(base64 -> new String(Base64.getDecoder().decode(base64), ISO_8859_1))
            .toList();

    assertThat(kept.get(0)).isEqualTo("\u00e9 ***");
    assertThat(kept.get(1).replace("\0", "")).endsWith(" ***");
  }

  @Test
  void aSecretThatIsSaidInPiecesIsNotRecorded() throws Exception {
    Turn turn =
        Turn.says("done")
            .mentions("it is top")
            .mentions("s3cret, I think")
            .emits(new AgentEvent.Thinking("tops3"))
            .emits(new AgentEvent.Thinking("cret"))
            .mentions("one ")
            .mentions("two");
    RecordingAgent recording = recording(turn).hiding("tops3cret");
    reply(recording, request(first, "x"), event -> {});

    assertThat(recording.cassette().turns().get(0).does())
        .containsExactly(
            new Deed.Tells(new AgentEvent.Text("it is ***, I think")),
            new Deed.Tells(new AgentEvent.Thinking("***")),
            new Deed.Tells(new AgentEvent.Text("one ")),
            new Deed.Tells(new AgentEvent.Text("two")));
  }

  @Test
  void whatALinkLeadsToIsNotRecorded() throws Exception {
    Path foreign = Files.writeString(directory.resolve("foreign.txt"), "not yours");
    Turn turn =
        Turn.says("ok")
            .does((r, l) -> Files.createSymbolicLink(r.directory().resolve("link"), foreign));
    RecordingAgent recording = recording(turn);
    reply(recording, request(first, "x"), event -> {});

    assertThat(recording.cassette().turns().get(0).does()).isEmpty();
  }

  @Test
  void ofTwoRecordingsThatServeALaunchTheOneThatFitsIsReplayed() throws Exception {
    RecordingAgent one = recording(Turn.says("one"));
    RecordingAgent two = recording(Turn.says("two"));
    reply(one, request(first, "do this"), event -> {});
    reply(two, request(first, "do that"), event -> {});
    Cassette both =
        new Cassette(
            "real", Stream.of(one, two).flatMap(each -> each.cassette().turns().stream()).toList());

    AgentReply now = reply(RecordedAgent.of(both), request(second, "do that"), event -> {});

    assertThat(now.text()).isEqualTo("two");
  }

  @Test
  void manyHiddenPlacesInALineDoNotMakeItSlow() {
    String recorded = "*** a ".repeat(200) + "end";
    String line = "x a ".repeat(400) + "END";

    assertThat(Scrub.fits(recorded, line)).isFalse();
    assertThat(Scrub.fits(recorded, line.replace("END", "end"))).isTrue();
    assertThat(Scrub.fits("ab***bc", "abc")).isFalse();
    assertThat(Scrub.fits("ab***bc", "abbc")).isTrue();
  }

  // ------------------------------------------------------------------ what cannot be looked at

  /** Somebody takes the file away, once, between its being listed and its being read. */
  private static final class Vanishing implements Footage.Eye {

    private final String name;
    private boolean gone;

    Vanishing(String name) {
      this.name = name;
    }

    @Override
    public byte[] read(Path file) throws IOException {
      if (!gone && file.endsWith(name)) {
        gone = true;
        Files.delete(file);
      }
      return Files.readAllBytes(file);
    }
  }

  @Test
  void aFileThatVanishesWhileItIsLookedAtTakesNoReplyAway() throws Exception {
    AgentProvider real = ScriptedAgent.named("real").otherwise(WORK).build();
    RecordingAgent recording =
        RecordingAgent.seeing(real, new Vanishing("New.java")).ignoring("b.bin");

    AgentReply reply = reply(recording, request(first, "Do it"), event -> {});

    assertThat(reply.problem()).isEmpty();
    assertThat(reply.text()).isEqualTo("I am done.");
    assertThat(reply.knownUsage()).contains(Usage.of(10, 5, Money.usd("0.01")));
    assertThatThrownBy(recording::cassette)
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("the cassette of `real` would lack task `a`, attempt 1: ")
        .hasMessageContaining("after it")
        .hasMessageContaining("New.java");
  }

  @Test
  void aLaunchIsMadeThoughItsFilesCouldNotBeLookedAtBefore() throws Exception {
    Turn turn = Turn.says("done");
    AgentProvider real = ScriptedAgent.named("real").otherwise(turn).build();
    RecordingAgent recording = RecordingAgent.seeing(real, new Vanishing("A.java"));

    List<AgentEvent> heard = events(recording, request(first, "Do it"));

    assertThat(heard).isEqualTo(events(recording(turn), request(second, "Do it")));
    assertThatThrownBy(recording::cassette)
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("before it")
        .hasMessageContaining("A.java");
  }

  @Test
  void aFileThatIsTooLargeForACassetteTakesNoReplyAway() throws Exception {
    Turn turn =
        Turn.says("done")
            .does(
                (r, l) -> {
                  try (var file =
                      new RandomAccessFile(r.directory().resolve("big").toFile(), "rw")) {
                    file.setLength(RecordingAgent.LARGEST_FILE + 1);
                  }
                });
    RecordingAgent recording = recording(turn);

    assertThat(reply(recording, request(first, "x"), event -> {}).text()).isEqualTo("done");
    assertThatThrownBy(recording::cassette)
        .isInstanceOf(PermanentException.class)
        .hasMessageContaining("big has 67108865 bytes, and at most 67108864 are recorded");
  }

  // ------------------------------------------------------------------ whole runs

  @Test
  void aWholeRunIsRecordedAndReplayedWithItsGuardrails() throws Exception {
    ScriptedAgent real =
        ScriptedAgent.named("real")
            .capabilities(Capability.SESSIONS, Capability.PERMISSIONS)
            .on("a", Turn.failing(ErrorClass.TRANSIENT, "once more"))
            .then(
                Turn.says("made")
                    .asks(
                        "write",
                        "{\"path\":\"x.txt\"}",
                        (r, l) -> Files.writeString(r.directory().resolve("x.txt"), "x")))
            .on("b", Turn.says("looked").writes("y.txt", "y"))
            .build();
    RecordingAgent recording = RecordingAgent.of(real);

    RunResult then = run(recording, first);
    RunResult now = run(RecordedAgent.of(written(recording)), second);

    assertThat(then.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(now.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(now.snapshot().usage()).isEqualTo(then.snapshot().usage());
    assertThat(files(second)).isEqualTo(files(first));
    assertThat(written(recording).capabilities()).isEqualTo(real.capabilities());
  }

  private static RunResult run(AgentProvider agent, Path root) throws InterruptedException {
    Pipeline pipeline =
        Pipeline.named("p")
            .guard(Guardrail.tools("write"))
            .step(
                "a",
                s ->
                    s.agent("x").prompt("make it").output("made").attempts(2).backoff(Backoff.NONE))
            .step("b", s -> s.agent("x").prompt("look at {{ made }}").after("a"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(root))
            .provider(agent)
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      return run.await();
    }
  }
}
