package dev.maestro.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is recorded for people to read. */
class ShortenedTest {

  @Test
  void isCutBehindTheFirstFourThousandCharactersAndInNoneOfThem() {
    String fits = "x".repeat(4_000);
    String smile = Character.toString(0x1F642);

    assertThat(Attempts.shortened(fits)).isSameAs(fits);
    assertThat(Attempts.shortened(fits + "y")).isEqualTo(fits + "…");
    assertThat(Attempts.shortened(fits.substring(1) + smile)).isEqualTo(fits.substring(1) + "…");
  }
}
