package dev.maestro.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class AmountsTest {

  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

  @Property
  void aSumIsExactOrTheMostThatCanBeSaid(
      @ForAll @LongRange(min = 0) long one, @ForAll @LongRange(min = 0) long other) {
    long exact = BigInteger.valueOf(one).add(BigInteger.valueOf(other)).min(MOST).longValue();

    assertThat(amount(one).plus(amount(other)).tokens()).isEqualTo(exact);
    assertThat(Cap.ofTokens(one).plus(Cap.ofTokens(other)).tokens()).isEqualTo(exact);
    assertThat(usage(one).plus(usage(other)).inputTokens()).isEqualTo(exact);
    assertThat(amount(one).plus(amount(other)).time().getSeconds()).isEqualTo(exact);
  }

  private static Amount amount(long number) {
    return new Amount(number, Money.ZERO, Duration.ofSeconds(number), number, number, number);
  }

  private static Usage usage(long tokens) {
    return Usage.of(tokens, 0, Money.ZERO);
  }

  @Test
  void theLongestTimeCanBeCountedAndWritten() {
    Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    assertThat(Cap.NONE.time(longest)).hasToString("9223372036854775807.999 seconds");
    assertThat(Unit.TIME.of(amount(1_500))).isEqualByComparingTo(new BigDecimal(1_500));
  }

  @Test
  void moneyHasSoManyDigitsAsCanBeWritten() {
    for (String tooLong : new String[] {"1e1000000000", "1e-1000000000", "1e101"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Money.usd(tooLong))
          .withMessageContaining("at most 100 digits");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Money.usd("ten"))
        .withMessage("an amount of money is a number such as 2.50, not 'ten'");
    assertThat(Money.usd("0.000000001250").decimal()).isEqualTo("0.00000000125");
  }
}
