package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.process.Cancellation;
import dev.maestro.run.Task;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is too large to be recorded is the trouble of its task, and of nobody else. */
@Timeout(300)
class TooLargeTest {

  private static final Actor ANN = Actor.of("ann");
  private static final TaskId A = TaskId.of("a");
  // more than is recorded at once
  private static final String TOO_LONG = "x".repeat(24 * 1024 * 1024 + 1);
  private static final Pipeline TALKING =
      Pipeline.named("talking")
          .step(
              "a",
              s ->
                  s.agent("writer")
                      .prompt("Write")
                      .budget(Budget.usd("5.00").perAttempt(Cap.ofUsd("1.00"))))
          .step("open", s -> s.approval("Is that all?"))
          .build();
  private static final Pipeline BESIDE =
      Pipeline.named("beside").step("b", s -> s.code("crowd", "1")).build();

  @TempDir Path directory;

  private final Crowd crowd = new Crowd();
  private final Talker talker = new Talker();

  private Maestro open() {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(talker)
        .step("crowd", "1", crowd)
        .build();
  }

  private static Task a(Run run) throws InterruptedException {
    return run.await().snapshot().task(A).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void failsItsTaskAloneAndIsNoHindranceOnceItIsLess(boolean beforeTheEnd) throws Exception {
    talker.session = TOO_LONG;
    talker.tells = beforeTheEnd;
    try (Maestro maestro = open()) {
      Run beside = maestro.start(BESIDE, RunId.of("beside"), Inputs.none());
      crowd.awaitEntered(1);
      Run run = maestro.start(TALKING, RunId.of("r"), Inputs.none());
      assertThat(a(run).state()).isEqualTo(TaskState.FAILED);
      crowd.let(1);
      assertThat(beside.await().status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    talker.session = "s";
    try (Maestro maestro = open()) {
      maestro.recover();
      Run run = maestro.find(RunId.of("r")).orElseThrow();
      assertThat(a(run).trouble().orElseThrow().message())
          .contains("at most 25165824 are recorded at once", "into files or into an output");

      run.retry(A, ANN);
      assertThat(a(run).state()).isEqualTo(TaskState.COMPLETED);
      // what broke off is taken to have used up its cap; what only could not be told, what it told
      assertThat(run.snapshot().usage().cost())
          .isEqualTo(Money.usd(beforeTheEnd ? "1.25" : "0.50"));
    }
  }

  @Test
  void costsWhatItHasCostWhereItIsNotWaitedForAnyMore() throws Exception {
    talker.session = TOO_LONG;
    talker.holds.set(true);
    try (Maestro maestro = open()) {
      Run run = maestro.start(TALKING, RunId.of("r"), Inputs.none());
      talker.begun.await();
      run.cancel("enough", ANN);

      assertThat(run.await().status()).isEqualTo(RunStatus.CANCELLED);
      assertThat(run.snapshot().usage().cost()).isEqualTo(Money.usd("0.25"));
    }
  }

  /** Has a name for its conversation that may be long. */
  private static final class Talker extends Paid {

    private final AtomicBoolean holds = new AtomicBoolean();
    private final CountDownLatch begun = new CountDownLatch(1);
    // written before a launch
    private volatile String session = "";
    private volatile boolean tells;

    @Override
    public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancel)
        throws InterruptedException {
      SessionId id = SessionId.of(session);
      listener.on(new AgentEvent.Launched(null));
      if (tells) {
        listener.on(new AgentEvent.UsageReported(USED));
        listener.on(new AgentEvent.SessionStarted(id));
      }
      if (holds.get()) {
        CountDownLatch enough = new CountDownLatch(1);
        cancel.onCancel(mode -> enough.countDown());
        begun.countDown();
        enough.await();
      }
      return AgentReply.completed("done", USED).inSession(id);
    }
  }
}
