package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of a launch piece by piece, without what must not be repeated. */
class DiscretionTest {

  private static final String KEY = "canary\\key-4567";

  private final AgentRequest request =
      Requests.in(Path.of("/")).environment(Map.of("TOKEN", "canary-4711")).prompt("Do it");
  private final Listening heard = new Listening();
  private final DiscreetListener discreet =
      new DiscreetListener(heard, Discretion.of(request, List.of(KEY)));

  private void say(String... pieces) {
    for (String piece : pieces) {
      discreet.on(new AgentEvent.Text(piece));
    }
  }

  @Test
  void aSecretIsMaskedHoweverItIsCutIntoPieces() {
    for (int cut = 1; cut < KEY.length(); cut++) {
      say("the key " + KEY.substring(0, cut), KEY.substring(cut) + " is it\n");
    }
    say("c", "a", "n", "a", "r", "y", "-", "4", "7", "1", "1");

    assertThat(heard.text()).isEqualTo("the key *** is it\n".repeat(KEY.length() - 1) + "***");
  }

  @Test
  void whatOnlyBeginsLikeOneIsToldWhenSomethingElseHappens() {
    say("a canary-");
    assertThat(heard.text()).isEqualTo("a ");

    discreet.on(new AgentEvent.Thinking("a bird, canary"));
    assertThat(heard.text()).isEqualTo("a canary-");
    discreet.on(new AgentEvent.Completed("done"));

    assertThat(heard.all(AgentEvent.Thinking.class))
        .extracting(AgentEvent.Thinking::text)
        .containsExactly("a bird, ", "canary");
  }

  @Test
  void aSecretThatAnExcerptCutsInTwoIsMasked() {
    Discretion discretion = Discretion.of(request, List.of(KEY));
    for (int before = 26; before <= 36; before++) {
      String output = "x".repeat(before) + KEY + "y".repeat(40) + KEY + "x".repeat(before);

      String shown = discretion.apply(Excerpt.of(output, 80));

      assertThat(shown).doesNotContain("cana", "4567").contains("***");
    }
  }

  @Test
  void whatIsQuotedInJsonOnceOrTwiceIsMaskedToo() {
    discreet.on(new AgentEvent.ToolUse("1", "echo", "{\"text\":\"canary\\\\key-4567\"}"));
    discreet.on(
        new AgentEvent.ToolUse("2", "echo", "{\"json\":\"{\\\"canary\\\\\\\\key-4567\\\"}\"}"));

    assertThat(heard.all(AgentEvent.ToolUse.class))
        .extracting(AgentEvent.ToolUse::input)
        .containsExactly("{\"text\":\"***\"}", "{\"json\":\"{\\\"***\\\"}\"}");
  }
}
