package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MaskTest {

  @Test
  void hidesWhatIsCalledASecretAndLeavesTheRest() {
    Mask mask = Mask.ofSecretsIn(Map.of("MY_TOKEN", "abc-4711", "MODEL", "big-one"));

    assertThat(mask.apply("abc-4711 on big-one")).isEqualTo("*** on big-one");
  }

  @Test
  void whatOnlyLooksLikeASecretByItsNameIsLeft() {
    Map<String, String> open =
        Map.of(
            "MAX_OUTPUT_TOKENS", "128000",
            "GIT_AUTHOR_NAME", "Jane Doe",
            "QWEN_DEFAULT_AUTH_TYPE", "openai",
            "no_proxy", "localhost");

    assertThat(Mask.ofSecretsIn(open).values()).isEmpty();
    assertThat(Mask.ofSecretsIn(Map.of("API_TOKENS", "one-4711,two")).values())
        .containsExactly("one-4711,two");
    assertThat(Mask.ofSecretsIn(Map.of("AUTHORIZATION", "Basic 4711")).values())
        .containsExactly("Basic 4711");
  }

  @Test
  void hidesThePasswordInAnAddressWhateverItIsCalled() {
    Mask mask =
        Mask.ofSecretsIn(Map.of("MY_BASE_URL", "https://me:pass-4711@gateway.example/v1?a=b@c"));

    assertThat(mask.apply("401 from https://me:pass-4711@gateway.example/v1"))
        .isEqualTo("401 from https://me:***@gateway.example/v1");
    assertThat(Mask.ofSecretsIn(Map.of("MY_BASE_URL", "https://gateway.example/a:b@c")).values())
        .isEmpty();
  }
}
