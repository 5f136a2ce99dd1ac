package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.maestro.approval.Answer;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.store.FileStore;
import dev.maestro.store.Retention;
import dev.maestro.store.Store;
import dev.maestro.store.StoreSource;
import dev.maestro.store.StoreTransfer;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.Workspaces;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that lie in files of their own are forked, planned for and moved like any other. */
@Timeout(300)
class ArchivedRunsTest {

  private static final RunId OLD = RunId.of("old");
  private static final RunId NEW = RunId.of("new");
  private static final String LARGE = "large ".repeat(5_000);

  @TempDir Path directory;
  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger used = new AtomicInteger();
  private volatile boolean fails = true;

  private FileStore store() {
    return FileStore.at(directory.resolve("store"));
  }

  private Maestro maestro(StoreSource store) {
    return builder(store).build();
  }

  private MaestroBuilder builder(StoreSource store) {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step(
            "make",
            "1",
            context -> {
              made.incrementAndGet();
              return LARGE + context.text("who").orElseThrow();
            })
        .step(
            "use",
            "1",
            context -> {
              if (fails && context.text("item").orElseThrow().equals("b")) {
                throw new IllegalStateException("not yet");
              }
              used.incrementAndGet();
              return context.text("item").orElseThrow() + LARGE;
            });
  }

  private static Pipeline pipeline(String version) {
    return upToTheList()
        .step("last", s -> s.command("echo", version).after("use").output("said"))
        .build();
  }

  private static PipelineBuilder upToTheList() {
    return Pipeline.named("p")
        .step("make", s -> s.code("make", "1").output("made"))
        .step(
            "use",
            s ->
                s.code("use", "1")
                    .after("make")
                    .forEach("{{ list }}")
                    .failure(Action.Failure.KEEP)
                    .output("used"));
  }

  private static Inputs inputs() {
    return Inputs.of("who", "ann").with("list", List.of("a", "b", "c"));
  }

  /** Its list is done but for one element. */
  private void endOld() throws Exception {
    try (Maestro maestro = maestro(store())) {
      assertThat(maestro.start(pipeline("one"), OLD, inputs()).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
      assertThat(maestro.maintain().archivedRuns()).isEqualTo(1);
    }
    assertThat(directory.resolve("store/runs/default/old.jsonl")).exists();
  }

  @Test
  void aForkOfAnArchivedRunTakesItsLargeOutputsAlongAndOutlivesIt() throws Exception {
    endOld();
    fails = false;
    try (Maestro maestro = maestro(store())) {
      Run fork = maestro.fork(OLD, TaskId.of("use/2"), NEW);

      assertThat(fork.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(made).hasValue(1);
      assertThat(used).hasValue(3);
    }
    try (Maestro maestro = maestro(store().keeping(Retention.everything().atMostRuns(1)))) {
      assertThat(maestro.maintain().removedRuns()).isEqualTo(1);
      assertThat(maestro.maintain().deletedBlobs()).isPositive();
      assertThat(maestro.find(OLD)).isEmpty();
    }
    try (Maestro maestro = maestro(store())) {
      Run again = maestro.fork(NEW, TaskId.of("last"), RunId.of("again"));

      assertThat(again.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(again.await().text("made")).contains(LARGE + "ann");
      assertThat(made).hasValue(1);
      assertThat(used).hasValue(3);
    }
    assertThat(store().verify().findings()).isEmpty();
  }

  @Test
  void aPlanForAnArchivedRunIsThatOfTheRunAndIsRefusedOnceItIsGone() throws Exception {
    endOld();
    ResumePlan plan;
    try (Maestro maestro = maestro(store())) {
      plan =
          catchThrowableOfType(
                  RunConflictException.class, () -> maestro.start(pipeline("two"), OLD, inputs()))
              .plan();
      assertThat(plan.forks()).isTrue();
      assertThat(plan.tasks(Group.REUSE)).contains(TaskId.of("make"), TaskId.of("use"));
      assertThat(plan.tasks(Group.RERUN)).containsExactly(TaskId.of("last"));
      assertThat(maestro.fork(plan, NEW).await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(made).hasValue(1);
    }
    try (Maestro maestro = maestro(store().keeping(Retention.everything().atMostRuns(1)))) {
      maestro.maintain();
      assertThatThrownBy(() -> maestro.fork(plan, RunId.of("late")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("run default/old has moved on");
    }
  }

  @Test
  void aForkIsExportedAndGoesOnWhereItIsImported() throws Exception {
    endOld();
    RunKey key = new RunKey(Tenant.DEFAULT, NEW);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    fails = false;
    Pipeline asking =
        upToTheList()
            .step("ask", s -> s.approval("Good?").after("use"))
            .step("end", s -> s.code("make", "1").after("ask").output("end"))
            .build();
    try (Maestro maestro = maestro(store())) {
      ResumePlan plan =
          catchThrowableOfType(
                  RunConflictException.class, () -> maestro.start(asking, OLD, inputs()))
              .plan();
      assertThat(maestro.fork(plan, NEW).await().status()).isEqualTo(RunStatus.WAITING);
    }
    try (Store store = store().open(InstantSource.system())) {
      StoreTransfer.exportRun(store, key, file);
    }
    StoreSource other = FileStore.at(directory.resolve("other"));
    try (Store store = other.open(InstantSource.system())) {
      StoreTransfer.importRun(store, new ByteArrayInputStream(file.toByteArray()));
    }

    try (Maestro maestro = maestro(other)) {
      maestro.recover();
      Run run = maestro.find(NEW).orElseThrow();
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.WAITING);
      run.answer(run.await().questions().get(0).id(), Answer.approve(), Actor.of("ann"));

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(run.await().text("made")).contains(LARGE + "ann");
      assertThat(made).hasValue(2);
      assertThat(maestro.fork(NEW, TaskId.of("end"), RunId.of("again")).await().status())
          .isEqualTo(RunStatus.SUCCEEDED);
    }
    assertThat(FileStore.at(directory.resolve("other")).verify().findings()).isEmpty();
  }

  /** Whoever tidies up twice while a run is being forked would remove it, and then its blobs. */
  @Test
  void whatAForkTakesAlongOutlastsTheRunThatItIsOf() throws Exception {
    endOld();
    FileStore forgetful = store().keeping(Retention.everything().atMostRuns(0));
    AtomicReference<Thread> tidying = new AtomicReference<>();
    Workspaces place = DirectoryWorkspaces.at(directory);
    InvocationHandler watching =
        (proxy, method, args) -> {
          if (method.getName().equals("adopt")) {
            tidying.get().start();
            while (tidying.get().isAlive() && tidying.get().getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
          }
          return method.invoke(place, args);
        };
    Workspaces watched =
        (Workspaces)
            Proxy.newProxyInstance(
                Workspaces.class.getClassLoader(), new Class<?>[] {Workspaces.class}, watching);
    fails = false;
    try (Maestro maestro = builder(forgetful).workspaces(watched).build()) {
      tidying.set(
          new Thread(
              () -> {
                maestro.maintain();
                maestro.maintain();
              }));

      RunResult forked = maestro.fork(OLD, TaskId.of("last"), NEW).await();
      tidying.get().join();

      assertThat(forked.isSuccess()).isTrue();
      assertThat(forked.text("made")).contains(LARGE + "ann");
      assertThat(maestro.find(OLD)).as("it is not kept").isEmpty();
      assertThat(made).as("and nothing of it is done again").hasValue(1);
    }
  }
}
