package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ResumingTest {

  private static final RunId RUN = RunId.of("r");

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

  private static Pipeline asking(String second) {
    return Pipeline.named("asking")
        .step("first", s -> s.command("echo", "{{ who }}").output("name"))
        .step("ask", s -> s.approval("Go on with {{ name }}?").after("first"))
        .step("second", s -> s.command("echo", second).after("ask").output("said"))
        .build();
  }

  @Test
  void aConflictSaysWhatWouldBecomeOfEachTask() throws Exception {
    try (Maestro maestro = builder().build()) {
      maestro.start(asking("one"), RUN, Inputs.of("who", "ann")).await();

      ResumePlan plan =
          catchThrowableOfType(
                  RunConflictException.class,
                  () -> maestro.start(asking("two"), RUN, Inputs.of("who", "bob")))
              .plan();

      assertThat(plan.tasks(Group.RERUN)).containsExactly(TaskId.of("first"), TaskId.of("ask"));
      assertThat(plan.tasks(Group.NEW)).containsExactly(TaskId.of("second"));
      assertThat(plan.text()).contains("an input it uses has changed (who)").doesNotContain("bob");
    }
  }

  @Test
  void anAcceptedPlanHoldsAlsoAfterARestart() throws Exception {
    StoreSource store = InMemoryStore.create();
    Inputs inputs = Inputs.of("who", "ann");
    Pipeline edited = asking("two");
    Run run;
    try (Maestro maestro = builder(store).build()) {
      maestro.start(asking("one"), RUN, inputs).await();
      // sample: accept
      try {
        run = maestro.start(edited, RunId.of("r"), inputs);
      } catch (RunConflictException e) {
        System.out.println(e.plan().text());
        run = maestro.resume(e.plan());
      }
      // sample: end
      assertThat(run.await().status()).isEqualTo(RunStatus.WAITING);
    }

    try (Maestro maestro = builder(store).build()) {
      run = maestro.start(edited, RUN, inputs);
      run.answer(run.await().questions().get(0).id(), Answer.approve(), Actor.of("ann"));
      RunResult result = run.await();

      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("said")).contains("two");
      assertThat(maestro.start(edited, RUN, inputs).await().isSuccess()).isTrue();
      ResumePlan back = maestro.find(RUN).orElseThrow().plan(asking("one"), inputs);
      assertThat(back.forks()).isTrue();
      assertRefused("not-allowed", () -> maestro.resume(back));
    }
  }

  @Test
  void otherInputsReachWhatBeginsAnew() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking("one"), RUN, Inputs.of("who", "ann"));
      run.await();

      maestro.resume(run.plan(asking("one"), Inputs.of("who", "bob")));

      RunResult asked = run.await();
      assertThat(asked.text("name")).contains("bob");
      assertThat(asked.questions()).extracting(Question::text).containsExactly("Go on with bob?");
      assertThat(asked.snapshot().task("first").orElseThrow().generation()).isEqualTo(2);
    }
  }

  @Test
  void aPlanThatTheRunHasOutlivedIsRefusedAsStale() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking("one"), RUN, Inputs.of("who", "ann"));
      run.await();
      ResumePlan plan = run.plan(asking("two"), Inputs.of("who", "bob"));
      maestro.resume(run.plan(asking("two"), Inputs.of("who", "bob")));
      run.await();

      assertRefused("stale", () -> maestro.resume(plan));
    }
  }

  private static Pipeline hanging() {
    return Pipeline.named("slow")
        .step("quick", s -> s.code("count", "1"))
        .step("slow", s -> s.code("hang", "1").after("quick").attempts(3).output("said"))
        .build();
  }

  private static Pipeline mended() {
    return Pipeline.named("slow")
        .step("quick", s -> s.code("count", "1"))
        .step("slow", s -> s.command("echo", "done").after("quick").output("said"))
        .build();
  }

  @Test
  void whatAnEngineLeftAtWorkIsNotDoneByTheOldDefinitionAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch hangs = new CountDownLatch(1);
    StoreSource store = InMemoryStore.create();
    try (Maestro maestro =
        builder(store)
            .step("count", "1", c -> calls.incrementAndGet())
            .step("hang", "1", c -> hang(hangs))
            .build()) {
      Run run = maestro.start(hanging(), RUN, Inputs.none());
      hangs.await();
      ResumePlan plan = run.plan(mended(), Inputs.none());
      assertRefused("not-allowed", () -> maestro.resume(plan));
    }

    try (Maestro maestro =
        builder(store).step("count", "1", c -> calls.incrementAndGet()).build()) {
      Run run = maestro.find(RUN).orElseThrow();
      RunResult result = maestro.resume(run.plan(mended(), Inputs.none())).await();

      assertThat(result.text("said")).contains("done");
      assertThat(calls).hasValue(1);
    }
  }

  private static Object hang(CountDownLatch hangs) throws InterruptedException {
    hangs.countDown();
    new CountDownLatch(1).await();
    throw new AssertionError("nobody opens that latch");
  }

  private static Pipeline counted(String last) {
    return Pipeline.named("counted")
        .step("first", s -> s.code("count", "1").output("number"))
        .step(
            "second", s -> s.command("echo", "{{ number }} and more").after("first").output("more"))
        .step("third", s -> s.command("echo", "{{ more }}, " + last).after("second").output("text"))
        .build();
  }

  @Test
  void aForkGoesOnWithWhatWasRecordedAlsoAfterARestart() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    StoreSource store = InMemoryStore.create();
    RunId id = RunId.of("fork");

    try (Maestro maestro =
        builder(store).step("count", "1", c -> calls.incrementAndGet()).build()) {
      maestro.start(counted("done"), RUN, Inputs.none()).await();
      Run fork = maestro.fork(RUN, TaskId.of("third"), id);
      assertThat(fork.await().text("text")).contains("1 and more, done");
    }
    try (Maestro maestro =
        builder(store).step("count", "1", c -> calls.incrementAndGet()).build()) {
      assertThat(maestro.find(id).orElseThrow().await().text("text")).contains("1 and more, done");
      assertThat(maestro.start(counted("done"), id, Inputs.none()).await().isSuccess()).isTrue();

      ResumePlan again =
          maestro
              .find(id)
              .orElseThrow()
              .planFork(TaskId.of("second"), counted("again"), Inputs.none());
      RunResult other = maestro.fork(again, RunId.of("other")).await();
      assertThat(other.text("text")).contains("1 and more, again");
    }
    assertThat(calls).hasValue(1);
  }

  @Test
  void aForkThatCannotBeIsRefusedAndBeginsNothing() throws Exception {
    RunId id = RunId.of("fork");
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking("one"), RUN, Inputs.of("who", "ann"));
      run.await();
      ResumePlan ofTheRun = run.plan(asking("two"), Inputs.of("who", "ann"));
      ResumePlan fork = run.planFork(TaskId.of("ask"));
      RunOptions another = RunOptions.of(Tenant.of("another"), Actor.of("ann"));

      assertRefused("unknown-run", () -> maestro.fork(RunId.of("none"), TaskId.of("ask"), id));
      assertRefused("unknown-task", () -> maestro.fork(RUN, TaskId.of("none"), id));
      assertRefused("run-exists", () -> maestro.fork(fork, RUN));
      assertRefused("not-allowed", () -> maestro.fork(ofTheRun, id));
      assertRefused("not-allowed", () -> maestro.fork(fork, id, another));
      run.cancel("enough", Actor.of("ann"));
      assertThat(maestro.find(id)).isEmpty();
    }
  }

  @Test
  void aForkByAPlanThatTheRunHasOutlivedIsStale() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking("one"), RUN, Inputs.of("who", "ann"));
      Question question = run.await().questions().get(0);
      ResumePlan plan = run.planFork(TaskId.of("second"));

      run.answer(question.id(), Answer.approve(), Actor.of("ann"));
      run.await();

      assertRefused("stale", () -> maestro.fork(plan, RunId.of("fork")));
    }
  }

  private static void assertRefused(String code, ThrowingCallable call) {
    assertThat(catchThrowableOfType(RefusedException.class, call).code()).isEqualTo(code);
  }

  @Test
  void aPipelineThatCannotRunIsRefusedBeforeAnythingIsPlanned() throws Exception {
    Pipeline missing =
        Pipeline.named("asking").step("first", s -> s.agent("nobody").prompt("do it")).build();

    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(asking("one"), RUN, Inputs.of("who", "ann"));

      assertThatThrownBy(() -> maestro.start(missing, RUN, Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class);
      assertThatThrownBy(() -> run.plan(missing, Inputs.none()))
          .isInstanceOf(InvalidDefinitionException.class);
    }
  }
}
