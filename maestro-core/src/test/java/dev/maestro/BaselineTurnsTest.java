package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.attempt.Judge;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.EvalGate;
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.workspace.Capacity;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.Workspaces;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several runs that are scored in one turn of the loop. */
@Timeout(300)
class BaselineTurnsTest {

  private static final int RUNS = 3;

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();
  private final CountDownLatch othersAreJudged = new CountDownLatch(RUNS - 1);
  private final CountDownLatch firstIsWritten = new CountDownLatch(1);
  private final List<Thread> others = Collections.synchronizedList(new ArrayList<>());

  /** The first is scored when the others are about to be, and they while that is written. */
  private double score(RunId run) throws InterruptedException {
    if (run.value().equals("r0")) {
      othersAreJudged.await();
    } else {
      othersAreJudged.countDown();
      firstIsWritten.await();
      others.add(Thread.currentThread());
    }
    return 0.9;
  }

  private Optional<List<CommitOutcome>> hold(List<Commit> commits) {
    boolean scores =
        commits.stream()
            .flatMap(commit -> commit.events().stream())
            .anyMatch(event -> event.type().equals("scored"));
    if (scores && firstIsWritten.getCount() > 0) {
      firstIsWritten.countDown();
      while (!othersWaitForTheLoop()) {
        Thread.onSpinWait();
      }
    }
    return Optional.empty();
  }

  private boolean othersWaitForTheLoop() {
    synchronized (others) {
      return others.size() == RUNS - 1
          && others.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING);
    }
  }

  /** A plain directory lets one task in at a time; these only run {@code true} there. */
  private Workspaces roomForAll() {
    Workspaces place = DirectoryWorkspaces.at(directory);
    return (Workspaces)
        Proxy.newProxyInstance(
            Workspaces.class.getClassLoader(),
            new Class<?>[] {Workspaces.class},
            (proxy, method, arguments) ->
                method.getName().equals("capacity")
                    ? new Capacity("room", RUNS)
                    : method.invoke(place, arguments));
  }

  private Maestro maestro(StoreSource source) {
    Judge judge = context -> score(context.attempt().key().run());
    return Maestro.builder()
        .discoverNothing()
        .store(source)
        .workspaces(roomForAll())
        .judge("quality", judge)
        .build();
  }

  @Test
  void areAllCounted() throws Exception {
    Pipeline pipeline =
        Pipeline.named("p")
            .step("a", s -> s.command("true").allowNoOp().evalGate(EvalGate.scoredBy("quality")))
            .build();

    try (Maestro maestro = maestro(BrokenStore.of(store, this::hold))) {
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < RUNS; i++) {
        runs.add(maestro.start(pipeline, RunId.of("r" + i), Inputs.none()));
      }
      for (Run run : runs) {
        assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      }
    }

    try (Maestro maestro = maestro(store)) {
      Baseline baseline = maestro.baselines().get(0);
      assertThat(baseline.scores())
          .extracting(one -> one.run().value())
          .startsWith("r0")
          .containsExactlyInAnyOrder("r0", "r1", "r2");
    }
  }
}
