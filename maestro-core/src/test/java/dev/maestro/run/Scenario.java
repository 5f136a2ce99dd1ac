package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Priority;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Tells a run what happens, one sentence an input; every input but {@code refuses} is accepted. */
final class Scenario {

  static final Instant EPOCH = Instant.parse("2026-11-20T10:00:00Z");
  static final Usage CENT = Usage.of(100, 10, Money.usd("0.01"));
  static final RunKey KEY = new RunKey(Tenant.of("acme"), RunId.of("run-1"));
  static final Actor ANN = Actor.of("ann");

  final RunUnderTest run;
  Instant now = EPOCH;
  Decision.Accepted last;

  private Scenario(Pipeline pipeline) {
    run = new RunUnderTest(pipeline);
  }

  static Scenario of(Steps... steps) {
    return new Scenario(Steps.pipeline(steps));
  }

  static Scenario of(Pipeline pipeline) {
    return new Scenario(pipeline);
  }

  static Scenario started(Steps... steps) {
    return of(steps).start(Map.of());
  }

  static Scenario started(Pipeline pipeline) {
    return of(pipeline).start(Map.of());
  }

  // ------------------------------------------------------------------ inputs

  static RunInput.Start startInput(Map<String, Value> inputs) {
    return startInput(inputs, Terms.DEFAULT);
  }

  static RunInput.Start startInput(Map<String, Value> inputs, Terms terms) {
    return new RunInput.Start(
        EPOCH, KEY, ANN, BlobId.of(new byte[0]), "hash", inputs, Map.of("team", "blue"), terms);
  }

  Scenario start(Map<String, String> inputs) {
    Map<String, Value> values = new LinkedHashMap<>();
    inputs.forEach((name, text) -> values.put(name, text(text)));
    return feed(startInput(values));
  }

  Scenario startWithin(Duration limit) {
    return feed(startInput(Map.of(), new Terms(Priority.DEFAULT, limit)));
  }

  Scenario feed(RunInput input) {
    Decision decision = run.feed(input);
    assertThat(decision).as("decision on %s", input).isInstanceOf(Decision.Accepted.class);
    last = (Decision.Accepted) decision;
    return this;
  }

  Scenario refuses(String code, RunInput input) {
    Decision decision = run.feed(input);
    assertThat(decision).as("decision on %s", input).isInstanceOf(Decision.Refused.class);
    assertThat(((Decision.Refused) decision).code()).isEqualTo(code);
    return this;
  }

  Scenario refusesSaying(String message, RunInput input) {
    assertThat(run.feed(input))
        .asInstanceOf(type(Decision.Refused.class))
        .extracting(Decision.Refused::message)
        .isEqualTo(message);
    return this;
  }

  Scenario dispatch(String task) {
    return feed(new RunInput.Dispatch(now, TaskId.of(task)));
  }

  Scenario intend(String task) {
    return feed(intent(task, attempt(task), true));
  }

  /** An agent that has its prompt at its start. */
  Scenario intendAtOnce(String task) {
    return feed(intent(task, attempt(task), false));
  }

  RunInput.Intend intent(String task, int attempt, boolean promptAfterStart) {
    return new RunInput.Intend(
        new RunEvent.Intent(
            now, TaskId.of(task), attempt, "claude", null, "c0", "p0", null, promptAfterStart));
  }

  Scenario launch(String task) {
    return feed(launched(task, attempt(task), true));
  }

  RunInput.Launch launched(String task, int attempt, boolean agent) {
    return new RunInput.Launch(
        now, TaskId.of(task), attempt, new ProcessIdentity("boot", 7, 8, "m" + attempt), agent);
  }

  Scenario session(String task, String session) {
    return feed(
        new RunInput.NameSession(now, TaskId.of(task), attempt(task), SessionId.of(session)));
  }

  /** Dispatch an agent's task, and launch the agent. */
  Scenario work(String task) {
    return dispatch(task).intend(task).launch(task);
  }

  Scenario acted(String task) {
    return acted(task, "done");
  }

  Scenario acted(String task, String output) {
    return feed(ended(task, attempt(task), new ActResult.Done(text(output), CENT, null)));
  }

  Scenario fails(String task) {
    return fails(task, trouble(ErrorClass.TRANSIENT));
  }

  Scenario fails(String task, Trouble trouble) {
    return feed(ended(task, attempt(task), new ActResult.Failed(trouble, CENT, null)));
  }

  Scenario stopped(String task, Verdict verdict) {
    return feed(ended(task, attempt(task), new ActResult.Stopped(verdict)));
  }

  RunInput.ActEnded ended(String task, int attempt, ActResult result) {
    return new RunInput.ActEnded(now, TaskId.of(task), attempt, result, 0.5);
  }

  Scenario verified(String task) {
    return feed(verify(task, attempt(task), List.of(), null, null));
  }

  Scenario gatesPass(String task) {
    return feed(verify(task, attempt(task), List.of(receipt(true)), null, null));
  }

  Scenario gateFails(String task) {
    Trouble trouble = Trouble.of(Reason.GATE_FAILED, "the gate failed");
    return feed(verify(task, attempt(task), List.of(receipt(false)), trouble, null));
  }

  Scenario verifyAsks(String task, String question) {
    return verifyAsks(task, new Verdict.Ask(Reason.ESCALATED, question));
  }

  Scenario verifyAsks(String task, Verdict.Ask ask) {
    return feed(verify(task, attempt(task), List.of(), null, ask));
  }

  Scenario verifiedForReview(String task, Verdict.Ask review) {
    VerifyResult result =
        new VerifyResult(
            checkpoint(task), 2, List.of(), List.of(receipt(true)), null, null, review);
    return feed(new RunInput.VerifyEnded(now, TaskId.of(task), attempt(task), result, 0.5));
  }

  Scenario accepts(String task) {
    return integrateEnds(task, new IntegrateResult.Accepted());
  }

  RunInput.VerifyEnded verify(
      String task, int attempt, List<Receipt> receipts, Trouble trouble, Verdict.Ask ask) {
    return new RunInput.VerifyEnded(
        now,
        TaskId.of(task),
        attempt,
        new VerifyResult(checkpoint(task), 2, List.of("kept.txt"), receipts, trouble, ask),
        0.5);
  }

  Scenario preparesMerge(String task) {
    return feed(
        new RunInput.PrepareMerge(
            new RunEvent.Merging(
                now,
                TaskId.of(task),
                "main",
                new Checkpoint("m0", "t0"),
                new Checkpoint("m1", "t1"),
                List.of(receipt(true)))));
  }

  Scenario merges(String task) {
    return integrateEnds(task, new IntegrateResult.Merged(new Checkpoint("m1", "t1")));
  }

  Scenario mergeConflicts(String task) {
    return integrateEnds(
        task, new IntegrateResult.Blocked(Trouble.of(Reason.MERGE_CONFLICT, "a.txt")));
  }

  Scenario mergedTreeFails(String task) {
    return integrateEnds(
        task,
        new IntegrateResult.GatesFailed(
            List.of(receipt(false)), Trouble.of(Reason.GATE_FAILED, "on the merged tree")));
  }

  Scenario mergeAsks(String task, Verdict.Ask ask) {
    return integrateEnds(task, new IntegrateResult.Asks(ask));
  }

  Scenario integrateEnds(String task, IntegrateResult result) {
    return feed(new RunInput.IntegrateEnded(now, TaskId.of(task), result, 0.5));
  }

  /** Everything an agent's or program's task does, from its slot to its end. */
  Scenario completes(String task) {
    dispatch(task);
    if (run.task(task).isAgent()) {
      intend(task).launch(task);
    }
    acted(task);
    return run.task(task).state == TaskState.TESTING ? verified(task) : this;
  }

  Scenario asks(String task) {
    return feed(new RunInput.Ask(now, TaskId.of(task), "go on with " + task + "?"));
  }

  Scenario answer(String task, Answer answer) {
    return feed(new RunInput.GiveAnswer(now, question(task), answer, ANN));
  }

  Scenario approve(String task) {
    return answer(task, Answer.approve());
  }

  Scenario reject(String task) {
    return answer(task, Answer.reject("not like this"));
  }

  Scenario changes(String task, String what) {
    return answer(task, Answer.changes(what));
  }

  RunInput.GiveAnswer answered(String task, Answer answer, Actor actor) {
    return new RunInput.GiveAnswer(now, question(task), answer, actor);
  }

  QuestionId question(String task) {
    return run.task(task).question().orElseThrow();
  }

  Scenario block(String task, Reason reason) {
    return feed(
        new RunInput.Block(now, TaskId.of(task), new Verdict.Refuse(reason, "missing", true)));
  }

  Scenario skip(String task) {
    return feed(new RunInput.Skip(now, TaskId.of(task)));
  }

  Scenario retry(String task) {
    return feed(new RunInput.Retry(now, TaskId.of(task), ANN));
  }

  Scenario giveUp(String task) {
    return feed(new RunInput.GiveUp(now, TaskId.of(task), "no use", ANN));
  }

  Scenario rework(String task) {
    return feed(reworked(task));
  }

  RunInput.Rework reworked(String task) {
    return new RunInput.Rework(now, TaskId.of(task), "make it faster", ANN);
  }

  Scenario wait(Duration time) {
    now = now.plus(time);
    return feed(new RunInput.TimeCame(now));
  }

  Scenario pause() {
    return feed(new RunInput.Pause(now, "lunch", ANN));
  }

  Scenario stop() {
    return feed(new RunInput.Stop(now, "fire", ANN));
  }

  Scenario resume() {
    return feed(new RunInput.Resume(now, ANN));
  }

  Scenario cancel() {
    return feed(new RunInput.Cancel(now, "changed my mind", ANN));
  }

  Scenario crash() {
    run.foldAnew();
    return feed(new RunInput.Interrupt(now));
  }

  Scenario crashAndRecover() {
    return crash().feed(new RunInput.Recover(now));
  }

  // ------------------------------------------------------------------ values

  static Value text(String text) {
    return new Value.Inline(TextNode.valueOf(text));
  }

  static Checkpoint checkpoint(String task) {
    return new Checkpoint("c-" + task, "t-" + task);
  }

  static Trouble trouble(ErrorClass errorClass) {
    return new Trouble(Reason.ERROR, errorClass, "it broke", "the end of the log", null);
  }

  static Receipt receipt(boolean passed) {
    return new Receipt(
        "true",
        List.of("true"),
        passed,
        passed ? 0 : 1,
        "t1",
        "0".repeat(64),
        "",
        EPOCH,
        Duration.ofNanos(1_234_567_891));
  }

  private int attempt(String task) {
    return run.task(task).attempt;
  }

  // ------------------------------------------------------------------ facts

  Scenario is(RunStatus status) {
    assertThat(run.state().status()).isEqualTo(status);
    return this;
  }

  Scenario is(String task, TaskState state) {
    assertThat(run.task(task).state).as("state of %s", task).isEqualTo(state);
    return this;
  }

  Scenario is(String task, TaskState state, Reason reason) {
    is(task, state);
    assertThat(run.task(task).reason).as("reason of %s", task).isEqualTo(reason);
    return this;
  }

  Scenario ready(String... tasks) {
    assertThat(
            StreamSupport.stream(run.state().ready().spliterator(), false).map(t -> t.id.value()))
        .containsExactly(tasks);
    return this;
  }

  Scenario commands(RunCommand... commands) {
    assertThat(last.commands()).containsExactly(commands);
    return this;
  }

  Scenario attempt(String task, int number) {
    assertThat(run.task(task).attempt).as("attempt of %s", task).isEqualTo(number);
    return this;
  }

  Scenario launches(String task, int number) {
    assertThat(run.task(task).dealings.launches).as("launches of %s", task).isEqualTo(number);
    return this;
  }
}
