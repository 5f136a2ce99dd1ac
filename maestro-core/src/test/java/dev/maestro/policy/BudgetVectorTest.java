package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class BudgetVectorTest {

  /** What the rest of the file is about, which others test. */
  private static final Set<String> OTHERS = Set.of("protected");

  @TestFactory
  Stream<DynamicTest> whatIsLeftDecides() {
    return Vectors.cases(
        "safety.json",
        sample -> {
          if (sample.path("op").asText().equals("budget")) {
            budget(sample);
          } else {
            assertThat(OTHERS).contains(sample.path("op").asText());
          }
        });
  }

  private static void budget(JsonNode sample) {
    JsonNode given = sample.path("given");
    Budget budget = Budget.ofTokens(given.path("limit").longValue()).asks();
    Amount used = new Amount(given.path("used").longValue(), Money.ZERO, Duration.ZERO, 0, 0, 0);
    Account account = Account.of("task", budget).settled(Amount.NONE, used);
    Cap next = Cap.ofTokens(given.path("next").longValue());

    Reservation answer = Reservation.of(List.of(account), next, false);

    assertThat(answer instanceof Reservation.Made ? "continue" : "ask")
        .isEqualTo(sample.path("expected").path("decision").asText());
  }
}
