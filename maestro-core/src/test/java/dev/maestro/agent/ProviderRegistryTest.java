package dev.maestro.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderRegistryTest {

  private static final ModelNames NAMES =
      ModelNames.none()
          .alias("quick", "claude-quick-1")
          .prefixes(ProviderId.of("claude"), "claude-")
          .prefixes(ProviderId.of("codex"), "gpt-");

  @ParameterizedTest
  @CsvSource({"claude,0", "cursor,10", "codex,5", "opencode,3", "gemini,4", "somebody,0"})
  void knowsTheUsualRanks(String id, int rank) {
    assertThat(ProviderRank.defaultOf(ProviderId.of(id))).isEqualTo(ProviderRank.of(rank));
  }

  @Test
  void asksTheHigherRankFirstAndTiesById() {
    ProviderRegistry registry =
        registry("zebra", "claude", "opencode", "gemini", "codex", "cursor", "ape").build();

    assertThat(registry.providers().stream().map(each -> each.id().value()))
        .containsExactly("cursor", "codex", "gemini", "opencode", "ape", "claude", "zebra");
  }

  @Test
  void takesRanksFromItsConfiguration() {
    ProviderRegistry registry =
        registry("cursor", "claude").rank(ProviderId.of("claude"), ProviderRank.of(11)).build();

    assertThat(registry.providers().get(0).id()).isEqualTo(ProviderId.of("claude"));
  }

  @ParameterizedTest(name = "of {0} with default {1}: {2}")
  @CsvSource({
    "cursor claude codex,       , claude",
    "cursor claude codex, codex , codex",
    "gemini codex,              , codex",
    "zebra ape,                 , ape",
  })
  void choosesTheDefaultProvider(String present, String configured, String expected) {
    ProviderRegistry.Builder builder = registry(present.split(" "));
    if (configured != null) {
      builder.defaultProvider(ProviderId.of(configured));
    }

    assertThat(builder.build().defaultProvider().orElseThrow().id())
        .isEqualTo(ProviderId.of(expected));
  }

  @ParameterizedTest(name = "of {0}, {1} goes to {2} as {3}")
  @CsvSource({
    // present, model, provider, model as it is handed over
    "cursor claude codex,,                claude,",
    "cursor claude codex,quick,           claude, claude-quick-1",
    "cursor claude codex,claude-other,    claude, claude-other",
    "cursor claude codex,gpt-9,           codex,  gpt-9",
    // nobody claims it, and cursor does not tell what it offers
    "cursor claude codex,strange,         cursor, strange",
    // the default one goes before the ranked ones among those that take anything
    "zebra ape,          strange,         ape,    strange",
    "claude zebra,       gpt-9,           zebra,  gpt-9",
    "claude codex,       strange,         ,",
    "claude,             gpt-9,           ,",
  })
  void routesByModel(String present, String model, String provider, String handedOver) {
    Routing routing = registry(present.split(" ")).build().route("tester", model, Map.of());

    assertThat(routing.route().map(route -> route.provider().id().value()).orElse(null))
        .isEqualTo(provider);
    assertThat(routing.route().map(Route::model).orElse(null)).isEqualTo(handedOver);
  }

  @Test
  void aModelGoesToNobodyWhoCannotBeToldIt() {
    ProviderRegistry registry =
        ProviderRegistry.of(FakeProvider.choosing("ape"), FakeProvider.called("zebra"));

    Route strange = registry.route("tester", "strange", Map.of()).route().orElseThrow();
    assertThat(strange.provider().id().value()).isEqualTo("zebra");
    assertThat(ProviderRegistry.of(FakeProvider.choosing("ape")).route("tester", "m", Map.of()))
        .isInstanceOf(Routing.Missing.class);
    assertThat(registry.route("tester", null, Map.of()).route()).isPresent();
  }

  @Test
  void letsTheHighestRankHaveAModelThatSeveralOffer() {
    ProviderRegistry registry =
        ProviderRegistry.builder()
            .modelNames(NAMES)
            .provider(FakeProvider.called("claude"))
            .provider(FakeProvider.called("cursor").offering("claude-quick-1"))
            .build();

    assertThat(registry.route("tester", "quick", Map.of()).route().orElseThrow().provider().id())
        .isEqualTo(ProviderId.of("cursor"));
  }

  @Test
  void followsThePersonaBeforeAnyRank() {
    Persona tester =
        Persona.named("tester")
            .provider(ProviderId.of("codex"))
            .model("quick")
            .systemPrompt("Test");
    ProviderRegistry registry = registry("cursor", "claude", "codex").build();

    Route route = registry.route("tester", null, Map.of("tester", tester)).route().orElseThrow();

    assertThat(route.provider().id()).isEqualTo(ProviderId.of("codex"));
    assertThat(route.persona()).isEqualTo(tester);
    assertThat(route.model()).isEqualTo("claude-quick-1");
  }

  @Test
  void prefersTheModelOfTheStepToThatOfThePersona() {
    Persona tester = Persona.named("tester").model("gpt-9");
    ProviderRegistry registry = registry("claude", "codex").build();

    Route route = registry.route("tester", "quick", Map.of("tester", tester)).route().orElseThrow();

    assertThat(route.model()).isEqualTo("claude-quick-1");
    assertThat(route.provider().id()).isEqualTo(ProviderId.of("claude"));
  }

  @Test
  void saysWhichProviderIsMissingAndWhatThereIs() {
    Persona tester = Persona.named("tester").provider(ProviderId.of("amp"));

    assertThat(registry("claude", "codex").build().route("tester", null, Map.of("tester", tester)))
        .isEqualTo(
            new Routing.Missing(
                "agent `tester` wants provider `amp`, which is not here; there are: `codex`,"
                    + " `claude`"));
  }

  @Test
  void saysThatNobodyOffersTheModel() {
    assertThat(registry("claude").build().route("tester", "gpt-9", Map.of()))
        .isEqualTo(
            new Routing.Missing(
                "agent `tester` wants model `gpt-9`, which no provider here offers; there are:"
                    + " `claude`"));
  }

  @Test
  void knowsAMisspeltNameFromARole() {
    ProviderRegistry registry = registry("claude", "codex").build();
    Set<String> personas = Set.of("tester", "engineer");

    assertThat(registry.meantBy("enginer", personas))
        .startsWith("engineer")
        .containsExactlyInAnyOrder("engineer", "tester", "claude", "codex");
    assertThat(registry.meantBy("codx", personas)).startsWith("codex");
    assertThat(registry.meantBy("engineer", personas)).isEmpty();
    assertThat(registry.meantBy("claude", personas)).isEmpty();
    assertThat(registry.meantBy("reviewer", personas)).as("a role of its own").isEmpty();
  }

  @Test
  void saysThatThereIsNoProviderAtAll() {
    assertThat(ProviderRegistry.of().route("tester", null, Map.of()))
        .isEqualTo(
            new Routing.Missing(
                "agent `tester` needs a provider; there is none: hand one to the builder or put one"
                    + " on the class path"));
  }

  @Test
  void refusesADefaultThatIsNotThere() {
    assertThatThrownBy(() -> registry("codex").defaultProvider(ProviderId.of("claude")).build())
        .isInstanceOf(PermanentException.class)
        .hasMessage("the default provider `claude` is not here; there are: `codex`");
  }

  @Test
  void refusesTwoWithOneIdAndNamesBothClasses() {
    assertThatThrownBy(
            () -> ProviderRegistry.of(new FakeProvider.Discovered(), new FakeProvider.Rival()))
        .isInstanceOf(PermanentException.class)
        .hasMessage(
            "two providers are called `discovered`: %s and %s",
            FakeProvider.Discovered.class.getName(), FakeProvider.Rival.class.getName());
  }

  @Test
  void discoversOnlyWhenToldTo(@TempDir Path dir) throws IOException {
    try (var loader = ServiceFileLoader.naming(FakeProvider.Discovered.class, dir)) {
      assertThat(ProviderRegistry.builder().discover(loader).build().providers())
          .singleElement()
          .isInstanceOf(FakeProvider.Discovered.class);
      assertThat(ProviderRegistry.builder().discover(loader).discoverNothing().build().providers())
          .isEmpty();
    }
  }

  @Test
  void prefersOneThatWasHandedInToADiscoveredOneOfItsId(@TempDir Path dir) throws IOException {
    AgentProvider mine = FakeProvider.called("discovered");

    try (var loader = ServiceFileLoader.naming(FakeProvider.Discovered.class, dir)) {
      ProviderRegistry registry =
          ProviderRegistry.builder().provider(mine).discover(loader).build();

      assertThat(registry.providers()).singleElement().isSameAs(mine);
    }
  }

  @Test
  void refusesTwoDiscoveredOnesWithOneId(@TempDir Path dir) throws IOException {
    List<Class<? extends AgentProvider>> two =
        List.of(FakeProvider.Discovered.class, FakeProvider.Rival.class);

    try (var loader = ServiceFileLoader.naming(two, dir)) {
      ProviderRegistry.Builder builder = ProviderRegistry.builder().discover(loader);

      assertThatThrownBy(builder::build)
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining(FakeProvider.Rival.class.getName())
          .hasMessageContaining(FakeProvider.Discovered.class.getName());
    }
  }

  @Test
  void leavesOutADiscoveredOneThatIsNotAtHand(@TempDir Path dir) throws IOException {
    try (var loader = ServiceFileLoader.naming(FakeProvider.Absent.class, dir)) {
      assertThat(ProviderRegistry.builder().discover(loader).build().providers()).isEmpty();
    }
  }

  @Test
  void takesOneThatWasHandedInWhetherAtHandOrNot() {
    AgentProvider absent = new FakeProvider.Absent();

    assertThat(ProviderRegistry.of(absent).providers()).containsExactly(absent);
  }

  @Test
  void asksWhatWasHandedInBeforeWhatWasDiscovered(@TempDir Path dir) throws IOException {
    try (var loader = ServiceFileLoader.naming(FakeProvider.Discovered.class, dir)) {
      ProviderRegistry registry =
          registry("ape", "zebra")
              .discover(loader)
              .rank(ProviderId.of("discovered"), ProviderRank.of(99))
              .build();

      assertThat(registry.providers().stream().map(each -> each.id().value()))
          .containsExactly("ape", "zebra", "discovered");
      assertThat(registry.defaultProvider().orElseThrow().id()).isEqualTo(ProviderId.of("ape"));
    }
  }

  @Test
  void refusesADiscoveredOneThatCannotBeMade(@TempDir Path dir) throws IOException {
    try (var loader = ServiceFileLoader.naming(FakeProvider.Broken.class, dir)) {
      ProviderRegistry.Builder builder = ProviderRegistry.builder().discover(loader);

      assertThatThrownBy(builder::build)
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining(FakeProvider.Broken.class.getName());
    }
  }

  @Test
  void saysWhatAStepNeedsAndItsProviderLacks() {
    AgentProvider provider = FakeProvider.called("amp").able(Capability.METERS);
    Route route = new Route(provider, Persona.named("tester"), null);

    assertThat(route.require("red", Capability.SESSIONS, Capability.METERS, Capability.MCP))
        .extracting(problem -> problem.message())
        .containsExactly(
            "step `red` needs session resume; provider `amp` has none",
            "step `red` needs MCP servers; provider `amp` has none");
  }

  @Test
  void saysThatAProviderCannotBeToldTheModel() {
    Persona tester = Persona.named("tester");

    assertThat(new Route(FakeProvider.choosing("amp"), tester, "m-1").require("red"))
        .extracting(problem -> problem.message())
        .containsExactly(
            "step `red` asks for model `m-1`; provider `amp` cannot be told which to use");
    assertThat(new Route(FakeProvider.choosing("amp"), tester, null).require("red")).isEmpty();
    assertThat(new Route(FakeProvider.called("any"), tester, "m-1").require("red")).isEmpty();
  }

  @ParameterizedTest(name = "{0} goes to {1} with {2}")
  @CsvSource({
    "codex,  codex,  ",
    "quick,  claude, claude-quick-1",
    "gpt-5,  codex,  gpt-5",
  })
  void fallsBackToAProviderOrAModel(String instead, String provider, String model) {
    ProviderRegistry registry = registry("claude", "codex").build();
    Persona tester = Persona.named("tester").provider(ProviderId.of("gone")).model("other");

    Route route =
        registry.fallback("tester", instead, Map.of("tester", tester)).route().orElseThrow();

    assertThat(route.provider().id().value()).isEqualTo(provider);
    assertThat(route.model()).isEqualTo(model);
    assertThat(route.persona().name()).isEqualTo("tester");
  }

  @Test
  void fallsBackToNobodyWhomNobodyKnows() {
    ProviderRegistry registry = registry("claude", "codex").build();

    Routing routing = registry.fallback("tester", "mistral-9", Map.of());

    assertThat(routing.route()).isEmpty();
    assertThat(((Routing.Missing) routing).why()).contains("`mistral-9`", "`codex`, `claude`");
  }

  @Test
  void whatCannotEvenBeLookedAtIsNotThere() {
    AgentProvider provider =
        new FakeProvider.Discovered() {
          @Override
          public Installation detect() {
            throw new IllegalStateException("no such drive");
          }
        };

    Installation found =
        ProviderRegistry.of(provider).detect(ProviderId.of("discovered")).orElseThrow();

    assertThat(found.isUsable()).isFalse();
    assertThat(found.help()).contains("no such drive");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"big-2, 500", "big-2-mini, 100", "big-2-mini-7, 100", "big-3, -1", "bi, -1"})
  void theLongestBeginningTellsHowMuchFits(String model, long expected) {
    ModelNames names = ModelNames.none().window("big-2", 500).window("big-2-mini", 100);

    assertThat(names.windowOf(model).orElse(-1)).isEqualTo(expected);
  }

  @Test
  void whoIsSignedOutCannotBeUsedAndWhoCannotTellCan() {
    assertThat(Installation.signedOut("1", "run login").isUsable()).isFalse();
    assertThat(Installation.present("1").isUsable()).isTrue();
    assertThat(Installation.present("1").knownSignIn()).isEmpty();
    assertThat(Installation.present("1").withSignIn().knownSignIn()).contains(true);
    assertThat(Installation.missing("install it").isUsable()).isFalse();
  }

  @Test
  void believesADetectionForAWhile() {
    AtomicLong nanos = new AtomicLong();
    FakeProvider provider = FakeProvider.called("amp");
    ProviderRegistry registry =
        ProviderRegistry.builder().provider(provider).ticker(nanos::get).build();

    registry.detect(provider.id());
    registry.detect(provider.id());
    assertThat(provider.detections).hasValue(1);
    nanos.addAndGet(ProviderRegistry.DETECTION_LIFE.toNanos());
    assertThat(registry.detect(provider.id()).orElseThrow().version()).isEqualTo("2");
    assertThat(registry.detect(ProviderId.of("nobody"))).isEmpty();
  }

  @Test
  void whileOneIsLookedAtNothingIsHeld() {
    ProviderRegistry[] registry = new ProviderRegistry[1];
    AtomicInteger looks = new AtomicInteger();
    AgentProvider provider =
        new FakeProvider.Discovered() {
          @Override
          public Installation detect() {
            return looks.incrementAndGet() == 1
                ? registry[0].detect(id()).orElseThrow()
                : Installation.present("1");
          }
        };
    registry[0] = ProviderRegistry.of(provider);

    assertThat(registry[0].detect(provider.id()).orElseThrow().version()).isEqualTo("1");
  }

  @Test
  void comesWithAliasesForThreeModels() {
    ModelNames names = ModelNames.builtIn();

    for (String alias : List.of("haiku", "sonnet", "opus")) {
      assertThat(names.resolve(alias)).isNotEqualTo(alias).contains(alias);
      assertThat(names.offers(ProviderId.of("claude"), names.resolve(alias))).isTrue();
    }
    assertThat(names.resolve("something-else")).isEqualTo("something-else");
  }

  private static ProviderRegistry.Builder registry(String... ids) {
    ProviderRegistry.Builder builder = ProviderRegistry.builder().modelNames(NAMES);
    Stream<FakeProvider> providers = Arrays.stream(ids).map(FakeProvider::called);
    providers.forEach(builder::provider);
    return builder;
  }
}
