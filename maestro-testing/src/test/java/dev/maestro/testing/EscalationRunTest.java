package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Model;
import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.gate.Gate;
import dev.maestro.insight.LadderReport;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Output;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Place;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Until;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What follows an attempt that did not pass: a stronger route, a person, or an end, in real runs.
 */
@Timeout(300)
class EscalationRunTest {

  private static final Actor ANN = Actor.of("ann");
  private static final Gate FINE =
      Gate.command("sh", "-c", "grep -q fine a.txt || { echo bad; exit 1; }");

  @TempDir Path directory;

  private List<RunRecord> journal = List.of();

  private interface Story {
    RunResult tell(Run run) throws Exception;
  }

  private RunResult run(ScriptedAgent agent, Consumer<StepBuilder> step, Story story)
      throws Exception {
    return run(Maestro.builder(), agent, step, story);
  }

  private RunResult run(
      MaestroBuilder builder, ScriptedAgent agent, Consumer<StepBuilder> step, Story story)
      throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> step.accept(s.agent("x").prompt("Do it").backoff(Backoff.NONE)))
            .build();
    try (Maestro maestro =
        builder
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(agent)
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      RunResult result = story.tell(run);
      journal = run.journal(1);
      return result;
    }
  }

  private static Turn writes(String content, String cost) {
    return Turn.says("done").writes("a.txt", content).uses(Usage.of(1, 1, Money.usd(cost)));
  }

  private static ScriptedAgent agent(Turn first, Turn... more) {
    ScriptedAgent.Builder builder = ScriptedAgent.named("scripted").otherwise(first);
    for (Turn turn : more) {
      builder.then(turn);
    }
    return builder.build();
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  private static List<String> models(ScriptedAgent agent) {
    return agent.launches().stream().map(launch -> launch.request().model()).toList();
  }

  private List<Judgment> chain() {
    return journal.stream()
        .map(RunRecord::event)
        .filter(RunEvent.Judged.class::isInstance)
        .flatMap(event -> ((RunEvent.Judged) event).judgments().stream())
        .toList();
  }

  // ------------------------------------------------------------------ the ladder

  @Test
  void whatDoesNotPassIsTriedOnTheNextRungAndThenByAPersonWhoKnowsEverything() throws Exception {
    ScriptedAgent agent =
        agent(writes("bad", "0.01"), writes("worse", "0.10"), writes("fine", "0.10"));

    RunResult result =
        run(
            agent,
            s -> s.gate(FINE).attempts(2).ladder(Ladder.of("small", "large").thenPerson()),
            run -> {
              RunResult asked = run.await();
              assertThat(asked.status()).isEqualTo(RunStatus.WAITING);
              assertThat(task(asked).state()).isEqualTo(TaskState.AWAITING_APPROVAL);
              assertThat(task(asked).reason()).contains(Reason.ESCALATED);
              String question = asked.questions().get(0).text();
              assertThat(question)
                  .contains("Attempt 1 (small): gate-failed")
                  .contains("Attempt 2 (large): gate-failed")
                  .contains("bad");
              run.answer(asked.questions().get(0).id(), Answer.approve(), ANN);
              return run.await();
            });

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(models(agent)).containsExactly("small", "large", "large");
    assertThat(chain())
        .filteredOn(judgment -> judgment.place() == Place.ROUTE)
        .extracting(judgment -> judgment.numbers().toString())
        .containsExactly("rung 1, rungs 2", "rung 2, rungs 2", "rung 2, rungs 2");
    LadderReport report = LadderReport.of(journal);
    assertThat(report.rungs())
        .extracting(LadderReport.Rung::model)
        .containsExactly("small", "large");
    assertThat(report.rungs().get(0).costPerAccepted()).isEmpty();
    assertThat(report.rungs().get(1).attempts()).isEqualTo(2);
    assertThat(report.rungs().get(1).costPerAccepted()).contains(Money.usd("0.20"));
  }

  @Test
  void workThatAPersonAcceptsIsAcceptedOnItsRung() throws Exception {
    ScriptedAgent agent = agent(writes("bad", "0.01"), writes("fine", "0.10"));

    run(
        agent,
        s -> s.gate(FINE).attempts(2).ladder(Ladder.of("small", "large")).review(),
        run -> {
          run.answer(run.await().questions().get(0).id(), Answer.approve(), ANN);
          return run.await();
        });

    LadderReport report = LadderReport.of(journal);
    assertThat(report.rungs()).extracting(LadderReport.Rung::accepted).containsExactly(0, 1);
    assertThat(report.rungs().get(1).costPerAccepted()).contains(Money.usd("0.10"));
  }

  @Test
  void workThatAPersonRejectsIsNotAccepted() throws Exception {
    run(
        agent(writes("fine", "0.10")),
        s -> s.gate(FINE).ladder(Ladder.of("small")).review(),
        run -> {
          run.answer(run.await().questions().get(0).id(), Answer.reject("no"), ANN);
          return run.await();
        });

    assertThat(LadderReport.of(journal).rungs())
        .extracting(LadderReport.Rung::accepted)
        .containsExactly(0);
  }

  @Test
  void aNoEndsIt() throws Exception {
    RunResult result =
        run(
            agent(writes("bad", "0.01")),
            s -> s.gate(FINE).ladder(Ladder.toPerson()),
            run -> {
              QuestionId question = run.await().questions().get(0).id();
              run.answer(question, Answer.reject("too bad"), ANN);
              return run.await();
            });

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(Reason.REJECTED);
  }

  @Test
  void anErrorThatIsNoCheckDoesNotClimb() throws Exception {
    ScriptedAgent agent =
        agent(Turn.failing(ErrorClass.TRANSIENT, "the network"), writes("fine", "0.01"));

    run(agent, s -> s.gate(FINE).attempts(3).ladder(Ladder.of("small", "large")), Run::await);

    assertThat(models(agent)).containsExactly("small", "small");
  }

  // ------------------------------------------------------------------ confidence

  @Test
  void workThatTheAgentItselfDoubtsIsTriedAgainOnAStrongerRoute() throws Exception {
    ScriptedAgent agent =
        agent(Turn.says("confidence: low").writes("a.txt", "fine"), writes("fine, too", "0.01"));

    RunResult result =
        run(
            agent,
            s ->
                s.gate(FINE)
                    .attempts(2)
                    .confidence(Confidence.DEFAULT)
                    .ladder(Ladder.of("small", "large")),
            Run::await);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(models(agent)).containsExactly("small", "large");
    assertThat(agent.launches().get(1).request().prompt()).contains("low-confidence");
  }

  @Test
  void withoutAnotherAttemptAPersonAcceptsTheWorkThatIsThere() throws Exception {
    ScriptedAgent agent = agent(Turn.says("I have low confidence").writes("a.txt", "fine"));

    RunResult result =
        run(
            agent,
            s -> s.gate(FINE).confidence(Confidence.DEFAULT),
            run -> {
              RunResult asked = run.await();
              assertThat(asked.questions().get(0).text()).contains("below 0.5");
              run.answer(asked.questions().get(0).id(), Answer.approve(), ANN);
              return run.await();
            });

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(agent.launches()).hasSize(1);
  }

  @Test
  void judgesAreAskedByName() throws Exception {
    RunResult result =
        run(
            Maestro.builder().judge("strict", context -> 0.0),
            agent(writes("fine", "0.01")),
            s -> s.gate(FINE).confidence(Confidence.atLeast(0.6).judges("strict")),
            Run::await);

    assertThat(result.status()).isEqualTo(RunStatus.WAITING);
  }

  @Test
  void aJudgeThatIsMissingBlocksBeforeAnythingIsPaid() throws Exception {
    ScriptedAgent agent = agent(writes("fine", "0.01"));

    RunResult result =
        run(agent, s -> s.confidence(Confidence.DEFAULT.judges("nobody")), Run::await);

    assertThat(task(result).reason()).contains(Reason.CODE_MISSING);
    assertThat(agent.launches()).isEmpty();
  }

  @Test
  void aRungThatNobodyHereOffersIsRefusedAtTheStart() {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .models(new Model("small-1", "small"))
            .otherwise(writes("fine", "0.01"))
            .build();

    assertThatThrownBy(
            () -> run(agent, s -> s.attempts(2).ladder(Ladder.of("small-1", "huge-9")), Run::await))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("huge-9");
    assertThat(agent.launches()).isEmpty();
  }

  // ------------------------------------------------------------------ loops

  @Test
  void anAgentGoesOnInItsSessionUntilItSaysThatItIsDone() throws Exception {
    Turn silent = Turn.says("I go on.").session("talk").writes("a.txt", "fine");
    Turn not =
        Turn.says("<COMPLETION_GATE>\nready: false\nreason: tests\n</COMPLETION_GATE>")
            .session("talk")
            .writes("b.txt", "b");
    Turn done =
        Turn.says("<COMPLETION_GATE>\nready: true\n</COMPLETION_GATE>")
            .session("talk")
            .writes("c.txt", "c");
    ScriptedAgent agent = agent(silent, not, done);

    RunResult result =
        run(
            agent,
            s -> s.attempts(10).until(Until.block()).breaker(LoopBreaker.DEFAULT),
            Run::await);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(agent.launches()).hasSize(3);
    assertThat(agent.launches().get(2).request().session()).hasToString("talk");
    assertThat(agent.launches().get(2).request().prompt()).contains("not done: tests");
  }

  @Test
  void aPromiseInATextOfTheJsonSaysThatItIsDone() throws Exception {
    ScriptedAgent agent =
        agent(
            Turn.says("{\"found\": [1]}").writes("a.txt", "a"),
            Turn.says("{\"found\": [1, 2], \"end\": \"<promise>COMPLETE</promise>\"}")
                .writes("b.txt", "b"));

    RunResult result =
        run(
            agent,
            s -> s.attempts(5).until(Until.promise()).output(Output.json("found", Map.class)),
            Run::await);

    assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(result).attempt()).isEqualTo(2);
    assertThat(result.text("found").orElseThrow()).contains("[1,2]");
  }

  @Test
  void attemptsThatChangeNothingOpenTheBreakerBeforeTheyAreUsedUp() throws Exception {
    ScriptedAgent agent = agent(writes("bad", "0.01"), writes("bad", "0.01"));

    RunResult result =
        run(agent, s -> s.gate(FINE).attempts(10).breaker(new LoopBreaker(3, 5, 10)), Run::await);

    assertThat(agent.launches()).hasSize(4);
    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).contains(LoopBreaker.NO_CHANGES);
    assertThat(task(result).detail().orElseThrow()).contains("changed no file");
    assertThat(chain())
        .filteredOn(judgment -> judgment.rule().equals(LoopBreaker.RULE))
        .extracting(judgment -> judgment.numbers().toString())
        .endsWith("idle 3, sameError 4, iterations 4");
  }

  @Test
  void aBreakerThatOpensSaysWhichOfItsLimitsWasReached() throws Exception {
    Turn[] changing = {writes("bad", "0"), writes("worse", "0"), writes("bad", "0")};

    RunResult same =
        run(
            agent(changing[0], changing),
            s -> s.gate(FINE).attempts(10).breaker(new LoopBreaker(9, 2, 9)),
            Run::await);

    assertThat(task(same).reason()).contains(LoopBreaker.SAME_ERROR);
    assertThat(task(same).detail().orElseThrow())
        .contains("2 attempts in a row failed with the same error; the limit is 2");
    assertThat(chain())
        .filteredOn(judgment -> judgment.rule().equals(LoopBreaker.RULE))
        .extracting(Judgment::reason)
        .endsWith(LoopBreaker.SAME_ERROR);
  }

  @Test
  void norMoreAttemptsThanALoopMayHave() throws Exception {
    RunResult many =
        run(
            agent(writes("bad", "0"), writes("worse", "0"), writes("worst", "0")),
            s -> s.gate(FINE).attempts(10).breaker(new LoopBreaker(9, 9, 3)),
            Run::await);

    assertThat(task(many).attempt()).isEqualTo(3);
    assertThat(task(many).reason()).contains(Reason.MAX_ITERATIONS);
    assertThat(task(many).detail().orElseThrow()).contains("3 attempts were made; the limit is 3");
  }

  @Test
  void oneAttemptIsOneAttemptWhateverTheAgentSays() throws Exception {
    ScriptedAgent agent = agent(Turn.says("not yet").writes("a.txt", "fine"));

    RunResult result = run(agent, s -> s.attempts(5).until(Until.block().once()), Run::await);

    assertThat(result.status()).isEqualTo(RunStatus.FAILED);
    assertThat(task(result).reason()).hasToString("Optional[single-task]");
    assertThat(agent.launches()).hasSize(1);
  }

  @Test
  void onlyAnAgentIsAskedToSayThatItIsDone() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .until(Until.block())
            .confidence(Confidence.DEFAULT)
            .step("t", s -> s.command("echo", "confidence: low"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(InMemoryStore.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .build()) {
      assertThat(maestro.start(pipeline, RunId.of("r"), Inputs.none()).await().isSuccess())
          .isTrue();
    }
  }

  @Test
  void aPersonIsAskedAboutLowConfidenceWhicheverRuleEndsTheAttempts() throws Exception {
    for (Consumer<StepBuilder> ends :
        List.<Consumer<StepBuilder>>of(
            s -> s.retries(new Retries(0, 0)),
            s -> s.breaker(new LoopBreaker(1, 1, 1)),
            s -> s.attempts(1))) {
      ScriptedAgent agent =
          ScriptedAgent.named("x").on("a", Turn.says("confidence: low").writes("a", "b")).build();
      RunResult result =
          run(
              agent,
              s -> ends.accept(s.attempts(3).confidence(Confidence.DEFAULT)),
              run -> run.await());

      assertThat(result.snapshot().task("a").orElseThrow().state())
          .isEqualTo(TaskState.AWAITING_APPROVAL);
    }
  }
}
