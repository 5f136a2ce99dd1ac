package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.process.CancellationSource;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class CommandAgentTest {

  private static final ProviderId ID = ProviderId.of("mine");

  @TempDir Path directory;

  private final RecordingListener listener = new RecordingListener();

  @Test
  void givesThePromptOnStdinAndTakesStdoutAsTheReply() throws Exception {
    AgentReply reply = run("cat; echo; echo \"in $(pwd)\"", "what to do\näöü €");

    assertThat(reply.problem()).isEmpty();
    assertThat(reply.text()).isEqualTo("what to do\näöü €\nin " + directory.toRealPath());
    assertThat(reply.knownUsage()).isEmpty();
    assertThat(reply.knownSession()).isEmpty();
  }

  @Test
  void reportsTheStartBeforeThePromptAndTheEndLast() throws Exception {
    AgentReply reply = run("cat >/dev/null; echo one; echo two", "p");

    assertThat(listener.events()).hasSize(4);
    assertThat(listener.events().get(0))
        .isInstanceOfSatisfying(
            AgentEvent.Launched.class, launched -> assertThat(launched.process()).isNotNull());
    assertThat(listener.events().subList(1, 4))
        .containsExactly(
            new AgentEvent.Text("one\n"),
            new AgentEvent.Text("two\n"),
            new AgentEvent.Completed(reply.text()));
  }

  @Test
  void itsProcessCarriesTheMarkerItIsAskedFor() throws Exception {
    AgentReply reply =
        sh("echo ${MAESTRO_MARKER##*,}")
            .run(Requests.marked(directory, "0123456789abcdef"), listener, Cancellation.never());

    assertThat(reply.text()).startsWith("0123456789abcdef.");
  }

  @Test
  void handsNothingOverWhenTheStartCannotBeRecorded() {
    RecordingListener refusing =
        new RecordingListener(
            event -> {
              throw new IllegalStateException("disk full");
            });

    assertThatThrownBy(
            () ->
                sh("cat > got")
                    .run(Requests.in(directory, "secret"), refusing, Cancellation.never()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("disk full");
    assertThat(directory.resolve("got"))
        .satisfiesAnyOf(
            file -> assertThat(file).doesNotExist(), file -> assertThat(file).isEmptyFile());
  }

  @Test
  void tellsTheChildWhatItWorksFor() throws Exception {
    AgentReply reply =
        run(
            "echo $MAESTRO_RUN_ID $MAESTRO_TASK_ID $MAESTRO_ATTEMPT $MAESTRO_ROLE"
                + " ${MAESTRO_MARKER:+marked}",
            "");

    assertThat(reply.text()).isEqualTo("run-7 parent/green 2 engineer marked");
  }

  @Test
  void passesOnTheEnvironmentOfTheRequest() throws Exception {
    AgentReply reply =
        sh("echo $TOKEN")
            .run(Requests.knowing(directory, "TOKEN", "t0k3n"), listener, Cancellation.never());

    assertThat(reply.text()).isEqualTo("t0k3n");
  }

  @Test
  void failsWithTheExitCodeAndTheEndOfStderr() throws Exception {
    AgentReply reply = run("echo partly; echo 'no luck' >&2; exit 7", "");

    assertThat(reply.failure())
        .isEqualTo(Failure.of(ErrorClass.TRANSIENT, "ended with exit code 7: no luck"));
    assertThat(reply.text()).isEqualTo("partly");
    assertThat(listener.events().get(listener.events().size() - 1))
        .isEqualTo(new AgentEvent.Failed(reply.problem().orElseThrow()));
  }

  @Test
  void masksSecretsInWhatItSaysAboutAFailure() throws Exception {
    AgentReply reply =
        sh("echo \"bad key $TOKEN\" >&2; exit 1")
            .run(Requests.knowing(directory, "TOKEN", "sk-canary"), listener, Cancellation.never());

    assertThat(reply.problem().orElseThrow().message())
        .isEqualTo("ended with exit code 1: bad key ***");
  }

  @Test
  void keepsOnlyTheEndOfALongStderr() throws Exception {
    AgentReply reply = run("head -c 300000 /dev/zero | tr '\\0' x >&2; echo END >&2; exit 1", "");

    assertThat(reply.problem().orElseThrow().message()).hasSizeLessThan(2_100).endsWith("xEND");
  }

  @Test
  void failsForGoodWhenThereIsNoSuchProgram() throws Exception {
    CommandAgent agent =
        CommandAgent.builder(ID, List.of("no-such-program-here")).help("buy one").build();

    AgentReply reply = agent.run(Requests.in(directory, "p"), listener, Cancellation.never());

    Failure failure = reply.problem().orElseThrow();
    assertThat(failure.errorClass()).isEqualTo(ErrorClass.PERMANENT);
    assertThat(failure.message()).contains("no-such-program-here").endsWith("; buy one");
    assertThat(reply.usage()).isEqualTo(Usage.NONE);
    assertThat(listener.events()).containsExactly(new AgentEvent.Failed(failure));
  }

  @Test
  void saysOnceThatThereIsNoSuchProgram() throws Exception {
    AgentReply reply =
        CommandAgent.of(ID, "no-such-program-here")
            .run(Requests.in(directory, "p"), listener, Cancellation.never());

    assertThat(reply.problem().orElseThrow().message())
        .isEqualTo(
            "cannot start 'no-such-program-here': there is no such program; is it installed and on"
                + " the PATH?");
  }

  @Test
  void endsAProgramThatHangsAtItsLimit() throws Exception {
    AgentReply reply =
        runLimited("sleep 1000", new Limits(Duration.ofMillis(300), Duration.ofMinutes(1)));

    assertThat(reply.failure())
        .isEqualTo(Failure.of(ErrorClass.TIMEOUT, "took longer than PT0.3S"));
    assertThat(reply.knownUsage()).isEmpty();
  }

  @Test
  void endsAProgramThatSaysNothing() throws Exception {
    String text = "";
    // on a busy machine the program may not have come to its first word yet
    for (Duration silence = Duration.ofMillis(300);
        text.isEmpty();
        silence = silence.multipliedBy(3)) {
      AgentReply reply =
          runLimited("echo begun; sleep 1000", new Limits(Duration.ofMinutes(1), silence));

      assertThat(reply.failure())
          .isEqualTo(Failure.of(ErrorClass.TIMEOUT, "said nothing for " + silence));
      text = reply.text();
    }
    assertThat(text).isEqualTo("begun");
  }

  @Test
  void whatAProgramSaysWhenItIsEndedAtALimitIsNotTheReason() throws Exception {
    String words = "@maestro {\"failure\": {\"class\": \"transient\", \"message\": \"torn down\"}}";
    String message = "";
    for (Duration silence = Duration.ofMillis(300);
        !message.contains("torn down");
        silence = silence.multipliedBy(3)) {
      AgentReply reply =
          runLimited(
              "echo '" + words + "'; sleep 1000", new Limits(Duration.ofMinutes(1), silence));

      assertThat(reply.failure().errorClass()).isEqualTo(ErrorClass.TIMEOUT);
      message = reply.failure().message();
      assertThat(message).startsWith("said nothing for " + silence);
    }
  }

  @Test
  void endsTheWholeTreeWhenCancelled() throws Exception {
    CancellationSource cancellation = new CancellationSource();
    RecordingListener canceller =
        new RecordingListener(
            event -> {
              if (event instanceof AgentEvent.Text) {
                cancellation.cancel(Cancellation.Mode.EMERGENCY);
              }
            });

    AgentReply reply =
        sh("sleep 1000 & echo $!; wait").run(Requests.in(directory, "p"), canceller, cancellation);

    assertThat(reply.failure()).isEqualTo(Failure.of(ErrorClass.CANCELLED, "cancelled"));
    assertThat(reply.knownUsage()).isEmpty();
    assertThat(isAtWork(reply.text())).isFalse();
  }

  @Test
  void startsNothingWhenCancelledBefore() throws Exception {
    CancellationSource cancellation = new CancellationSource();
    cancellation.cancel(Cancellation.Mode.GRACEFUL);

    AgentReply reply = sh("touch started").run(Requests.in(directory, "p"), listener, cancellation);

    assertThat(reply.problem().orElseThrow().errorClass()).isEqualTo(ErrorClass.CANCELLED);
    assertThat(reply.usage()).isEqualTo(Usage.NONE);
    assertThat(directory.resolve("started")).doesNotExist();
  }

  @Test
  void stopsWhenItsThreadIsInterrupted() throws Exception {
    CountDownLatch speaking = new CountDownLatch(1);
    RecordingListener waiting =
        new RecordingListener(
            event -> {
              if (event instanceof AgentEvent.Text) {
                speaking.countDown();
              }
            });
    ExecutorService thread = Executors.newSingleThreadExecutor();
    Future<AgentReply> launch =
        thread.submit(
            () ->
                sh("echo here; sleep 1000")
                    .run(Requests.in(directory, "p"), waiting, Cancellation.never()));
    speaking.await();

    thread.shutdownNow();

    assertThatThrownBy(launch::get).hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void survivesAProgramThatNeverReadsAHugePrompt() throws Exception {
    AgentReply reply = run("echo fine", "x".repeat(8 << 20));

    assertThat(reply.text()).isEqualTo("fine");
    assertThat(reply.problem()).isEmpty();
  }

  @Test
  void handsOverAHugePromptWhole() throws Exception {
    assertThat(run("wc -c", "x".repeat(3 << 20)).text().strip())
        .isEqualTo(Integer.toString(3 << 20));
  }

  @Test
  void boundsTheReplyOfAProgramThatFloods() throws Exception {
    AgentReply reply =
        sh("yes 0123456789012345678901234567890123456789 | head -c 6000000")
            .run(Requests.in(directory, "p"), event -> {}, Cancellation.never());

    assertThat(reply.problem()).isEmpty();
    assertThat(reply.text())
        .hasSizeLessThan(Account.LONGEST_TEXT + 100)
        .endsWith("[cut after 4194304 characters]");
  }

  @Test
  void believesWhatTheProgramReports() throws Exception {
    AgentReply reply =
        run(
            "echo thinking aloud;"
                + " echo '@maestro {\"session\":\"s9\",\"usage\":{\"input\":5,\"cost\":\"0.02\"}}';"
                + " echo '@maestro {\"result\":\"done\"}'",
            "");

    Usage usage = Usage.of(5, 0, Money.usd("0.02"));
    assertThat(reply).isEqualTo(new AgentReply("done", null, usage, SessionId.of("s9")));
    assertThat(listener.events())
        .contains(
            new AgentEvent.SessionStarted(SessionId.of("s9")), new AgentEvent.UsageReported(usage));
  }

  @Test
  void believesAReportedFailureWhateverTheExitCode() throws Exception {
    AgentReply reply =
        run(
            "echo '@maestro {\"failure\":{\"class\":\"rate-limited\",\"message\":\"slow down\"}}'",
            "");

    assertThat(reply.failure()).isEqualTo(Failure.of(ErrorClass.RATE_LIMITED, "slow down"));
  }

  @Test
  void takesMalformedReportsAsText() throws Exception {
    AgentReply reply = run("echo '@maestro {\"usage\":'; echo '@maestro'", "");

    assertThat(reply.text()).isEqualTo("@maestro {\"usage\":\n@maestro");
    assertThat(reply.problem()).isEmpty();
  }

  @Test
  void believesNoLineOfAPlainProgram() throws Exception {
    String line = "@maestro {\"usage\":{\"input\":0}}";
    CommandAgent agent = CommandAgent.builder(ID, List.of("echo", line)).plainOutput().build();

    AgentReply reply = agent.run(Requests.in(directory, "p"), listener, Cancellation.never());

    assertThat(reply.text()).isEqualTo(line);
    assertThat(reply.knownUsage()).isEmpty();
  }

  @Test
  void keepsTheUsageOfAKilledProgramOnlyWhenItMetersAndAsTheLeast() throws Exception {
    String script = "echo '@maestro {\"usage\":{\"input\":5}}'; sleep 1000";
    CommandAgent meter = CommandAgent.builder(ID, List.of("sh", "-c", script)).meters().build();
    Optional<Usage> metered = Optional.empty();
    // on a busy machine the program may not have come to its first word yet
    for (Duration silence = Duration.ofMillis(500);
        metered.isEmpty();
        silence = silence.multipliedBy(3)) {
      AgentRequest request =
          Requests.limited(directory, new Limits(Duration.ofMinutes(1), silence));
      AgentReply plain = sh(script).run(request, listener, Cancellation.never());
      assertThat(plain.knownUsage()).isEmpty();

      metered = meter.run(request, listener, Cancellation.never()).knownUsage();
    }
    assertThat(metered).contains(Usage.of(5, 0, Money.ZERO).asPresumed());
  }

  @Test
  void tellsModelSessionAndSystemPrompt() throws Exception {
    CommandAgent agent =
        CommandAgent.builder(ID, List.of("sh", "-c", "echo \"$@\"; cat", "name"))
            .modelArguments("--model", "{model}")
            .sessionArguments("--resume={session}")
            .build();

    AgentReply reply =
        agent.run(
            Requests.full(directory, "be brief", "m-1", "s; rm -rf *"),
            listener,
            Cancellation.never());

    assertThat(agent.capabilities().has(Capability.SESSIONS)).isTrue();
    assertThat(reply.text()).isEqualTo("--model m-1 --resume=s; rm -rf *\nbe brief\n\nthe prompt");
    assertThat(reply.session()).isEqualTo(SessionId.of("s; rm -rf *"));
  }

  @Test
  void isNotLaunchedOnAModelThatItCannotBeTold() throws Exception {
    CommandAgent agent = sh("touch started; echo hello");

    AgentReply reply =
        agent.run(Requests.in(directory, "p").model("m-1"), listener, Cancellation.never());

    assertThat(agent.takes("m-1")).isFalse();
    assertThat(reply.problem().orElseThrow())
        .isEqualTo(
            Failure.of(
                ErrorClass.PERMANENT,
                "`mine` does not let anyone choose its model; `m-1` was asked for"));
    assertThat(reply.knownUsage()).contains(Usage.NONE);
    assertThat(listener.events())
        .containsExactly(new AgentEvent.Failed(reply.problem().orElseThrow()));
    assertThat(directory.resolve("started")).doesNotExist();
  }

  @Test
  void isLaunchedOnTheModelThatItAlwaysUses() throws Exception {
    CommandAgent agent =
        CommandAgent.builder(ID, List.of("sh", "-c", "echo \"$#\"", "name")).model("m-1").build();

    AgentReply reply =
        agent.run(Requests.in(directory, "p").model("m-1"), listener, Cancellation.never());

    assertThat(reply.problem()).isEmpty();
    assertThat(reply.text()).isEqualTo("0");
    assertThat(agent.models()).containsExactly(new Model("m-1", "m-1"));
    assertThat(agent.takes("m-2")).isFalse();
    assertThat(CommandAgent.builder(ID, List.of("x")).modelArguments("{model}").build().takes("m"))
        .isTrue();
  }

  @Test
  void claimsNoSessionsItWasNotTaught() {
    assertThat(sh("cat").capabilities().all()).containsExactly(Capability.PROMPT_AFTER_START);
  }

  @Test
  void findsAProgramWithoutRunningIt() {
    assertThat(CommandAgent.of(ID, "sh", "-c", "exit 3").detect())
        .isEqualTo(Installation.present(null));
    assertThat(CommandAgent.of(ID, "no-such-program-here").detect())
        .isEqualTo(
            Installation.missing(
                "there is no program 'no-such-program-here'; install it or put it on the PATH"));
  }

  @Test
  void asksForTheVersionWhereItIsToldHow() throws IOException {
    Path program = program("#!/bin/sh\n[ \"$1\" = --version ] && echo && echo ' tool 1.2 '\n");

    assertThat(versioned(program).detect()).isEqualTo(Installation.present("tool 1.2"));
  }

  @Test
  void doesNotKnowTheVersionOfAProgramThatFailsToTell() throws IOException {
    assertThat(versioned(program("#!/bin/sh\necho 9; exit 1\n")).detect())
        .isEqualTo(Installation.present(null));
  }

  @Test
  void leavesNoThreadBehind() throws Exception {
    run("echo one", "");

    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.isAlive() && thread.getName().equals("maestro-time"));
  }

  /** {@return whether there is such a process; one that only waits to be buried is none} */
  private static boolean isAtWork(String pid) {
    Path stat = Path.of("/proc", pid, "stat");
    try {
      return !Files.readString(stat).matches("(?s).*\\) [ZX] .*");
    } catch (IOException e) {
      // it has gone, maybe while its file was being read
      return Files.exists(stat);
    }
  }

  private static CommandAgent versioned(Path program) {
    return CommandAgent.builder(ID, List.of(program.toString(), "ignored"))
        .versionArguments("--version")
        .build();
  }

  private Path program(String text) throws IOException {
    Path program = directory.resolve("tool");
    Files.writeString(program, text);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }

  private AgentReply run(String script, String prompt) throws InterruptedException {
    return sh(script).run(Requests.in(directory, prompt), listener, Cancellation.never());
  }

  private AgentReply runLimited(String script, Limits limits) throws InterruptedException {
    return sh(script).run(Requests.limited(directory, limits), listener, Cancellation.never());
  }

  private static CommandAgent sh(String script) {
    return CommandAgent.of(ID, "sh", "-c", script);
  }
}
