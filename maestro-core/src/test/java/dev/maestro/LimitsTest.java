package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.run.RunEvent;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Priority;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LimitsTest {

  @TempDir Path directory;

  private final Crowd crowd = new Crowd();

  private MaestroBuilder builder() {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("crowd", "1", crowd);
  }

  private static Pipeline parallel(int count) {
    PipelineBuilder pipeline = Pipeline.named("parallel");
    for (int i = 0; i < count; i++) {
      pipeline.step("s" + i, s -> s.code("crowd", "1"));
    }
    return pipeline.build();
  }

  @Test
  void noMoreThanFourTasksWorkAtOnce() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run first = maestro.start(parallel(5), RunId.of("a"), Inputs.none());
      Run second = maestro.start(parallel(5), RunId.of("b"), Inputs.none());
      crowd.awaitEntered(4);
      assertThat(crowd.inside()).isEqualTo(4);
      crowd.let(10);

      assertThat(first.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(second.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(crowd.most()).isEqualTo(4);
    }
  }

  @Test
  void startReturnsWhileWorkGoesOn() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(parallel(1), RunId.of("a"), Inputs.none());
      crowd.awaitEntered(1);

      assertThat(run.snapshot().status()).isEqualTo(RunStatus.RUNNING);
      crowd.let(1);
      run.await();
    }
  }

  @Test
  void tryStartRefusesWhenFullAndStartsOnceASlotIsFreeAgain() throws Exception {
    try (Maestro maestro = builder().slots(2).build()) {
      Run full = maestro.start(parallel(2), RunId.of("a"), Inputs.none());
      crowd.awaitEntered(2);

      assertThat(maestro.tryStart(parallel(1), RunId.of("b"), Inputs.none())).isEmpty();
      assertThat(maestro.find(RunId.of("b"))).isEmpty();

      crowd.let(3);
      full.await();
      Optional<Run> later = maestro.tryStart(parallel(1), RunId.of("b"), Inputs.none());
      assertThat(later).isPresent();
      assertThat(later.get().await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void whatWasCancelledWhileItWaitedForASlotKeepsNobodyFromStarting() throws Exception {
    Pipeline inside =
        Pipeline.named("inside")
            .step("y", s -> s.code("crowd", "1").when(new Condition.Predicate("yes", "1")))
            .build();
    Pipeline pipeline =
        Pipeline.named("enough")
            .step("list", s -> s.pipeline(inside).forEach("{{ list }}").quorum(1))
            .step(
                "z",
                s -> s.code("crowd", "1").after("list").when(new Condition.Predicate("waits", "1")))
            .build();
    CountDownLatch asked = new CountDownLatch(2);
    CountDownLatch last = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    MaestroBuilder builder =
        builder()
            .slots(1)
            .predicate(
                "yes",
                "1",
                context -> {
                  asked.countDown();
                  return true;
                })
            .predicate(
                "waits",
                "1",
                context -> {
                  last.countDown();
                  never.await();
                  return true;
                });
    try (Maestro maestro = builder.build()) {
      Run run =
          maestro.start(pipeline, RunId.of("a"), Inputs.none().with("list", List.of("one", "two")));
      crowd.awaitEntered(1);
      asked.await();
      crowd.let(1);
      last.await();

      assertThat(maestro.tryStart(parallel(1), RunId.of("b"), Inputs.none())).isPresent();

      never.countDown();
      crowd.let(2);
      assertThat(run.await().isSuccess()).isTrue();
    }
  }

  @Test
  void moreUrgentTasksGoFirst() throws Exception {
    Pipeline pipeline =
        Pipeline.named("urgent")
            .step("low", s -> s.code("crowd", "1").priority(3))
            .step("usual", s -> s.code("crowd", "1"))
            .step("high", s -> s.code("crowd", "1").priority(1))
            .build();
    try (Maestro maestro = builder().slots(1).build()) {
      crowd.let(3);
      maestro.start(pipeline, RunId.of("a"), Inputs.none()).await();

      assertThat(crowd.order()).containsExactly("a/high", "a/usual", "a/low");
    }
  }

  @Test
  void tasksOfMoreUrgentRunsGoFirst() throws Exception {
    try (Maestro maestro = builder().slots(1).build()) {
      List<Run> runs = new ArrayList<>();
      runs.add(maestro.start(parallel(2), RunId.of("a"), Inputs.none()));
      crowd.awaitEntered(1);
      runs.add(maestro.start(parallel(1), RunId.of("low"), Inputs.none(), priority(3)));
      runs.add(maestro.start(parallel(2), RunId.of("b"), Inputs.none()));
      runs.add(maestro.start(parallel(2), RunId.of("high"), Inputs.none(), priority(1)));
      crowd.let(7);
      for (Run run : runs) {
        assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      }

      assertThat(crowd.order())
          .containsExactly("a/s0", "high/s0", "high/s1", "a/s1", "b/s0", "b/s1", "low/s0");
    }
  }

  @Test
  void whatAnUrgentRunCannotUseIsLeftToOthers() throws Exception {
    Pipeline place =
        Pipeline.named("place")
            .step("first", s -> s.command("true"))
            .step("a", s -> s.command("sh", "-c", "while [ ! -e go ]; do sleep 0.01; done"))
            .step("b", s -> s.command("true"))
            .build();
    try (Maestro maestro = builder().slots(2).build()) {
      Run urgent = maestro.start(place, RunId.of("urgent"), Inputs.none(), priority(1));
      Run other = maestro.start(parallel(1), RunId.of("other"), Inputs.none());
      crowd.awaitEntered(1);
      crowd.let(1);
      other.await();
      Files.createFile(directory.resolve("go"));

      assertThat(urgent.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void aRunIsRecoveredBeforeLessUrgentOnes() throws Exception {
    InMemoryStore store = InMemoryStore.create();
    try (Maestro maestro = builder().store(store).slots(1).build()) {
      maestro.start(parallel(1), RunId.of("usual"), Inputs.none());
      crowd.awaitEntered(1);
      maestro.start(parallel(1), RunId.of("high"), Inputs.none(), priority(1));
    }
    crowd.let(2);
    try (Maestro maestro = builder().store(store).slots(1).build()) {
      for (Run run : maestro.recover().runs()) {
        assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      }
    }
    assertThat(crowd.order()).containsExactly("usual/s0", "high/s0", "usual/s0");
  }

  private static RunOptions priority(int number) {
    return RunOptions.of(Tenant.DEFAULT, Actor.of("anna")).priority(Priority.of(number));
  }

  @Test
  void oneTaskAtATimeWorksInAPlainDirectoryAndOthersGoOnBesideIt() throws Exception {
    Path order = directory.resolve("order");
    Pipeline pipeline =
        Pipeline.named("place")
            .step("a", s -> s.command("sh", "-c", "echo in >> order; echo out >> order"))
            .step("b", s -> s.command("sh", "-c", "echo in >> order; echo out >> order"))
            .step("c", s -> s.command("sh", "-c", "echo in >> order; echo out >> order"))
            .step("beside", s -> s.code("crowd", "1"))
            .build();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RunId.of("a"), Inputs.none());
      crowd.awaitEntered(1);
      crowd.let(1);
      run.await();

      assertThat(order).content().isEqualTo("in\nout\n".repeat(3));
    }
  }

  @Test
  void howeverManyWaitForThePlaceWhatDoesNotNeedItGoesOn() throws Exception {
    PipelineBuilder pipeline =
        Pipeline.named("place")
            .step("holds", s -> s.command("sh", "-c", "while [ ! -e go ]; do sleep 0.01; done"));
    for (int i = 0; i < 150; i++) {
      pipeline.step("s" + i, s -> s.after("first").command("true"));
      pipeline.step(
          "p" + i, s -> s.after("first").when(new Condition.Predicate("yes", "1")).command("true"));
    }
    pipeline
        .step("first", s -> s.code("crowd", "1"))
        .step("code", s -> s.after("first").code("crowd", "1"))
        .step(
            "maybe",
            s -> s.after("first").when(new Condition.Predicate("yes", "1")).code("crowd", "1"))
        .step("ok", s -> s.after("first").approval("Go on?"));
    CompletableFuture<TaskId> asked = new CompletableFuture<>();
    try (Maestro maestro = builder().predicate("yes", "1", context -> true).build()) {
      maestro.listen(
          entry -> {
            if (entry.event() instanceof RunEvent.Asked question) {
              asked.complete(question.question().task());
            }
          });
      Run run = maestro.start(pipeline.build(), RunId.of("a"), Inputs.none());
      crowd.awaitEntered(1);
      crowd.let(3);
      crowd.awaitEntered(2);

      assertThat(asked.join()).isEqualTo(TaskId.of("ok"));
      assertThat(crowd.order()).containsExactlyInAnyOrder("a/first", "a/code", "a/maybe");
      run.cancel("seen enough", Actor.of("anna"));
    }
  }

  @Test
  void aThousandRunsOfThreeStepsFinish() throws Exception {
    Pipeline pipeline =
        Pipeline.named("small")
            .step("a", s -> s.code("count", "1").output("x"))
            .step("b", s -> s.code("count", "1").after("a"))
            .step("c", s -> s.code("count", "1").after("b"))
            .build();
    AtomicInteger count = new AtomicInteger();
    try (Maestro maestro = builder().step("count", "1", c -> count.incrementAndGet()).build()) {
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        runs.add(maestro.start(pipeline, RunId.of("r" + i), Inputs.none()));
      }
      for (Run run : runs) {
        assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      }
      assertThat(count).hasValue(3_000);
    }
  }

  @Test
  void twoThreadsThatStartTheSameRunGetOneRun() throws Exception {
    AtomicInteger count = new AtomicInteger();
    Pipeline pipeline = Pipeline.named("once").step("a", s -> s.code("count", "1")).build();
    try (Maestro maestro = builder().step("count", "1", c -> count.incrementAndGet()).build()) {
      for (int round = 0; round < 50; round++) {
        RunId id = RunId.of("r" + round);
        CountDownLatch go = new CountDownLatch(1);
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          Thread thread =
              new Thread(
                  () -> {
                    try {
                      go.await();
                      maestro.start(pipeline, id, Inputs.none()).await();
                    } catch (Throwable e) {
                      synchronized (failures) {
                        failures.add(e);
                      }
                    }
                  });
          thread.start();
          threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(failures).isEmpty();
      }
      assertThat(count).hasValue(50);
    }
  }
}
