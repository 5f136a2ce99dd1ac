package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.Claim;
import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Judgment;
import dev.maestro.run.Evidence;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that somebody else does, through the real engine. */
@Timeout(300)
class ClaimsRunTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Actor ANNA = Actor.of("anna");
  private static final RunId RUN = RunId.of("r");
  private static final TaskId WORK = TaskId.of("work");

  /** What can be claimed waits for the only slot. */
  private static final Pipeline PIPELINE =
      Pipeline.named("shared")
          .step("busy", s -> s.code("busy", "1"))
          .step(
              "work",
              s ->
                  s.command("sh", "-c", "echo maestro > done.txt")
                      .output("what")
                      .gate(Gate.command("test", "-e", "done.txt")))
          .build();

  @TempDir Path directory;

  private final VirtualTime time = VirtualTime.create();
  private final InMemoryStore store = InMemoryStore.create();
  private final CountDownLatch busy = new CountDownLatch(1);
  private final Semaphore free = new Semaphore(0);

  private MaestroBuilder builder() {
    return Maestro.builder()
        .store(store)
        .owner("test")
        .discoverNothing()
        .time(time)
        .slots(1)
        .workspaces(DirectoryWorkspaces.at(directory))
        .step(
            "busy",
            "1",
            context -> {
              busy.countDown();
              free.acquire();
              return "";
            });
  }

  private Run start(Maestro maestro) throws InterruptedException {
    Run run = maestro.start(PIPELINE, RUN, Inputs.none());
    busy.await();
    return run;
  }

  private static Task work(RunResult result) {
    return result.snapshot().task(WORK).orElseThrow();
  }

  @Test
  void oneOfEightThatTryAtOnceGetsATask() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Maestro maestro = builder().build()) {
      Run run = start(maestro);
      CyclicBarrier together = new CyclicBarrier(8);
      AtomicInteger names = new AtomicInteger();
      List<Callable<Optional<Claim>>> tries = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tries.add(
            () -> {
              Actor actor = Actor.of("agent-" + names.incrementAndGet());
              together.await();
              return run.claim(WORK, actor, HOUR);
            });
      }
      List<Claim> claims = new ArrayList<>();
      for (Future<Optional<Claim>> one : threads.invokeAll(tries)) {
        one.get().ifPresent(claims::add);
      }

      assertThat(claims).hasSize(1);
      assertThat(run.snapshot().task(WORK).orElseThrow().claim().orElseThrow().actor())
          .isEqualTo(claims.get(0).actor());
      free.release();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatIsBroughtIsCheckedByTheGatesAndDoneByNobodyElse() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = start(maestro);
      Claim claim = run.claim(WORK, ANNA, HOUR).orElseThrow();
      Files.writeString(claim.directory().resolve("done.txt"), "anna\n");
      claim.complete("mine");
      free.release();

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.text("what")).contains("mine");
      assertThat(directory.resolve("done.txt")).content().isEqualTo("anna\n");
      assertThat(work(result).evidence()).isEqualTo(Evidence.GATES);
      assertThatThrownBy(() -> claim.complete("again")).isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void whatIsBroughtCountsOnEveryBudget() throws Exception {
    Pipeline pipeline =
        Pipeline.named("shared")
            .step("busy", s -> s.code("busy", "1"))
            .step("work", s -> s.agent("engineer").prompt("Do it").allowNoOp())
            .step("more", s -> s.agent("engineer").prompt("More").after("work"))
            .budget(Budget.usd("2.00"))
            .build();
    ScriptedAgent agent = ScriptedAgent.named("scripted").otherwise(Turn.says("x")).build();
    try (Maestro maestro =
        builder()
            .provider(agent)
            .budget(Budget.usd("40"))
            .dailyBudget(Tenant.DEFAULT, Budget.usd("100"))
            .build()) {
      Run run = maestro.start(pipeline, RUN, Inputs.none());
      busy.await();
      Usage used = Usage.of(900, 100, Money.usd("50"));
      run.claim(WORK, ANNA, HOUR).orElseThrow().complete("mine", used);
      free.release();
      RunResult result = run.await();

      assertThat(result.usage()).isEqualTo(used);
      assertThat(work(result).spent())
          .isEqualTo(new Amount(1_000, Money.usd("50"), Duration.ZERO, 0, 0, 0));
      assertThat(maestro.ledger())
          .hasSize(2)
          .allMatch(account -> account.spent().equals(work(result).spent()))
          .allMatch(account -> account.reserved().equals(Amount.NONE));
      assertThat(run.judgments())
          .flatExtracting(RunEvent.Judged::judgments)
          .extracting(Judgment::detail)
          .contains(
              "overrun: run r may use up 2 usd, and has used up 50 with what was brought",
              "overrun: the application may use up 40 usd, and has used up 50 with what was brought");
      assertThat(result.snapshot().task("more").orElseThrow().reason())
          .contains(Reason.BUDGET_EXCEEDED);
      assertThat(agent.launches()).isEmpty();
    }
  }

  @Test
  void whatIsBroughtWithoutTheWorkFailsItsGates() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = start(maestro);
      run.claim(WORK, ANNA, HOUR).orElseThrow().complete("I swear it is there");
      free.release();

      RunResult result = run.await();
      assertThat(work(result).state()).isEqualTo(TaskState.FAILED);
    }
  }

  @Test
  void aLapsedClaimGoesBackToMaestroAndItsResultIsRefused() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = start(maestro);
      Claim claim = run.claim(WORK, ANNA, HOUR).orElseThrow();
      Claim longer = claim.renew(HOUR.multipliedBy(2));
      time.advance(HOUR);
      assertThat(run.claim(WORK, Actor.of("ben"), HOUR)).isEmpty();
      time.advance(HOUR);
      free.release();

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(directory.resolve("done.txt")).content().isEqualTo("maestro\n");
      assertThatThrownBy(() -> longer.complete("late")).isInstanceOf(RefusedException.class);
    }
  }

  @Test
  void aClaimOutlivesARestartAndItsTimeGoesOn() throws Exception {
    Claim claim;
    try (Maestro maestro = builder().build()) {
      claim = start(maestro).claim(WORK, ANNA, HOUR).orElseThrow();
    }
    free.release();
    try (Maestro maestro = builder().build()) {
      Run run = maestro.recover().runs().get(0);
      assertThat(run.snapshot().task(WORK).orElseThrow().claim()).isPresent();
      assertThat(run.claim(WORK, Actor.of("ben"), HOUR)).isEmpty();
      time.advance(HOUR);

      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(claim.until()).isEqualTo(time.instant());
    }
  }

  @Test
  void aClaimLastsForSomeTime() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(PIPELINE, RUN, Inputs.none());
      busy.await();
      Claim claim = run.claim(WORK, ANNA, HOUR).orElseThrow();

      for (Duration none : List.of(Duration.ZERO, HOUR.negated(), Duration.ofDays(9_999_999))) {
        assertThatIllegalArgumentException().isThrownBy(() -> claim.renew(none));
        assertThatIllegalArgumentException().isThrownBy(() -> run.claim(WORK, ANNA, none));
      }
      assertThat(run.claimed(WORK, ANNA)).isPresent();
      free.release();
    }
  }

  @Test
  void nobodyGetsMaestrosRightsByItsName() throws Exception {
    Actor maestros = Actor.of("maestro");
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(PIPELINE, RUN, Inputs.none());

      for (ThrowingCallable asks :
          List.<ThrowingCallable>of(
              () -> run.claim(WORK, maestros, HOUR),
              () -> run.retry(WORK, maestros),
              () -> run.rollbackToCheckpoint(WORK, maestros),
              () -> run.grant(Cap.ofTokens(1), maestros),
              () -> run.cancel("now", maestros))) {
        assertThatIllegalArgumentException()
            .isThrownBy(asks)
            .withMessageContaining("what Maestro calls itself");
      }
      free.release();
    }
  }
}
