package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs about budgets and quotas go as they promise. */
@Timeout(300)
class BudgetStoriesTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream printer = new PrintStream(out, true, StandardCharsets.UTF_8);

  @Test
  void aBudgetAsksBeforeTheLaunchThatDoesNotFit() throws Exception {
    assertThat(BudgetMain.tell(printer)).as(out.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("has used up 30000 of 50000 tokens");
  }

  @Test
  void aQuotaThatIsUsedUpIsWaitedFor() throws Exception {
    assertThat(QuotaMain.tell(printer)).as(out.toString(StandardCharsets.UTF_8)).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("2026-01-01T05:00:00Z");
  }
}
