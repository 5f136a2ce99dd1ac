package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.approval.Question;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.HostedStep;
import dev.maestro.hosted.Reply;
import dev.maestro.hosted.Submission;
import dev.maestro.run.RunEvent;
import dev.maestro.task.Actor;
import dev.maestro.task.RunStatus;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host that is another process at each call, each of which is killed with {@code kill -9}. */
@Timeout(300)
class HostedKillTest {

  @TempDir Path directory;

  @Test
  void aHostComesAndGoesAndNothingIsLostOrDoneTwice() throws Exception {
    assertThat(killedAfter("wf p --run hosted it", "next hosted"))
        .containsExactly("Started", "Work");

    assertThat(killedAfter("next hosted")).containsExactly("Work");
    try (Maestro maestro = HostedMain.open(directory);
        Hosted hosted =
            Hosted.over(maestro)
                .pipeline(HostedMain.pipeline())
                .patience(HostedMain.PATIENCE)
                .build()) {
      Reply others = hosted.host(Actor.of("other")).next(HostedMain.RUN, 1);
      assertThat(others.text()).contains("with other hosts");
      HostedStep step = work(hosted.host(HostedMain.HOST));
      assertThat(step.claim()).isEqualTo(1);
    }
    assertThat(killedAfter("submit hosted work #1 the work")).containsExactly("Accepted");
    assertThat(killedAfter("submit hosted work #1 the work", "next hosted"))
        .containsExactly("Accepted", "Waiting");
    assertThat(killedAfter("approve hosted " + question() + " yes")).containsExactly("Answered");
    assertThat(killedAfter("approve hosted " + question() + " yes", "next hosted"))
        .containsExactly("Refused", "Work");
    try (Maestro maestro = HostedMain.open(directory);
        Hosted hosted =
            Hosted.over(maestro)
                .pipeline(HostedMain.pipeline())
                .patience(HostedMain.PATIENCE)
                .build()) {
      Host host = hosted.host(HostedMain.HOST);
      HostedStep more = work(host);
      assertThat(more.prompt()).isEqualTo("More of the work");
      host.submit(Submission.of(HostedMain.RUN, more.task(), "more").claim(more.claim()));

      Reply.Ended ended = (Reply.Ended) host.next(HostedMain.RUN, 1);
      assertThat(ended.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(count(maestro, RunEvent.Delivered.class)).isEqualTo(2);
      assertThat(count(maestro, RunEvent.Answered.class)).isEqualTo(1);
      assertThat(count(maestro, RunEvent.Dispatched.class)).isEqualTo(2);
    }
  }

  private static HostedStep work(Host host) throws InterruptedException {
    Reply reply = host.next(HostedMain.RUN, 1);
    assertThat(reply).as(reply.text()).isInstanceOf(Reply.Work.class);
    return ((Reply.Work) reply).steps().get(0);
  }

  private static long count(Maestro maestro, Class<? extends RunEvent> type) {
    return maestro.find(HostedMain.RUN).orElseThrow().journal(1).stream()
        .filter(entry -> type.isInstance(entry.event()))
        .count();
  }

  /** {@return the question that waits, or the last that did, and what it shows} */
  private String question() {
    try (Maestro maestro = HostedMain.open(directory)) {
      Question question =
          maestro.find(HostedMain.RUN).orElseThrow().journal(1).stream()
              .filter(entry -> entry.event() instanceof RunEvent.Asked)
              .map(entry -> ((RunEvent.Asked) entry.event()).question())
              .findFirst()
              .orElseThrow();
      return question.id() + " " + question.hash();
    }
  }

  /** {@return what kinds of answers a program had that did this and was then killed} */
  private List<String> killedAfter(String... lines) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path")));
    command.add(HostedMain.class.getName());
    command.add(directory.toString());
    command.addAll(List.of(lines));
    Process jvm =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> answers = new ArrayList<>();
    try {
      BufferedReader output = jvm.inputReader();
      for (String line = output.readLine(); !"done".equals(line); line = output.readLine()) {
        assertThat(line).as("what the program says").isNotNull();
        answers.add(line);
      }
    } finally {
      jvm.destroyForcibly().waitFor();
    }
    return answers;
  }
}
