package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Budget;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Amount;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What runs that have ended did to shared budgets is added up when the store is tidied up. */
@Timeout(300)
class LedgerFoldTest {

  private static final Pipeline ONE =
      Pipeline.named("p").step("a", s -> s.agent("scripted").prompt("x")).build();
  private static final Pipeline ASKING =
      Pipeline.named("q")
          .step("a", s -> s.agent("scripted").prompt("x"))
          .step("b", s -> s.approval("go on?").after("a"))
          .build();

  @TempDir Path directory;

  private final InMemoryStore store = InMemoryStore.create();

  private Maestro maestro(long tokens) {
    return Maestro.builder()
        .discoverNothing()
        .store(store)
        .time(VirtualTime.create())
        .workspaces(DirectoryWorkspaces.at(directory))
        .provider(
            ScriptedAgent.named("scripted")
                .otherwise(Turn.says("x").uses(Usage.of(tokens, 0, Money.usd("0.01"))))
                .build())
        .budget(Budget.usd("100"))
        .dailyBudget(Tenant.DEFAULT, Budget.usd("10"))
        .build();
  }

  private static Map<String, Amount> sums(Maestro maestro) {
    Map<String, Amount> sums = new HashMap<>();
    maestro.ledger().forEach(one -> sums.put(one.tenant() + "/" + one.name(), one.spent()));
    return sums;
  }

  private static List<Integer> lines(Maestro maestro) {
    return maestro.ledger().stream().map(account -> account.runs().size()).toList();
  }

  @Test
  void theSumsStayWhatTheyWereAndEachAccountHasOneLineForThem() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 6; round++) {
      try (Maestro maestro = maestro(1 + random.nextInt(1_000))) {
        int runs = 1 + random.nextInt(4);
        for (int i = 0; i < runs; i++) {
          maestro.start(ONE, RunId.of("r" + round + "-" + i), Inputs.none()).await();
        }
        Map<String, Amount> before = sums(maestro);
        if (random.nextBoolean()) {
          maestro.maintain();
          assertThat(lines(maestro)).containsOnly(1);
        }
        assertThat(sums(maestro)).isEqualTo(before);
      }
    }
  }

  @Test
  void aRunThatGoesOnKeepsItsLineAndIsCountedOnAfterwards() throws Exception {
    try (Maestro maestro = maestro(100)) {
      maestro.start(ONE, RunId.of("over"), Inputs.none()).await();
      Run waits = maestro.start(ASKING, RunId.of("waits"), Inputs.none());
      waits.await();

      maestro.maintain();

      for (LedgerAccount account : maestro.ledger()) {
        assertThat(account.runs()).containsOnlyKeys(LedgerAccount.ENDED, "waits");
        assertThat(account.spent().tokens()).isEqualTo(200);
      }
      maestro.start(ONE, RunId.of("another"), Inputs.none()).await();
      assertThat(sums(maestro).values()).allMatch(sum -> sum.tokens() == 300);
      maestro.maintain();
      assertThat(sums(maestro).values()).allMatch(sum -> sum.tokens() == 300);
      assertThat(lines(maestro)).containsOnly(2);
    }
  }

  @Test
  void whatWasAddedUpStillCountsAgainstTheBudget() throws Exception {
    try (Maestro maestro = maestro(100)) {
      maestro.start(ONE, RunId.of("r"), Inputs.none()).await();
      maestro.maintain();
    }
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .store(store)
            .time(VirtualTime.create())
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(ScriptedAgent.named("scripted").otherwise(Turn.says("x")).build())
            .budget(Budget.usd("0.01").aborts())
            .build()) {
      Run second = maestro.start(ONE, RunId.of("second"), Inputs.none());

      assertThat(second.await().isSuccess()).isFalse();
    }
  }
}
