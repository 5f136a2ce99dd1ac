package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.agent.Persona;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.hosted.Host;
import dev.maestro.hosted.Hosted;
import dev.maestro.hosted.HostedStep;
import dev.maestro.hosted.Reply;
import dev.maestro.hosted.Submission;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Output;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Tiers;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Risk;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose steps hosts do, through the real engine. */
@Timeout(300)
class HostedRunTest {

  private static final RunId RUN = RunId.of("r");
  private static final TaskId WORK = TaskId.of("work");
  private static final Actor ANN = Actor.of("ann");
  private static final Actor BEN = Actor.of("ben");
  private static final Duration HOUR = Duration.ofHours(1);
  // how long a check takes is no matter here
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Gate THERE = Gate.code("there", "1");

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final InMemoryStore store = InMemoryStore.create();
  private final List<AutoCloseable> open = new ArrayList<>();

  private Hosted hosted(Pipeline pipeline) {
    return hosted(pipeline, builder());
  }

  private Hosted hosted(Pipeline pipeline, MaestroBuilder builder) {
    Maestro maestro = builder.build();
    Hosted hosted = Hosted.over(maestro).pipeline(pipeline).patience(PATIENCE).build();
    open.add(maestro);
    open.add(hosted);
    return hosted;
  }

  private MaestroBuilder builder() {
    GateCheck there =
        subject ->
            Files.exists(directory.resolve("done.txt"))
                ? GateCheck.Finding.pass()
                : GateCheck.Finding.fail("there is no done.txt");
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .time(time)
        .workspaces(DirectoryWorkspaces.at(directory))
        .persona(Persona.named("coder").systemPrompt("You write little code."))
        .gate("there", "1", there);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    open.clear();
  }

  private Run run() {
    return ((Maestro) open.get(open.size() - 2)).find(RUN).orElseThrow();
  }

  private static Host started(Hosted hosted, Actor actor) {
    Host host = hosted.host(actor);
    Reply reply = host.start("p", RUN, Inputs.of("task", "it"));
    assertThat(reply).as(reply.text()).isInstanceOf(Reply.Started.class);
    return host;
  }

  private static <T extends Reply> T is(Class<T> type, Reply reply) {
    assertThat(reply).as(reply.text()).isInstanceOf(type);
    return type.cast(reply);
  }

  private static HostedStep next(Host host) throws InterruptedException {
    return is(Reply.Work.class, host.next(RUN, 1)).steps().get(0);
  }

  private static Reply submit(Host host, HostedStep step, String output)
      throws InterruptedException {
    return host.submit(Submission.of(RUN, step.task(), output).claim(step.claim()));
  }

  private static String refusal(Reply reply) {
    return is(Reply.Refused.class, reply).code();
  }

  private static Pipeline one() {
    return Pipeline.named("p")
        .step(
            "work",
            s -> s.agent("coder").prompt("Do {{ task }}").output("what").gate(THERE).attempts(2))
        .build();
  }

  // ------------------------------------------------------------------ handing out and in

  @Test
  void aReviewIsDrivenByHandThreePromptsThenOne() throws Exception {
    Pipeline review =
        Pipeline.named("p")
            .step("security", s -> s.agent("s").prompt("Security of {{ task }}").output("s"))
            .step("speed", s -> s.agent("p").prompt("Speed of {{ task }}").output("p"))
            .step("style", s -> s.agent("t").prompt("Style of {{ task }}").output("t"))
            .step(
                "all",
                s ->
                    s.agent("x")
                        .after("security", "speed", "style")
                        .prompt("{{ s }}{{ p }}{{ t }}")
                        .output("all"))
            .build();
    Host host = started(hosted(review), ANN);

    List<HostedStep> first = is(Reply.Work.class, host.next(RUN, 9)).steps();
    assertThat(first)
        .extracting(HostedStep::prompt)
        .containsExactly("Security of it", "Speed of it", "Style of it");
    for (HostedStep step : first) {
      is(Reply.Accepted.class, submit(host, step, step.role()));
    }
    HostedStep last = next(host);
    assertThat(last.prompt()).isEqualTo("spt");
    is(Reply.Accepted.class, submit(host, last, "fine"));
    Reply.Ended ended = is(Reply.Ended.class, host.next(RUN, 9));

    assertThat(ended.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(ended.outputs()).containsEntry("all", "fine");
  }

  @Test
  void aStepTellsAllThatAnAgentIsTold() throws Exception {
    HostedStep step = next(started(hosted(one()), ANN));

    assertThat(step.prompt()).isEqualTo("Do it");
    assertThat(step.instructions()).isEqualTo("You write little code.");
    assertThat(step.directory()).isEqualTo(directory.toAbsolutePath());
    assertThat(step.until()).isEqualTo(time.instant().plus(HOUR));
    assertThat(List.of(step.claim(), step.attempt(), step.attempts())).containsExactly(1, 1, 2);
    assertThat(step.output()).isEqualTo("what");
    assertThat(step.gates()).containsExactly("there");
    assertThat(step.text()).contains("Do it", "You write little code.", "claim 1", "there");
  }

  @Test
  void aRefusedSubmissionSaysWhyAndTheStepIsHandedInAgainWithinItsAttempts() throws Exception {
    Host host = started(hosted(one()), ANN);

    Reply.Declined declined = is(Reply.Declined.class, submit(host, next(host), "done, I swear"));
    assertThat(declined.why()).contains("there is no done.txt");
    assertThat(declined.attemptsLeft()).isEqualTo(1);
    HostedStep again = next(host);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.prompt()).contains("attempt 2 of 2").contains("there is no done.txt");
    Files.writeString(directory.resolve("done.txt"), "done");
    Reply.Accepted accepted = is(Reply.Accepted.class, submit(host, again, "done"));

    assertThat(accepted.gates()).containsExactly("there");
    assertThat(is(Reply.Ended.class, host.next(RUN, 1)).status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void whenNoAttemptIsLeftTheRunHasFailed() throws Exception {
    Host host = started(hosted(one()), ANN);
    submit(host, next(host), "one");

    Reply.Declined last = is(Reply.Declined.class, submit(host, next(host), "two"));
    assertThat(last.attemptsLeft()).isZero();
    assertThat(is(Reply.Ended.class, host.next(RUN, 1)).status()).isEqualTo(RunStatus.FAILED);
    assertThat(refusal(host.submit(Submission.of(RUN, WORK, "three")))).isEqualTo("not-yours");
    Task work = run().snapshot().task(WORK).orElseThrow();
    assertThat(List.of(work.attempt(), work.launches())).containsExactly(2, 0);
  }

  @Test
  void anAnswerThatWasLostIsAskedForAgain() throws Exception {
    Host host = started(hosted(one()), ANN);
    Files.writeString(directory.resolve("done.txt"), "done");

    HostedStep step = next(host);
    assertThat(next(host).claim()).isEqualTo(step.claim());
    is(Reply.Accepted.class, submit(host, step, "mine"));
    is(Reply.Accepted.class, submit(host, step, "mine"));
    assertThat(refusal(submit(host, step, "other"))).isEqualTo("stale");
    assertThat(run().result().text("what")).contains("mine");
    assertThat(run().journal(1).stream().filter(e -> e.event() instanceof RunEvent.Delivered))
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "long"})
  void aSubmissionWithASecretIsTheSameWhenItIsHandedInAgain(String length) throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("work", s -> s.agent("a").prompt("Do {{ task }}").secret("TOKEN").output("what"))
            .build();
    MaestroBuilder knowing = builder().secrets(name -> Optional.of("hunter2-hunter2"));
    Host host = started(hosted(pipeline, knowing), ANN);
    String output = "it is hunter2-hunter2" + "!".repeat(length.isEmpty() ? 0 : 9_000);

    HostedStep step = next(host);
    is(Reply.Accepted.class, submit(host, step, output));
    is(Reply.Accepted.class, submit(host, step, output));
    assertThat(refusal(submit(host, step, "it is another"))).isEqualTo("stale");
    assertThat(run().result().text("what").orElseThrow()).startsWith("it is ***");
  }

  @Test
  void aFailureWithASecretIsTheSameWhenItIsHandedInAgain() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("work", s -> s.agent("a").prompt("Do {{ task }}").secret("TOKEN").attempts(2))
            .build();
    MaestroBuilder knowing = builder().secrets(name -> Optional.of("hunter2-hunter2"));
    Host host = started(hosted(pipeline, knowing), ANN);

    HostedStep step = next(host);
    Submission failed =
        new Submission(RUN, WORK, step.claim(), "", Usage.NONE, "no: hunter2-hunter2");
    is(Reply.Declined.class, host.submit(failed));
    is(Reply.Declined.class, host.submit(failed));
    assertThat(run().snapshot().task(WORK).orElseThrow().trouble().orElseThrow().message())
        .isEqualTo("no: ***");
  }

  @Test
  void whatIsNotAsItShouldBeIsNotAccepted() throws Exception {
    Pipeline json =
        Pipeline.named("p")
            .step(
                "work",
                s ->
                    s.agent("a")
                        .prompt("List {{ task }}")
                        .output(Output.json("list", List.class))
                        .attempts(2))
            .step(
                "each",
                s -> s.agent("b").forEach("{{ list }}").prompt("Do {{ item }}").after("work"))
            .build();
    Host host = started(hosted(json), ANN);

    assertThat(next(host).text()).contains("must be JSON");
    assertThat(is(Reply.Declined.class, submit(host, next(host), "no list")).why())
        .contains("JSON");
    is(Reply.Accepted.class, submit(host, next(host), "```json\n[\"x\",\"y\"]\n```"));
    List<HostedStep> each = is(Reply.Work.class, host.next(RUN, 5)).steps();
    assertThat(each).extracting(HostedStep::prompt).containsExactly("Do x", "Do y");
    String long_ = "x".repeat(Submission.LONGEST + 1);
    assertThat(refusal(submit(host, each.get(0), long_))).isEqualTo("too-large");
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775807, 0",
    "0, 1e99",
    "0, 1e-99",
    "0, 0.1234567890123456789012345678901"
  })
  void whatNoHostCanHaveUsedUpIsRefusedAndTheStepStaysInHand(long tokens, String usd)
      throws Exception {
    Pipeline once = Pipeline.named("p").step("a", s -> s.agent("a").prompt("Do it")).build();
    Host host = started(hosted(once), ANN);
    HostedStep step = next(host);
    Submission done = Submission.of(RUN, step.task(), "done").claim(step.claim());

    Reply reply = host.submit(done.using(Usage.of(tokens, 1, Money.usd(usd))));

    assertThat(refusal(reply)).isEqualTo("malformed");
    is(Reply.Accepted.class, host.submit(done.using(Usage.of(10, 1, Money.usd("0.5")))));
  }

  @Test
  void whyAStepCannotBeDoneIsSaidInShort() throws Exception {
    Pipeline once = Pipeline.named("p").step("a", s -> s.agent("a").prompt("Do it")).build();
    Host host = started(hosted(once), ANN);
    String why = "x".repeat(Submission.LONGEST_FAILURE + 1);

    assertThat(refusal(host.submit(Submission.failed(RUN, next(host).task(), why))))
        .isEqualTo("too-large");
  }

  @Test
  void aPlanThatAHostWritesBecomesTasksForHosts() throws Exception {
    Pipeline plan =
        Pipeline.named("p")
            .step(
                "plan",
                s -> s.plan("planner").prompt("Plan {{ task }}").template("piece").attempts(2))
            .template("piece", s -> s.agent("coder").prompt("{{ item.text }}"))
            .build();
    Host host = started(hosted(plan), ANN);

    assertThat(is(Reply.Declined.class, submit(host, next(host), "I plan nothing")).why())
        .contains("no task line");
    is(
        Reply.Accepted.class,
        submit(host, next(host), "- [ ] T001: first | File: a\n- [ ] T002: second | File: b"));
    List<HostedStep> pieces = is(Reply.Work.class, host.next(RUN, 5)).steps();
    assertThat(pieces)
        .extracting(HostedStep::prompt)
        .allMatch(text -> text.matches("first|second"));
    assertThat(pieces).hasSize(2);
  }

  // ------------------------------------------------------------------ several hosts

  @Test
  void oneOfEightHostsGetsAStepAndAnotherMayHaveItWhenItsTimeIsOver() throws Exception {
    Hosted hosted = hosted(one());
    started(hosted, ANN);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Reply.Work> got = new ArrayList<>();
    try {
      CyclicBarrier together = new CyclicBarrier(8);
      List<Callable<Reply>> tries = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Host host = hosted.host(Actor.of("host-" + i));
        tries.add(
            () -> {
              together.await();
              return host.next(RUN, 1);
            });
      }
      for (Future<Reply> one : threads.invokeAll(tries)) {
        if (one.get() instanceof Reply.Work work) {
          got.add(work);
        } else {
          assertThat(one.get().text()).contains("with other hosts");
        }
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(got).hasSize(1);

    time.advance(HOUR);
    HostedStep ofBen = next(hosted.host(BEN));
    assertThat(ofBen.claim()).isEqualTo(2);
    HostedStep late = got.get(0).steps().get(0);
    for (int i = 0; i < 8; i++) {
      Host host = hosted.host(Actor.of("host-" + i));
      assertThat(refusal(submit(host, late, "late"))).isEqualTo("stale");
    }
  }

  @Test
  void aLapsedHandOutIsFencedOffAlsoWhenItIsTheSameHostsAgain() throws Exception {
    Host host = started(hosted(one()), ANN);
    Files.writeString(directory.resolve("done.txt"), "done");
    HostedStep first = next(host);
    time.advance(HOUR);

    assertThat(refusal(submit(host, first, "late"))).isEqualTo("stale");
    HostedStep second = next(host);
    assertThat(second.claim()).isEqualTo(2);
    assertThat(refusal(submit(host, first, "late"))).isEqualTo("stale");
    is(Reply.Accepted.class, submit(host, second, "in time"));
  }

  @Test
  void anotherMaestroOnTheStoreHandsOutWhatTheHostHadInHand() throws Exception {
    HostedStep before = next(started(hosted(one()), ANN));
    Hosted second = hosted(one());
    time.advance(Duration.ofMinutes(10));

    HostedStep after = next(second.host(ANN));
    assertThat(after.claim()).isEqualTo(before.claim());
    assertThat(after.until()).isEqualTo(time.instant().plus(HOUR));
    assertThat(second.host(BEN).next(RUN, 1).text()).contains("with other hosts");
  }

  // ------------------------------------------------------------------ people

  @Test
  void answersGoToTheHostThatStartedTheRunAndAreAboutWhatWasShown() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("work", s -> s.agent("a").prompt("Do {{ task }}").output("what"))
            .step("ok", s -> s.approval("Is {{ what }} fine?").after("work"))
            .build();
    Hosted hosted = hosted(pipeline);
    Host ann = started(hosted, ANN);
    Host ben = hosted.host(BEN);
    is(Reply.Accepted.class, submit(ben, next(ben), "the work"));
    Question question = is(Reply.Waiting.class, ben.next(RUN, 1)).questions().get(0);
    Answer yes = Answer.approve().to(question);

    assertThat(refusal(ann.approve(RUN, question.id(), Answer.approve()))).isEqualTo("unbound");
    assertThat(refusal(ben.approve(RUN, question.id(), yes))).isEqualTo("not-allowed");
    Answer other = new Answer(Answer.Decision.APPROVE, "", "0".repeat(64));
    assertThat(refusal(ann.approve(RUN, question.id(), other))).isEqualTo("stale");
    assertThat(is(Reply.Status.class, ben.status(RUN)).text()).contains("Is the work fine?");
    is(Reply.Answered.class, ann.approve(RUN, question.id(), yes));
    assertThat(run().journal(1))
        .filteredOn(entry -> entry.event() instanceof RunEvent.Answered)
        .extracting(entry -> ((RunEvent.Answered) entry.event()).actor().name())
        .containsExactly("ann/person");
    assertThat(is(Reply.Ended.class, ben.next(RUN, 1)).status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  @Test
  void changesThatAreRequestedAreHandedOutToHosts() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("work", s -> s.agent("a").prompt("Do {{ task }}").review())
            .build();
    Host host = started(hosted(pipeline), ANN);
    Reply.Waiting waiting = is(Reply.Waiting.class, submit(host, next(host), "done"));
    Question question = waiting.questions().get(0);
    assertThat(question.kind()).isEqualTo(Question.Kind.REVIEW);

    is(
        Reply.Answered.class,
        host.approve(RUN, question.id(), Answer.changes("shorter").to(question)));
    HostedStep again = next(host);
    assertThat(again.prompt()).contains("shorter");
    Reply.Waiting second = is(Reply.Waiting.class, submit(host, again, "shorter"));
    Question last = second.questions().get(0);
    is(Reply.Answered.class, host.approve(RUN, last.id(), Answer.approve().to(last)));
    assertThat(is(Reply.Ended.class, host.next(RUN, 1)).status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  // ------------------------------------------------------------------ rules

  @Test
  void whatPeopleHaveToAgreeToIsHandedOutAfterTheirYes() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "work",
                s -> s.agent("a").prompt("Deploy {{ task }}").risk(Risk.HIGH).signOff(Tiers.USUAL))
            .build();
    Host host = started(hosted(pipeline), ANN);

    Reply.Waiting waiting = is(Reply.Waiting.class, host.next(RUN, 1));
    Question question = waiting.questions().get(0);
    assertThat(question.text()).contains("May task work begin?");
    is(Reply.Answered.class, host.approve(RUN, question.id(), Answer.approve().to(question)));
    HostedStep step = next(host);
    assertThat(step.attempt()).isEqualTo(1);
    submit(host, step, "deployed");
    List<RunEvent.Judged> judged = run().judgments();
    assertThat(judged).isNotEmpty();
  }

  @Test
  void aPromptThatARuleRefusesIsNotHandedOut() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("work", s -> s.agent("a").prompt("Do {{ task }}").guard(Guardrail.terms("it")))
            .build();
    Host host = started(hosted(pipeline), ANN);

    Reply.Ended ended = is(Reply.Ended.class, host.next(RUN, 1));
    assertThat(ended.status()).isEqualTo(RunStatus.FAILED);
    Task work = run().snapshot().task(WORK).orElseThrow();
    assertThat(work.reason().orElseThrow().code()).isEqualTo("guardrail-blocked");
    assertThat(run().judgments()).isNotEmpty();
  }

  @Test
  void anOutputThatARuleRefusesIsNotAccepted() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "work", s -> s.agent("a").prompt("Do it").output("what").guard(Guardrail.secrets()))
            .build();
    Host host = hosted(pipeline).host(ANN);
    is(Reply.Started.class, host.start("p", RUN, Inputs.none()));

    HostedStep step = next(host);
    String secret = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789";
    submit(host, step, "the token is " + secret);
    String journal = run().journal(1).stream().map(RunRecord::toString).toList().toString();
    assertThat(run().snapshot().task(WORK).orElseThrow().output().map(Object::toString).orElse(""))
        .doesNotContain(secret);
    assertThat(run().judgments()).as(journal).isNotEmpty();
  }

  @Test
  void nothingMoreIsHandedOutWhenTheBudgetIsUsedUp() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .budget(Budget.ofTokens(100))
            .step("first", s -> s.agent("a").prompt("One of {{ task }}"))
            .step("work", s -> s.agent("a").after("first").prompt("Two"))
            .build();
    Host host = started(hosted(pipeline), ANN);
    HostedStep first = next(host);
    Usage used = Usage.of(90, 30, Money.ZERO);
    is(Reply.Accepted.class, host.submit(Submission.of(RUN, first.task(), "done").using(used)));

    assertThat(is(Reply.Waiting.class, host.next(RUN, 1)).why())
        .contains("has 0 of 100 tokens left");
    run().grant(Cap.ofTokens(100), ANN);
    assertThat(next(host).task()).isEqualTo(WORK);
    assertThat(run().snapshot().usage()).isEqualTo(used);
  }

  // ------------------------------------------------------------------ with Maestro's own steps

  @Test
  void onlyStepsThatSaySoAreHandedOutOfAMixedPipeline() throws Exception {
    ScriptedAgent agent = ScriptedAgent.named("own").otherwise(Turn.says("by Maestro")).build();
    Pipeline mixed =
        Pipeline.named("p")
            .step("own", s -> s.agent("own").prompt("Own {{ task }}").output("own"))
            .step("work", s -> s.agent("host").after("own").prompt("{{ own }}").byClaim())
            .build();
    try (Maestro maestro = builder().provider(agent).build();
        Hosted hosted = Hosted.over(maestro).mixed(mixed).patience(PATIENCE).build()) {
      Host host = started(hosted, ANN);

      HostedStep step = next(host);
      assertThat(step.prompt()).isEqualTo("by Maestro");
      is(Reply.Accepted.class, submit(host, step, "by a host"));
      Run run = maestro.find(RUN).orElseThrow();
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(run.snapshot().task("own").orElseThrow().launches()).isEqualTo(1);
      assertThat(run.snapshot().task(WORK).orElseThrow().state()).isEqualTo(TaskState.COMPLETED);
    }
  }
}
