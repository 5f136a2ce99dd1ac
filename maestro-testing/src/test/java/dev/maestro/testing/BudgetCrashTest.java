package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.Capability;
import dev.maestro.approval.Answer;
import dev.maestro.failure.MaestroException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Wherever it crashes, the ledger above runs says what their journals say, to the cent. */
class BudgetCrashTest {

  private static final RunId R = RunId.of("r");
  private static final Usage SOME = Usage.of(90, 10, Money.usd("0.01"));
  private static final Pipeline PIPELINE =
      Pipeline.named("p")
          .step("a", s -> s.agent("x").prompt("x").attempts(20).backoff(Backoff.NONE))
          .step("b", s -> s.agent("x").prompt("x").attempts(20).backoff(Backoff.NONE))
          .step("c", s -> s.agent("x").prompt("x").attempts(20).after("a", "b"))
          .budget(Budget.ofTokens(10_000).perAttempt(Cap.ofTokens(150).usd("0.02")))
          .build();

  @Provide
  Arbitrary<List<Integer>> crashes() {
    return Arbitraries.integers().between(1, 12).list().ofMaxSize(5);
  }

  @Property(tries = 40)
  void ledgerSumsEqualJournalSums(@ForAll("crashes") List<Integer> crashes) throws Exception {
    Disk disk = new Disk(InMemoryStore.create());
    Path place = Files.createTempDirectory("budget-crash");
    try (VirtualTime time = VirtualTime.create()) {
      for (int crash : crashes) {
        run(disk, time, place, crash);
      }
      run(disk, time, place, Integer.MAX_VALUE);
    } finally {
      Files.delete(place);
    }
  }

  private void run(Disk disk, VirtualTime time, Path place, int commits) throws Exception {
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.PROMPT_AFTER_START)
            .otherwise(Turn.says("x").uses(SOME))
            .build();
    try (Maestro maestro =
            Maestro.builder()
                .store(disk.reopened())
                .owner("test")
                .discoverNothing()
                .provider(agent)
                .time(time)
                .workspaces(DirectoryWorkspaces.at(place))
                .budget(Budget.usd("100"))
                .build();
        Ticking ticking = new Ticking(time)) {
      ticking.start();
      disk.dieAfter(commits);
      Run run = maestro.start(PIPELINE, R, Inputs.none());
      CompletableFuture<RunResult> end = run.completion().toCompletableFuture();
      RunResult result = end.get(120, TimeUnit.SECONDS);
      while (!result.questions().isEmpty()) {
        run.answer(result.questions().get(0).id(), Answer.approve(), Actor.of("anna"));
        result = run.completion().toCompletableFuture().get(120, TimeUnit.SECONDS);
      }
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      agree(maestro.ledger(), result);
    } catch (ExecutionException e) {
      assertThat(e).hasStackTraceContaining("crashed");
    } catch (MaestroException e) {
      assertThat(e).hasStackTraceContaining("crashed");
    }
  }

  private static void agree(List<LedgerAccount> ledger, RunResult result) {
    Amount journal =
        result.snapshot().tasks().stream().map(Task::spent).reduce(Amount.NONE, Amount::plus);

    assertThat(ledger).hasSize(1);
    assertThat(ledger.get(0).spent()).isEqualTo(journal);
    assertThat(ledger.get(0).reserved()).isEqualTo(Amount.NONE);
  }
}
