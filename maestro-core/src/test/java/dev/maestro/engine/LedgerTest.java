package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Budget;
import dev.maestro.policy.LedgerEntry;
import dev.maestro.policy.SharedBudgets;
import dev.maestro.run.BudgetAbove;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunEvent;
import dev.maestro.store.Commit;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.RecordKey;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.Store;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private static final int MANY = 100;
  private static final Tenant A = Tenant.of("a");
  private static final Tenant B = Tenant.of("b");
  private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");
  private static final String TODAY = "day-2026-11-27";
  private static final SharedBudgets BUDGETS =
      SharedBudgets.NONE
          .application(Budget.ofTokens(1_000_000))
          .daily(A, Budget.ofTokens(100))
          .daily(B, Budget.ofTokens(100));

  private final Waiters waiters = new Waiters();

  private static void launchAndEnd(Ledger ledger, RunKey run) {
    RunEvent.Intent.Reserved put =
        new RunEvent.Intent.Reserved(Cap.ofTokens(10), List.of(TODAY, Ledger.APPLICATION), false);
    RunEvent.Intent launch =
        new RunEvent.Intent(NOW, TaskId.of("t"), 1, "p", null, "head", "prompt", null, true, put);
    Batch.Part part = Begun.part();
    ledger.take(run, part, List.of(LedgerLine.reserved(launch)), NOW);
    LedgerLine settled =
        new LedgerLine(LedgerLine.Kind.SETTLED, launch, Cap.ofTokens(1).amount(), null);
    ledger.take(run, part, List.of(settled), NOW);
  }

  /** What is presumed stands in the record, so that other engines, and the next one, know of it. */
  @Test
  void whatIsOnlyPresumedIsKnownUntilItIsToldOrTooLate() {
    LedgerEntry cut =
        LedgerEntry.NONE
            .reserve("t#1", Cap.ofTokens(10).amount())
            .presume("t#1", Cap.ofTokens(10).amount(), NOW.plusSeconds(60));
    try (Store store = InMemoryStore.create().open(InstantSource.fixed(NOW))) {
      RecordKey key = new RecordKey(A, Ledger.NAMESPACE + TODAY, "r1");
      RecordWrite write = new RecordWrite(key, 0, LedgerJson.write(cut));
      store.commit(List.of(Commit.ofRecords(List.of(write))));
      Ledger ledger = new Ledger(store, BUDGETS, waiters);

      BudgetAbove day = ledger.above(A, NOW).get(0);
      assertThat(day.mayComeIn()).isEqualTo(Cap.ofTokens(10).amount());
      assertThat(day.settles()).isEqualTo(NOW.plusSeconds(60));
      BudgetAbove later = ledger.above(A, NOW.plusSeconds(60)).get(0);
      assertThat(later.mayComeIn()).isEqualTo(Amount.NONE);
      assertThat(later.settles()).isNull();
      assertThat(later.account().spent()).isEqualTo(Cap.ofTokens(10).amount());
      assertThat(cut.settle("t#1", Amount.NONE).tells()).isEmpty();
    }
  }

  private static RunKey run(Tenant tenant, int number) {
    return new RunKey(tenant, RunId.of("r" + number));
  }

  @Test
  void whoWaitsForOneBudgetIsNotLookedAtWhenALaunchEndsThatAnotherPaidFor() {
    try (Store store = InMemoryStore.create().open(InstantSource.fixed(NOW))) {
      Ledger ledger = new Ledger(store, BUDGETS, waiters);
      List<RunKey> waiting = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        waiting.add(run(A, i));
        ledger.waits(run(A, i), Set.of(TODAY));
      }

      int looks = 0;
      for (int i = 0; i < MANY; i++) {
        launchAndEnd(ledger, run(B, i));
        looks += waiters.take().size();
      }
      assertThat(looks).as("looks at runs that wait, while others end").isZero();

      launchAndEnd(ledger, run(A, MANY));
      assertThat(waiters.take()).as("in the order in which they came").isEqualTo(waiting);
      assertThat(waiters.take()).as("each is told once").isEmpty();
    }
  }

  @Test
  void whoWaitsForTheApplicationIsToldWhoeverMadeRoom() {
    try (Store store = InMemoryStore.create().open(InstantSource.fixed(NOW))) {
      Ledger ledger = new Ledger(store, BUDGETS, waiters);
      ledger.waits(run(A, 1), Set.of(TODAY, Ledger.APPLICATION));
      ledger.waits(run(B, 2), Set.of(Ledger.APPLICATION));

      launchAndEnd(ledger, run(B, 3));

      assertThat(waiters.take()).containsExactlyInAnyOrder(run(A, 1), run(B, 2));
    }
  }
}
