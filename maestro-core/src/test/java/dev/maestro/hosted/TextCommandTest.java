package dev.maestro.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunSnapshot;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole run by lines of text, and lines that nobody understands. */
class TextCommandTest {

  private static final Pipeline TDD =
      Pipeline.named("tdd")
          .description("tests first")
          .step(
              "red",
              s -> s.agent("tester").prompt("Write failing tests: {{ task }}").output("tests"))
          .step("ok", s -> s.approval("Are {{ tests }} the right tests?").after("red"))
          .step("green", s -> s.agent("coder").after("ok").prompt("Make them pass: {{ tests }}"))
          .build();

  @TempDir Path directory;

  private Maestro maestro;
  private Hosted hosted;
  private Host host;

  @BeforeEach
  void open() {
    maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .discoverNothing()
            .build();
    hosted = Hosted.over(maestro).pipeline(TDD).build();
    host = hosted.host(Actor.of("agent007"));
  }

  @AfterEach
  void close() {
    hosted.close();
    maestro.close();
  }

  private <T extends Reply> T says(Class<T> type, String command) throws InterruptedException {
    Reply reply = host.dispatch(command);
    assertThat(reply).as(reply.text()).isInstanceOf(type);
    return type.cast(reply);
  }

  @Test
  void aWholeRunIsDrivenByLinesOfText() throws InterruptedException {
    RunId run = says(Reply.Started.class, "$agent007 wf tdd Add rate limiting\nto the API").run();

    HostedStep red = says(Reply.Work.class, "next " + run).steps().get(0);
    assertThat(red.prompt()).contains("Write failing tests: Add rate limiting\nto the API");
    says(Reply.Accepted.class, "submit " + run + " red #" + red.claim() + " three of\nthem");
    Reply.Waiting waiting = says(Reply.Waiting.class, "next " + run);
    assertThat(waiting.questions().get(0).text()).isEqualTo("Are three of\nthem the right tests?");
    String question = waiting.questions().get(0).id() + " " + waiting.questions().get(0).hash();
    says(Reply.Answered.class, "approve " + run + " " + question + " yes");
    HostedStep green = says(Reply.Work.class, "next " + run + " 3").steps().get(0);
    assertThat(green.prompt()).contains("Make them pass: three of\nthem");
    says(Reply.Released.class, "release " + run + " green");
    says(Reply.Work.class, "next " + run);
    says(Reply.Declined.class, "fail " + run + " green it cannot be done");
    Reply.Ended ended = says(Reply.Ended.class, "next " + run);
    assertThat(ended.status()).isEqualTo(RunStatus.FAILED);
    assertThat(ended.outputs()).containsEntry("tests", "three of\nthem");
    RunSnapshot snapshot = says(Reply.Status.class, "status " + run).run();
    assertThat(snapshot.task("green").orElseThrow().launches()).isZero();
  }

  @Test
  void aRunOfTheSameWordsIsTheSameRun() throws InterruptedException {
    RunId run = says(Reply.Started.class, "wf tdd Add it").run();

    assertThat(says(Reply.Started.class, "workflow tdd   Add it").run()).isEqualTo(run);
    assertThat(says(Reply.Started.class, "wf tdd --run other Add it").run().value())
        .isEqualTo("other");
    assertThat(says(Reply.Refused.class, "wf tdd --run other Add that").code())
        .isEqualTo("run-conflict");
  }

  @Test
  void whatCannotBeUnderstoodIsAnsweredWithWhatCan() throws InterruptedException {
    says(Reply.Started.class, "wf tdd --run r Add it");

    refuses(
        "malformed", "", "   ", "$agent007", "next", "next r many", "submit r", "wf", "fail r red");
    refuses(
        "malformed", "next not/a/run", "submit r .. x", "approve r q", "approve r q hash maybe");
    refuses("malformed", "approve r q hash changes", "next r 0");
    refuses("malformed", "approve r q hash yes but change the port", "approve r q hash yes, but");
    refuses("unknown-verb", "dance", "drop table", "{\"verb\":\"next\"}");
    refuses("unknown-run", "next nobody", "status nobody", "submit nobody red x");
    refuses("unknown-pipeline", "wf ttd Add it");
    refuses("unknown-task", "submit r blue x");
    refuses("not-yours", "submit r red x", "release r red");
    refuses("unknown-question", "approve r q hash yes");
    refuses("invalid", "wf tdd");
    assertThat(says(Reply.Help.class, "help").text()).contains("submit RUN STEP");
    assertThat(says(Reply.Help.class, "pipelines").text()).contains("tdd").contains("tests first");
  }

  private void refuses(String code, String... commands) throws InterruptedException {
    for (String command : commands) {
      assertThat(says(Reply.Refused.class, command).code()).as(command).isEqualTo(code);
    }
  }

  @Property(tries = 300)
  void anyTextIsReadWithoutAnException(@ForAll("lines") String text) {
    assertThat(TextCommand.of(text)).isNotNull();
  }

  @Provide
  Arbitrary<String> lines() {
    Arbitrary<String> words =
        Arbitraries.of(
            "wf",
            "next",
            "submit",
            "fail",
            "approve",
            "status",
            "release",
            "$x",
            "#1",
            "#",
            "r",
            "/",
            "--run",
            "yes",
            "no",
            "changes",
            "-1",
            "99999999999",
            "\u0000",
            "é",
            "\ud800");
    return Arbitraries.oneOf(
        words.list().ofMaxSize(8).map(all -> String.join(" ", all)),
        Arbitraries.strings().ofMaxLength(40));
  }

  @Test
  void whatTakesLongerThanPatienceIsBeingChecked() throws InterruptedException {
    try (Hosted hasty = Hosted.over(maestro).pipeline(TDD).patience(Duration.ZERO).build()) {
      Host other = hasty.host(Actor.of("hasty"));
      other.dispatch("wf tdd --run quick Add it");
      maestro.find(RunId.of("quick")).orElseThrow().pause("lunch", Actor.of("ann"));

      Reply reply = other.dispatch("next quick");
      assertThat(reply.text()).contains("paused").contains("lunch");
      assertThat(reply).isInstanceOf(Reply.Waiting.class);
    }
  }
}
