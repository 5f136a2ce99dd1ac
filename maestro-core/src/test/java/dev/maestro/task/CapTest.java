package dev.maestro.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CapTest {

  @Property(tries = 300)
  void whatIsLeftCanBeUsedUpAndNoMore(@ForAll("caps") Cap cap, @ForAll("amounts") Amount used) {
    Amount left = cap.minus(used).amount();

    if (cap.covers(used)) {
      Amount limited = used.minus(used.minus(cap.amount()));
      assertThat(cap.covers(limited.plus(left))).isTrue();
    }
    assertThat(cap.minus(used).minus(left).amount()).isEqualTo(Amount.NONE);
  }

  @Property(tries = 300)
  void theTighterOfTwoCoversWhatBothCover(
      @ForAll("caps") Cap one, @ForAll("caps") Cap other, @ForAll("amounts") Amount used) {
    assertThat(one.tighter(other).covers(used)).isEqualTo(one.covers(used) && other.covers(used));
  }

  @Property(tries = 300)
  void amountsAddUpExactly(@ForAll("amounts") Amount one, @ForAll("amounts") Amount other) {
    assertThat(one.plus(other).minus(other)).isEqualTo(one);
  }

  @Property(tries = 300)
  void hasRoomWhereEachUnitHas(@ForAll("caps") Cap left, @ForAll("caps") Cap asked) {
    boolean everywhere =
        Arrays.stream(Unit.values())
            .filter(unit -> unit.of(left).isPresent())
            .allMatch(
                unit -> {
                  BigDecimal has = unit.of(left).orElseThrow();
                  return has.signum() > 0
                      && unit.of(asked).map(most -> most.compareTo(has) <= 0).orElse(true);
                });

    assertThat(left.hasRoomFor(asked)).isEqualTo(everywhere);
  }

  @Test
  void aGrantAddsOnlyToWhatIsLimited() {
    Cap cap = Cap.ofTokens(100).plus(Cap.ofTokens(50).usd("1"));

    assertThat(cap).isEqualTo(Cap.ofTokens(150));
  }

  @Test
  void grantsAddUpUnitByUnit() {
    Cap both = Cap.ofTokens(100).and(Cap.ofUsd("1")).and(Cap.ofTokens(1));

    assertThat(both).isEqualTo(Cap.ofTokens(101).usd("1"));
  }

  @Test
  void sayWhichUnitIsReached() {
    Usage used = Usage.of(90, 10, Money.usd("0.5"));

    assertThat(Cap.ofTokens(100).reachedBy(used)).contains(Unit.TOKENS);
    assertThat(Cap.ofTokens(101).usd("0.50").reachedBy(used)).contains(Unit.MONEY);
    assertThat(Cap.ofTokens(101).reachedBy(used)).isEmpty();
  }

  @Test
  void limitsAreNotNegative() {
    assertThatIllegalArgumentException().isThrownBy(() -> Cap.ofTokens(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> Cap.NONE.time(Duration.ofSeconds(-1)));
  }

  @Provide
  Arbitrary<Amount> amounts() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 1_000),
            Arbitraries.longs().between(0, 1_000),
            Arbitraries.longs().between(0, 100),
            Arbitraries.longs().between(0, 10))
        .as(
            (tokens, cents, seconds, few) ->
                new Amount(
                    tokens,
                    new Money(BigDecimal.valueOf(cents, 2)),
                    Duration.ofSeconds(seconds),
                    few,
                    few,
                    few));
  }

  @Provide
  Arbitrary<Cap> caps() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 1_000).injectNull(0.3),
            Arbitraries.longs().between(0, 1_000).injectNull(0.3),
            Arbitraries.longs().between(0, 100).injectNull(0.3),
            Arbitraries.longs().between(0, 10).injectNull(0.3))
        .as(
            (tokens, cents, seconds, few) ->
                new Cap(
                    tokens,
                    cents == null ? null : new Money(BigDecimal.valueOf(cents, 2)),
                    seconds == null ? null : Duration.ofSeconds(seconds),
                    few,
                    few,
                    few));
  }
}
