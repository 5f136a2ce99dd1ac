package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.workspace.DiffText;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets that lie across the place where a text was cut. */
class CutSecretsTest {

  private static final String SECRET = "hunter2 and\na second line";
  private static final List<String> SECRETS = List.of(SECRET, "hunter2 and");
  private static final String KEY =
      "-----BEGIN PRIVATE KEY-----\n"
          + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n".repeat(4)
          + "-----END PRIVATE KEY-----\n";

  /** Whole ones first are taken out by whoever asks; here, all that is left of a cut one. */
  private static String clean(String text) {
    String left = CutSecrets.without(SECRETS, text);
    return left.replace(SECRET, SecretShapes.MARK).replace("hunter2 and", SecretShapes.MARK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"…", " …[cut]", "\n[cut after 17 characters]\n", "… (SHA-256 0a)"})
  void nothingIsLeftOfOneWhereverItsEndWasCutOff(String mark) {
    for (int half = CutSecrets.SHORTEST; half < SECRET.length(); half++) {
      String text = "it is " + SECRET.substring(0, half) + mark;

      // a blank before the mark may be one of the secret
      assertThat(clean(text))
          .as("cut after %d", half)
          .isIn("it is ***" + mark, "it is ***" + mark.stripLeading());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"…", "…\n", ": …", " …[cut]"})
  void nothingIsLeftOfOneWhereverItsBeginningWasCutOff(String mark) {
    for (int begin = 1; begin <= SECRET.length() - CutSecrets.SHORTEST; begin++) {
      String left = clean(mark + SECRET.substring(begin) + " it was");

      assertThat(left).as("cut before %d", begin).endsWith("*** it was").doesNotContain("line");
    }
  }

  @Test
  void aTextThatWasCutByUsHasItsMark() {
    for (int cut = 6; cut < 6 + SECRET.length(); cut++) {
      String left = clean(DiffText.cut("it is " + SECRET + " and more", cut));

      assertThat(left).as("cut at %d", cut).doesNotContain("hunt", "second");
    }
  }

  @Test
  void whereNothingWasCutATextMayEndAsASecretBegins() {
    assertThat(CutSecrets.without(SECRETS, "they hunter2")).isEqualTo("they hunter2");
    assertThat(CutSecrets.without(SECRETS, "second line is fine")).isEqualTo("second line is fine");
    assertThat(CutSecrets.without(SECRETS, "hun… is short")).isEqualTo("hun… is short");
  }

  @Property(tries = 300)
  void aTextWithoutSecretsStaysAsItIs(
      @ForAll @Size(max = 30) List<@IntRange(max = 5) Integer> parts) {
    String[] words = {"…", " …[cut]", "x", " ", "\n", "hu"};
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append(words[part]));

    assertThat(CutSecrets.without(SECRETS, text.toString())).isEqualTo(text.toString());
  }

  @Property(tries = 300)
  void bothSidesOfEveryMarkAreLookedAt(
      @ForAll @IntRange(min = 4, max = 25) int head,
      @ForAll @IntRange(min = 1, max = 21) int tail,
      @ForAll @IntRange(min = 1, max = 5) int times) {
    String hole = SECRET.substring(0, head) + "…" + SECRET.substring(tail);
    String text = ("a " + hole + " b\n").repeat(times);

    assertThat(clean(text)).isEqualTo("a ***…*** b\n".repeat(times));
  }

  @Test
  void aKeyWhoseBeginningWasCutOffIsNoneTheLess() {
    for (int begin = 1; begin < KEY.indexOf("-----END"); begin++) {
      String left = SecretShapes.without("…" + KEY.substring(begin) + "done");

      assertThat(left).as("cut before %d", begin).doesNotContain("IIEv", "AASC").endsWith("done");
    }
  }

  @Test
  void theEndOfAKeyByItselfIsNone() {
    String text = "The file ends with\n\n-----END PRIVATE KEY-----\n";

    assertThat(SecretShapes.without(text)).isEqualTo(text);
  }

  @Test
  void aKeyThatIsNotClosedYetIsHeldBackWithAllThatCameOfIt() {
    int end = KEY.indexOf("-----END");

    assertThat(SecretShapes.begun("it is " + KEY.substring(0, end))).isEqualTo(end);
    assertThat(SecretShapes.begun("it is " + KEY)).isZero();
    assertThat(SecretShapes.begun("nothing")).isZero();
  }
}
