package dev.maestro.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CompletionSignalTest {

  private static final String DONE =
      "Working.\n<COMPLETION_GATE>\nready: true\nreason: \"done\"\nblockers:\n</COMPLETION_GATE>\n";

  private final CompletionSignal block = CompletionSignal.block();

  @Property
  void anAnswerThatIsCutOffIsNeverDone(@ForAll @IntRange(min = 0, max = 100) int length) {
    int end = DONE.indexOf("</COMPLETION_GATE>") + "</COMPLETION_GATE>".length() - 1;
    assertThat(block.read(DONE.substring(0, Math.min(length, end)))).isEmpty();
  }

  @Property
  void noTextMakesTheReaderFail(@ForAll String before, @ForAll String inside) {
    String answer = before + "<COMPLETION_GATE>" + inside + "</COMPLETION_GATE>";
    assertThat(block.read(answer)).isPresent();
    assertThat(block.read(before + inside)).isEmpty();
  }

  @Test
  void whoSaysBothIsNotDone() {
    assertThat(block.read("<COMPLETION_GATE>\nready: true\nready: false\n</COMPLETION_GATE>"))
        .hasValueSatisfying(said -> assertThat(said.ready()).isFalse());
  }

  @Test
  void blockersMayStandInBrackets() {
    assertThat(block.read("<COMPLETION_GATE>\nblockers: [\"a\", b, ]\n</COMPLETION_GATE>"))
        .hasValueSatisfying(said -> assertThat(said.blockers()).isEqualTo(List.of("a", "b")));
  }

  @Test
  void aClosingTagAfterTheBlockTakesNothingAway() {
    assertThat(block.read(DONE + "I printed </COMPLETION_GATE> as asked.")).isPresent();
  }

  @Test
  void aPromiseInAnotherSpellingIsNone() {
    assertThat(CompletionSignal.promise().read("<promise>COMPLETED</promise>")).isEmpty();
    assertThat(CompletionSignal.promise().read("x <promise>COMPLETE</promise> y")).isPresent();
  }
}
