package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.gate.Gate;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.HostedStep;
import dev.maestro.hosted.Reply;
import dev.maestro.hosted.Submission;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The host of the documentation, whose work is to write a file in its second attempt. */
@Timeout(300)
class HostedSampleTest {

  private static final RunId RUN = RunId.of("rate-limit-42");

  @TempDir Path directory;

  private final Pipeline tdd =
      Pipeline.named("tdd")
          .step("red", s -> s.agent("tester").prompt("Tests for: {{ task }}").output("tests"))
          .step(
              "green",
              s ->
                  s.agent("coder")
                      .after("red")
                      .prompt("Make them pass: {{ tests }}")
                      .gate(Gate.command("grep", "-q", "limit", "limit.txt"))
                      .attempts(2))
          .build();

  @Test
  void aHostDoesTheStepsItIsHanded() throws InterruptedException {
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .discoverNothing()
            .build()) {
      // sample: hosted
      try (Hosted hosted = Hosted.over(maestro).pipeline(tdd).build()) {
        Host host = hosted.host(Actor.of("my-agent"));
        host.start("tdd", RUN, Inputs.of("task", "Add rate limiting"));
        Reply reply = host.next(RUN, 1);
        while (reply instanceof Reply.Work work) {
          for (HostedStep step : work.steps()) {
            String output = doIt(step.prompt(), step.directory());
            host.submit(Submission.of(RUN, step.task(), output).claim(step.claim()));
          }
          reply = host.next(RUN, 1);
        }
        System.out.println(reply.text());
      }
      // sample: end
      assertThat(maestro.find(RUN).orElseThrow().await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(maestro.find(RUN).orElseThrow().snapshot().task("green").orElseThrow().attempt())
          .isEqualTo(2);
    }
  }

  private static String doIt(String prompt, Path directory) {
    try {
      if (prompt.contains("attempt 2 of 2")) {
        Files.writeString(directory.resolve("limit.txt"), "limit: 10\n");
      }
      return "done";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
