package dev.maestro.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import org.junit.jupiter.api.Test;

class PricesTest {

  private static final Prices PRICES =
      Prices.none().with("big-", "3", "15", "0.3").with("big-small-", "1", "5", "0.1");

  @Test
  void tokensOfEachKindHaveTheirPrice() {
    Usage used = new Usage(1_000_000, 100_000, 2_000_000, Money.ZERO, 1, 0, false);

    assertThat(PRICES.price("big-2026", used).cost()).isEqualTo(Money.usd("5.10"));
  }

  @Test
  void theLongestBeginningDecides() {
    Usage used = Usage.of(1, 0, Money.ZERO);

    assertThat(PRICES.price("big-small-1", used).cost()).isEqualTo(Money.usd("0.000001"));
    assertThat(PRICES.price("big-s", used).cost()).isEqualTo(Money.usd("0.000003"));
  }

  @Test
  void whatTheProviderTellsStands() {
    Usage told = Usage.of(1_000, 10, Money.usd("0.5"));

    assertThat(PRICES.price("big-2026", told)).isEqualTo(told);
  }

  @Test
  void aModelWithoutAPriceIsNotGuessed() {
    Usage used = Usage.of(1_000, 10, Money.ZERO);

    assertThat(PRICES.price("other", used)).isEqualTo(used);
    assertThat(PRICES.price(null, used)).isEqualTo(used);
    assertThat(Prices.isUnpriced(used)).isTrue();
  }

  @Test
  void anotherModelOfAFamilyIsNotTakenForTheOneThatIsKnown() {
    Prices prices = Prices.none().with("big-5", "5", "25", "0.5");

    assertThat(prices.of("big-5")).isPresent();
    assertThat(prices.of("big-5-20260724")).isPresent();
    assertThat(prices.of("big-5-2026-07-24")).isPresent();
    assertThat(prices.of("big-5-5")).isEmpty();
    assertThat(prices.of("big-5.1")).isEmpty();
    assertThat(prices.of("big-5-mini")).isEmpty();
  }

  @Test
  void everyAliasThatShipsHasAPrice() {
    assertThat(ModelNames.builtIn().aliases().values())
        .isNotEmpty()
        .allSatisfy(model -> assertThat(Prices.builtIn().of(model)).isPresent());
  }
}
