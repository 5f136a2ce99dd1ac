package dev.maestro.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

/** A declared secret is known again in whatever form it is usually written down. */
class SecretFormsTest {

  private static final String TOKEN = "s3cr3t/value+of token&xyz=1";
  private static final String KEY =
      "-----BEGIN X-----\nabcdefghijklmnop\nqrstuvwxyz012345\n-----END X-----\n";

  private static String without(String value, String text) {
    String left = text;
    for (String form : SecretForms.of(Set.of(value))) {
      left = left.replace(form, "***");
    }
    return left;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Property(tries = 200)
  void base64IsKnownWhereverTheValueBegins(
      @ForAll @StringLength(min = 8, max = 60) String value,
      @ForAll @IntRange(max = 5) int before,
      @ForAll @IntRange(max = 5) int after) {
    String text = base64("u".repeat(before) + value + ":".repeat(after));

    // six bits a character: at most one and a half of them at either end are left
    assertThat(without(value, text).replace("***", ""))
        .hasSizeLessThanOrEqualTo((before + after) * 4 / 3 + 8);
    assertThat(without(value, text)).contains("***");
  }

  @Example
  void whatIsEncodedAloneIsGoneAltogether() {
    assertThat(without(TOKEN, "it is " + base64(TOKEN) + ".")).isEqualTo("it is ***.");
    String url = Base64.getUrlEncoder().encodeToString(TOKEN.getBytes(StandardCharsets.UTF_8));
    assertThat(without(TOKEN, url)).isEqualTo("***");
  }

  @Example
  void linesOfBase64AreKnown() {
    String value = "0123456789abcdef".repeat(10);
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);

    for (int width : List.of(64, 76)) {
      String lines = Base64.getMimeEncoder(width, new byte[] {'\n'}).encodeToString(bytes);
      assertThat(without(value, lines).replace("***", "")).isBlank();
    }
  }

  @Example
  void whatStandsInAnAddressIsKnownHoweverItIsEncoded() {
    String form = URLEncoder.encode(TOKEN, StandardCharsets.UTF_8);

    for (String one :
        List.of(form, form.replace("+", "%20"), "s3cr3t%2fvalue%2bof%20token%26xyz%3d1")) {
      assertThat(without(TOKEN, "https://x.org/?q=" + one)).isEqualTo("https://x.org/?q=***");
    }
    assertThat(without("it's(a*b)!", "q=it's(a*b)!&r=it%27s%28a%2Ab%29%21"))
        .isEqualTo("q=***&r=***");
  }

  @Example
  void linesAreKnownWithWhateverStandsBeforeThem() {
    String printed = without(KEY, KEY.indent(4).replace("\n", "\r\n  > "));

    assertThat(printed).doesNotContain("abcdef", "012345").contains("-----BEGIN X-----");
    assertThat(without(KEY, "another\n-----BEGIN X-----\n")).contains("-----BEGIN X-----");
  }

  @Example
  void aValueThatEndsALineIsKnownWithoutItsEnd() {
    assertThat(without("hunter2hunter2\n", "it is hunter2hunter2.")).isEqualTo("it is ***.");
  }

  @Example
  void oneLineOfSeveralIsNotTheSecret() {
    assertThat(SecretForms.isIn("  abcdefghijklmnop\n", KEY)).isFalse();
    assertThat(SecretForms.isIn(KEY.indent(2), KEY)).isTrue();
    assertThat(SecretForms.isIn("password: " + base64(TOKEN), TOKEN)).isTrue();
    assertThat(SecretForms.isIn("nothing of that kind", TOKEN)).isFalse();
  }

  @Example
  void whatIsTooShortToBeToldFromOthersIsLeftAlone() {
    assertThat(SecretForms.of(Set.of("abc", ""))).isEmpty();
    assertThat(SecretForms.of(Set.of("abcd"))).containsExactly("YWJjZA==", "abcd");
  }
}
