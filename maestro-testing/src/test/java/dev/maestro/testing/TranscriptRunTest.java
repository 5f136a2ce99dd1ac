package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.agent.AgentEvent;
import dev.maestro.attempt.Transcripts;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.run.RunEvent;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreException;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What agents do is written down while they do it. */
@Timeout(300)
class TranscriptRunTest {

  private static final TaskId A = TaskId.of("a");

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final Disk disk = new Disk(InMemoryStore.create());

  private MaestroBuilder maestro(ScriptedAgent agent) {
    return Maestro.builder()
        .discoverNothing()
        .owner("test")
        .store(disk.reopened())
        .time(time)
        .transcripts(Transcripts.ON)
        .secrets(name -> Optional.ofNullable(Map.of("TOKEN", "hunter2-hunter2").get(name)))
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(agent);
  }

  private static Pipeline one(Consumer<StepBuilder> step) {
    return Pipeline.named("p")
        .step(
            "a",
            s -> {
              s.agent("engineer").prompt("Do it well").attempts(2).backoff(Backoff.NONE);
              step.accept(s);
            })
        .build();
  }

  private String transcript(Turn turn, Consumer<StepBuilder> step) throws Exception {
    try (Maestro maestro = maestro(agent(turn)).build()) {
      Run run = maestro.start(one(step), RunId.of("r"), Inputs.none());
      run.await();
      return run.transcript(A, 1).orElseThrow();
    }
  }

  private static ScriptedAgent agent(Turn turn) {
    return ScriptedAgent.named("scripted").otherwise(turn).build();
  }

  @Test
  void tellsWhatWasAskedSaidDoneAndUsed() throws Exception {
    Turn turn =
        Turn.says("All is done.")
            .session("s-1")
            .mentions("I look at ")
            .mentions("the sources.")
            .emits(new AgentEvent.Thinking("hm,\nnot bad"))
            .usesTool("write", "{\"path\":\"A.java\",\"lines\":[1,2]}", "written")
            .uses(Usage.of(900, 40, Money.usd("0.02")));

    String text = transcript(turn, s -> {});

    assertThat(text)
        .startsWith("# r / a, attempt 1\n")
        .contains("- provider: `scripted`\n", "- agent: `engineer`\n")
        .contains("## Prompt\n\n```\nDo it well\n```\n")
        .contains("Session `s-1`.")
        .contains("I look at the sources.\n")
        .contains("> hm,\n> not bad\n")
        .contains("### Tool `write`\n\n```json\n{\n  \"path\" : \"A.java\",\n")
        .contains("Result of `write`:\n\n```\nwritten\n```\n")
        .contains("## End", "- outcome: completed\n", "- session: `s-1`\n")
        .contains("- used: 900 tokens in, 40 out")
        .endsWith("\nAll is done.\n");
  }

  @Test
  void saysHowALaunchFailed() throws Exception {
    String text =
        transcript(Turn.failing(ErrorClass.REFUSED, "not like this").usesUnknown(), s -> {});

    assertThat(text)
        .contains("- outcome: failed, refused: not like this\n", "- used: nobody knows\n");
  }

  @Test
  void thereIsOneForEachAttempt() throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .otherwise(Turn.failing(ErrorClass.TRANSIENT, "once more"))
            .then(Turn.says("better"))
            .build();
    try (Maestro maestro = maestro(agent).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      run.await();

      assertThat(run.transcript(A, 1).orElseThrow()).contains("once more").doesNotContain("better");
      assertThat(run.transcript(A, 2).orElseThrow()).contains("better", "attempt 2");
      assertThat(run.transcript(A, 3)).isEmpty();
      assertThat(run.transcript(TaskId.of("b"), 1)).isEmpty();
    }
  }

  @Test
  void whatIsLongIsCutWithANoteAndWhatIsAtTheLimitIsNot() throws Exception {
    String most = "§".repeat(10_000);

    String text =
        transcript(
            Turn.says("x").usesTool("diff", "{}", most + "e").usesTool("diff", "{}", most),
            s -> {});

    assertThat(text).contains(most + "\n… (1 more characters are cut)\n").doesNotContain("§e");
    assertThat(text.split(most, -1)).hasSize(3);
    assertThat(text.split("more characters are cut", -1)).hasSize(2);
  }

  @Test
  void noSecretIsInItNotEvenOneThatCameInPieces() throws Exception {
    Turn turn =
        Turn.says("it is hunter2-hunter2")
            .mentions("the token is hunter2")
            .mentions("-hunter2, I think; ")
            .usesTool("login", "{\"token\": \"hunter2-hunter2\"}", "welcome, hunter2-hunter2");

    String text = transcript(turn, s -> s.secret("TOKEN"));

    assertThat(text).doesNotContain("hunter2-hunter2").contains("the token is ***, I think;");
  }

  @Test
  void noSecretIsInTheNameOfAToolOrQuotedInAnyWay() throws Exception {
    String quoted = "hunter2\\u002dhunter2";
    Turn turn =
        Turn.says("done")
            .session("s-hunter2-hunter2")
            .usesTool("curl hunter2-hunter2", "{\"token\": \"" + quoted + "\"}", "ok")
            .asks("login hunter2-hunter2", "{\"token\": \"" + quoted + "\"}", (r, l) -> {});

    String text = transcript(turn, s -> s.secret("TOKEN"));

    assertThat(text)
        .doesNotContain("hunter2")
        .contains(
            "### Tool `curl ***`", "Result of `curl ***`", "`login ***`", "\"token\" : \"***\"");
  }

  @Test
  void whatAToolSaysCannotLeaveItsFence() throws Exception {
    String text = transcript(Turn.says("x").usesTool("cat", "{}", "```\n# Not a title\n"), s -> {});

    assertThat(text).contains("````\n```\n# Not a title\n````\n");
  }

  @Test
  void aKillLeavesWhatHadBeenWrittenByThen() throws Exception {
    Turn turn =
        Turn.says("never said")
            .mentions("I begin. ")
            .does((request, listener) -> time.advance(Duration.ofSeconds(6)))
            .usesTool("write", "{}", "written")
            .does((request, listener) -> disk.die());
    try (Maestro maestro = maestro(agent(turn)).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      assertThatThrownBy(run::await).isInstanceOf(StoreException.class);
    }

    try (Maestro maestro = maestro(agent(Turn.says("again"))).build()) {
      Run run = maestro.recover().runs().get(0);
      run.await();

      assertThat(run.transcript(A, 1).orElseThrow())
          .contains("Do it well", "I begin.", "### Tool `write`")
          .doesNotContain("never said");
      assertThat(run.transcript(A, 2).orElseThrow()).contains("again");
    }
  }

  @Test
  void aLongOneIsWrittenInPartsAndReadAsOne() throws Exception {
    Turn turn = Turn.says("the end");
    for (int i = 0; i < 40; i++) {
      turn = turn.usesTool("read", "{}", i + " " + "x".repeat(5_000));
    }
    try (Maestro maestro = maestro(agent(turn)).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      run.await();

      List<RunEvent.Transcribed> parts =
          run.journal(1).stream()
              .map(record -> record.event())
              .filter(RunEvent.Transcribed.class::isInstance)
              .map(RunEvent.Transcribed.class::cast)
              .toList();
      assertThat(parts).hasSizeGreaterThan(4).allMatch(part -> part.bytes() < 64 * 1024);
      String text = run.transcript(A, 1).orElseThrow();
      for (int i = 0; i < 40; i++) {
        assertThat(text).contains("\n" + i + " xxx");
      }
      assertThat(text.length())
          .isEqualTo((int) parts.stream().mapToLong(RunEvent.Transcribed::bytes).sum());
    }
  }

  @Test
  void nothingIsWrittenDownUnlessThatIsSwitchedOn() throws Exception {
    try (Maestro maestro = maestro(agent(Turn.says("done"))).transcripts(Transcripts.OFF).build()) {
      Run run = maestro.start(one(s -> {}), RunId.of("r"), Inputs.none());
      run.await();

      assertThat(run.transcript(A, 1)).isEmpty();
      assertThat(run.journal(1)).noneMatch(e -> e.event() instanceof RunEvent.Transcribed);
    }
  }
}
