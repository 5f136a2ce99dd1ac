package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.PermissionRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Secrets that nobody but the recording agent was told. */
class ScrubTest {

  private static Scrub of(String... secrets) {
    return Scrub.of(Stream.of(secrets), UnaryOperator.identity());
  }

  @Test
  void takesOutAsItStandsAndAsJsonQuotesIt() {
    Scrub scrub = of("a\"b\\c\nd");

    assertThat(scrub.apply("<a\"b\\c\nd>")).isEqualTo("<***>");
    assertThat(scrub.apply("{\"k\":\"a\\\"b\\\\c\\nd\"}")).isEqualTo("{\"k\":\"***\"}");
  }

  @Test
  void takesOutEachLineOfSeveral() {
    Scrub scrub = of("-- begin --\n  middle of it\n-- end --\n");

    assertThat(scrub.apply(List.of("-- begin --", "> middle of it <", "-- end --", "other")))
        .containsExactly("***", "> *** <", "***", "other");
  }

  @Test
  void takesOutTheLongerOfTwoThatBeginAlike() {
    assertThat(of("pass", "password-0123").apply("password-0123 pass")).isEqualTo("*** ***");
  }

  @Test
  void leavesAloneWhatIsTooShortToBeToldFromOthers() {
    assertThat(of("", "abc", "1\n2").apply("abcd 12")).isEqualTo("abcd 12");
    assertThat(of("abcd").apply("abcd 12")).isEqualTo("*** 12");
  }

  @Test
  void takesOutOfFilesInAnyEncoding() {
    for (Charset charset :
        List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      // with nothing around it that could be taken for a part of it in another encoding
      byte[] clean = of("sécret-0123").apply("sécret-0123".getBytes(charset));

      assertThat(clean).as(charset.name()).isEqualTo("***".getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void takesThemOutOfWhatAnAgentAskedFor() {
    PermissionRequest asked = new PermissionRequest("run mine-0123", "echo mine-0123", false);

    List<Deed> clean = Hushed.of(List.of(new Deed.Asks(asked, true)), of("mine-0123"));

    PermissionRequest hushed = new PermissionRequest("run ***", "echo ***", false);
    assertThat(clean).containsExactly(new Deed.Asks(hushed, true));
  }

  @Test
  void takesOutWhatOthersKnowToo() {
    Scrub scrub = Scrub.of(Stream.of("mine-0123"), text -> text.replace("theirs", "***"));

    assertThat(scrub.apply("mine-0123 and theirs")).isEqualTo("*** and ***");
  }
}
