package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.ProviderId;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.providers.CommandAgent;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A child process that tells what it uses up while it works, and is killed in the middle of a call
 * of its model: that call is paid for, and nobody will ever know how much.
 */
@Timeout(300)
@EnabledOnOs({OS.LINUX, OS.MAC})
class KilledMeteringTest {

  private static final RunId RUN = RunId.of("r");
  private static final Cap CAP = Cap.ofTokens(1_000).usd("2").turns(10);

  @TempDir Path directory;

  private static String tells(int input, int output, String cost) {
    String usage = "\"input\":%d,\"output\":%d,\"cost\":\"%s\",\"turns\":1";
    return "cat > /dev/null; echo '@maestro {\"usage\":{"
        + usage.formatted(input, output, cost)
        + "}}'";
  }

  private Maestro open(String script) {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(
            CommandAgent.builder(ProviderId.of("metered"), List.of("sh", "-c", script))
                .meters()
                .build())
        .build();
  }

  private static Pipeline pipeline(Budget budget) {
    return Pipeline.named("p")
        .step("work", s -> s.agent("engineer").prompt("Do it").output("said"))
        .budget(budget)
        .build();
  }

  private static Budget limited() {
    return Budget.ofTokens(50_000).money("100").turns(500).perAttempt(CAP).aborts();
  }

  private static Task work(Run run) {
    return run.snapshot().task("work").orElseThrow();
  }

  private static void assertPresumed(Run run, Usage settled) {
    assertThat(run.snapshot().usage()).isEqualTo(settled);
    assertThat(run.judgments().stream().flatMap(event -> event.judgments().stream()))
        .filteredOn(judgment -> judgment.rule().equals("usage"))
        .extracting(Judgment::detail)
        .singleElement()
        .asString()
        .contains("cut off at work");
  }

  @Test
  void oneThatIsStoppedAtItsCapIsSettledAtWhatWasPutAside() throws Exception {
    try (Maestro maestro = open(tells(1_000, 50, "0.25") + "; exec sleep 600")) {
      Run run = maestro.start(pipeline(limited()), RUN, Inputs.none());
      run.await();

      assertThat(work(run).reason()).contains(Reason.BUDGET_EXCEEDED);
      assertPresumed(run, new Usage(1_000, 50, 0, Money.usd("2"), 10, 0, true));
    }
  }

  @Test
  void oneThatAnybodyKillsIsSettledAtWhatWasPutAside() throws Exception {
    try (Maestro maestro = open(tells(100, 20, "0.25") + "; kill -9 $$")) {
      Run run = maestro.start(pipeline(limited()), RUN, Inputs.none());
      run.await();

      assertThat(work(run).detail().orElse("")).contains("ended with exit code 137");
      assertPresumed(run, new Usage(980, 20, 0, Money.usd("2"), 10, 0, true));
    }
  }

  @Test
  void oneThatIsCancelledCostsNoLessWhenItsEndHasComeIn() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    try (Maestro maestro = open(tells(100, 20, "0.25") + "; exec sleep 600")) {
      maestro.watch((attempt, event) -> note(event, told));
      maestro.listen(entry -> note(entry.event(), ended));
      Run run = maestro.start(pipeline(limited()), RUN, Inputs.none());
      assertThat(told.await(240, TimeUnit.SECONDS)).isTrue();
      run.cancel("enough", Actor.of("ann"));
      assertThat(ended.await(240, TimeUnit.SECONDS)).isTrue();

      assertThat(work(run).usage()).isEqualTo(new Usage(980, 20, 0, Money.usd("2"), 10, 0, true));
    }
  }

  private static void note(RunEvent event, CountDownLatch ended) {
    if (event instanceof RunEvent.Acted) {
      ended.countDown();
    }
  }

  private static void note(AgentEvent event, CountDownLatch told) {
    if (event instanceof AgentEvent.UsageReported) {
      told.countDown();
    }
  }

  @Test
  void withoutABudgetWhatItToldIsTheLeastThatIsPresumed() throws Exception {
    try (Maestro maestro = open(tells(100, 20, "0.25") + "; kill -9 $$")) {
      Pipeline pipeline =
          Pipeline.named("p").step("work", s -> s.agent("engineer").prompt("Do it")).build();
      Run run = maestro.start(pipeline, RUN, Inputs.none());
      run.await();

      assertThat(run.snapshot().usage())
          .isEqualTo(new Usage(100, 20, 0, Money.usd("0.25"), 1, 0, true));
    }
  }

  @Test
  void oneThatEndsByItselfIsBelieved() throws Exception {
    try (Maestro maestro = open(tells(100, 20, "0.25") + "; echo done")) {
      Run run = maestro.start(pipeline(limited()), RUN, Inputs.none());
      RunResult result = run.await();

      assertThat(result.text("said")).contains("done");
      assertThat(run.snapshot().usage())
          .isEqualTo(new Usage(100, 20, 0, Money.usd("0.25"), 1, 0, false));
    }
  }
}
