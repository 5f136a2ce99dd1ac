package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Amount;
import dev.maestro.task.Money;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class LedgerEntryTest {

  private static Amount amount(long tokens) {
    return new Amount(tokens, Money.usd("0.01"), Duration.ofSeconds(tokens), 1, 2, 1);
  }

  @Test
  void whatIsCutOffIsPresumedUntilTheRealUsageComesIn() {
    LedgerEntry cut = LedgerEntry.NONE.reserve("a#1", amount(50)).presume("a#1", amount(50), null);

    assertThat(cut.spent()).isEqualTo(amount(50));
    assertThat(cut.reservedInAll()).isEqualTo(Amount.NONE);
    assertThat(cut.settle("a#1", amount(20)).spent()).isEqualTo(amount(20));
  }

  @Test
  void anAttemptThatPutNothingAsideChangesNothing() {
    assertThat(LedgerEntry.NONE.settle("a#1", amount(20))).isEqualTo(LedgerEntry.NONE);
    assertThat(LedgerEntry.NONE.presume("a#1", amount(20), null)).isEqualTo(LedgerEntry.NONE);
  }

  private enum Kind {
    RESERVE,
    SETTLE,
    PRESUME
  }

  private record Line(Kind kind, String attempt, long tokens) {

    LedgerEntry on(LedgerEntry entry) {
      return switch (kind) {
        case RESERVE -> entry.reserve(attempt, amount(tokens));
        case SETTLE -> entry.settle(attempt, amount(tokens));
        case PRESUME -> entry.presume(attempt, amount(tokens), null);
      };
    }
  }

  @Property(tries = 500)
  void repeatingALineChangesNothing(@ForAll("lines") List<Line> lines) {
    LedgerEntry entry = LedgerEntry.NONE;
    for (Line line : lines) {
      entry = line.on(entry);

      assertThat(line.on(entry)).isEqualTo(entry);
      assertThat(Collections.disjoint(entry.reserved().keySet(), entry.presumed().keySet()))
          .isTrue();
    }
  }

  @Provide
  Arbitrary<List<Line>> lines() {
    return Combinators.combine(
            Arbitraries.of(Kind.values()),
            Arbitraries.of("a#1", "a#2", "b#1"),
            Arbitraries.longs().between(0, 100))
        .as(Line::new)
        .list()
        .ofMaxSize(30);
  }
}
