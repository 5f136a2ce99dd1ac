package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.gate.Gate;
import dev.maestro.gate.GateCheck;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.run.RunRecord;
import dev.maestro.store.FileStore;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Retention;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class MaestroTest {

  private static final Actor ANNA = Actor.of("anna");

  @TempDir Path directory;

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private MaestroBuilder builder() {
    return builder(InMemoryStore.create());
  }

  @Test
  void runsStepsInOrderAndHandsOutputsOn() throws Exception {
    Pipeline pipeline =
        Pipeline.named("greeting")
            .step("name", s -> s.code("name", "1").output("who"))
            .step("greet", s -> s.command("echo", "hello {{ who }}").after("name").output("text"))
            .build();

    try (Maestro maestro = builder().step("name", "1", context -> "world").build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("text")).contains("hello world");
    }
  }

  @Test
  void triesAgainAfterAFailureAndThenGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Pipeline pipeline =
        Pipeline.named("flaky")
            .step("flaky", s -> s.code("flaky", "1").attempts(3).backoff(Backoff.NONE))
            .build();

    try (Maestro maestro =
        builder()
            .step(
                "flaky",
                "1",
                context -> {
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                  return null;
                })
            .build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(calls).hasValue(3);
    }
  }

  @Test
  void anApprovalThatWasRejectedIsAskedAnewWhileOthersAreOpen() throws Exception {
    Pipeline pipeline =
        Pipeline.named("asking")
            .step("ok", s -> s.approval("go?"))
            .step("other", s -> s.approval("other?"))
            .build();

    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.answer(question(run, "ok").id(), Answer.reject("no"), ANNA);
      run.retry(TaskId.of("ok"), ANNA);
      run.answer(question(run, "ok").id(), Answer.approve(), ANNA);
      run.answer(question(run, "other").id(), Answer.approve(), ANNA);

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  private static Question question(Run run, String task) throws InterruptedException {
    return run.await().questions().stream()
        .filter(question -> question.task().equals(TaskId.of(task)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void failsARunWithItsTaskAndBlocksWhatIsBehind() throws Exception {
    Pipeline pipeline =
        Pipeline.named("failing")
            .step("bad", s -> s.command("false"))
            .step("behind", s -> s.command("true").after("bad"))
            .step("beside", s -> s.command("true"))
            .build();

    try (Maestro maestro = builder().build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.FAILED);
      assertThat(state(result, "bad")).isEqualTo(TaskState.FAILED);
      assertThat(state(result, "behind")).isEqualTo(TaskState.CANCELLED);
      assertThat(state(result, "beside")).isEqualTo(TaskState.COMPLETED);
    }
  }

  @Test
  void waitsForAPersonAcrossARestart() throws Exception {
    Pipeline pipeline =
        Pipeline.named("asking")
            .step("ask", s -> s.approval("May {{ what }} go out?").output("answer"))
            .step("ship", s -> s.command("echo", "{{ answer }}").after("ask").output("shipped"))
            .build();
    Inputs inputs = Inputs.of("what", "version 2");
    StoreSource store = FileStore.at(directory.resolve("store"));

    try (Maestro maestro = builder(store).build()) {
      RunResult waiting = maestro.start(pipeline, RunId.of("r"), inputs).await();
      assertThat(waiting.status()).isEqualTo(RunStatus.WAITING);
      assertThat(waiting.questions())
          .extracting(Question::text)
          .containsExactly("May version 2 go out?");
    }

    try (Maestro maestro = builder(store).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), inputs);
      Question question = run.await().questions().get(0);
      run.answer(question.id(), Answer.approve(), ANNA);

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("shipped")).contains("approved");
    }
  }

  @Test
  void goesOnAfterBeingClosedInTheMiddle() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    AtomicInteger first = new AtomicInteger();
    Pipeline pipeline =
        Pipeline.named("long")
            .step("first", s -> s.code("first", "1"))
            .step("second", s -> s.code("second", "1").after("first"))
            .build();
    StoreSource store = FileStore.at(directory.resolve("store"));

    try (Maestro maestro =
        builder(store)
            .step("first", "1", c -> first.incrementAndGet())
            .step(
                "second",
                "1",
                c -> {
                  started.countDown();
                  new CountDownLatch(1).await();
                  return null;
                })
            .build()) {
      maestro.start(pipeline, RunId.of("r"), Inputs.none());
      started.await();
    }

    try (Maestro maestro =
        builder(store)
            .step("first", "1", c -> first.incrementAndGet())
            .step("second", "1", c -> "done")
            .build()) {
      Recovery recovery = maestro.recover();
      assertThat(recovery.runs()).hasSize(1);
      assertThat(recovery.runs().get(0).await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(first).hasValue(1);
    }
  }

  @Test
  void blocksATaskWhoseCodeIsMissingAndGoesOnWhenItIsThere() throws Exception {
    Pipeline pipeline = Pipeline.named("code").step("a", s -> s.code("missing", "1")).build();
    StoreSource store = InMemoryStore.create();

    try (Maestro maestro = builder(store).build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
      assertThat(result.status()).isEqualTo(RunStatus.WAITING);
      assertThat(state(result, "a")).isEqualTo(TaskState.BLOCKED);
      assertThat(result.snapshot().task("a").orElseThrow().reason()).contains(Reason.CODE_MISSING);
    }
    try (Maestro maestro = builder(store).step("missing", "1", c -> "here").build()) {
      maestro.recover();
      RunResult result = maestro.find(RunId.of("r")).orElseThrow().await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void asksAPersonWhenAGateIsMissingAfterARestartAndChecksThePaidWorkAgain() throws Exception {
    CountDownLatch inGate = new CountDownLatch(1);
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "work",
                s -> s.command("sh", "-c", "echo done >> made.txt").gate(Gate.code("check", "1")))
            .build();
    StoreSource store = InMemoryStore.create();

    try (Maestro maestro =
        builder(store)
            .gate(
                "check",
                "1",
                subject -> {
                  inGate.countDown();
                  new CountDownLatch(1).await();
                  return GateCheck.Finding.pass();
                })
            .build()) {
      maestro.start(pipeline, RunId.of("r"), Inputs.none());
      inGate.await();
    }
    try (Maestro maestro = builder(store).build()) {
      maestro.recover();
      RunResult asked = maestro.find(RunId.of("r")).orElseThrow().await();
      assertThat(asked.status()).isEqualTo(RunStatus.WAITING);
      assertThat(asked.questions()).singleElement().asString().contains("check");
    }
    try (Maestro maestro =
        builder(store).gate("check", "1", subject -> GateCheck.Finding.pass()).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.answer(run.await().questions().get(0).id(), Answer.approve(), ANNA);

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(directory.resolve("made.txt")).hasContent("done");
    }
  }

  @Test
  void refusesTheSameRunIdWithOtherInputs() throws Exception {
    Pipeline pipeline = Pipeline.named("p").step("a", s -> s.command("echo", "{{ x }}")).build();
    try (Maestro maestro = builder().build()) {
      maestro.start(pipeline, RunId.of("r"), Inputs.of("x", "1")).await();

      assertThatThrownBy(() -> maestro.start(pipeline, RunId.of("r"), Inputs.of("x", "2")))
          .isInstanceOf(RunConflictException.class)
          .hasMessageContaining("other inputs");
      assertThatThrownBy(() -> maestro.start(pipeline, RunId.of("s"), Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class)
          .hasMessageContaining("x");
      assertThat(maestro.find(RunId.of("s"))).isEmpty();
    }
  }

  @Test
  void tellsListenersEveryEventInOrder() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.command("true"))
            .step("b", s -> s.command("true").after("a"))
            .build();
    List<RunRecord> heard = Collections.synchronizedList(new ArrayList<>());
    long last;
    try (Maestro maestro = builder().build()) {
      maestro.listen(
          entry -> {
            heard.add(entry);
            if (entry.sequence() % 2 == 0) {
              throw new IllegalStateException("a listener that throws");
            }
          });
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();
      last = result.snapshot().sequence();
      assertThat(maestro.find(RunId.of("r")).orElseThrow().journal(2))
          .extracting(RunRecord::sequence)
          .hasSize((int) last - 1)
          .startsWith(2L);
      // whoever closes waits two seconds for those who listen, which a busy machine may need
      while (heard.size() < last) {
        Thread.onSpinWait();
      }
    }
    assertThat(heard).extracting(RunRecord::sequence).hasSize((int) last).isSorted();
    assertThat(heard.get(0).sequence()).isEqualTo(1);
  }

  @Test
  void runsGatesAndKeepsTheirReceipts() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step(
                "write",
                s ->
                    s.command("sh", "-c", "echo x >> made.txt")
                        .gate(Gate.command("sh", "-c", "test $(wc -l < made.txt) -ge 2"))
                        .attempts(2)
                        .backoff(Backoff.NONE))
            .build();
    try (Maestro maestro = builder().build()) {
      RunResult result = maestro.start(pipeline, RunId.of("r"), Inputs.none()).await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.snapshot().task("write").orElseThrow().receipts())
          .singleElement()
          .satisfies(receipt -> assertThat(receipt.passed()).isTrue());
    }
  }

  private static TaskState state(RunResult result, String task) {
    return result.snapshot().task(task).orElseThrow().state();
  }

  @Test
  void aRunThatWasRemovedAndIsBegunAgainEndsAnew() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Pipeline pipeline =
        Pipeline.named("count").step("one", s -> s.code("count", "1").output("calls")).build();
    StoreSource store =
        FileStore.at(directory.resolve("store")).keeping(Retention.everything().atMostRuns(0));

    try (Maestro maestro =
        builder(store).step("count", "1", context -> calls.incrementAndGet()).build()) {
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      assertThat(run.await().text("calls")).contains("1");
      assertThat(run.await().text("calls")).contains("1");
      maestro.maintain();

      Run again = maestro.start(pipeline, RunId.of("r"), Inputs.none());

      assertThat(again.await().text("calls")).contains("2");
      assertThat(run.await().text("calls")).contains("2");
    }
  }
}
