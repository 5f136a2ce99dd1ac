package dev.maestro.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of providers in the documentation is what they say about themselves. */
class ProvidersTableTest {

  private static final String BEGIN = "<!-- begin: ProvidersTableTest -->\n";
  private static final String END = "<!-- end: ProvidersTableTest -->";

  private static final List<Capability> SHOWN =
      List.of(
          Capability.SESSIONS,
          Capability.PROMPT_AFTER_START,
          Capability.PERMISSIONS,
          Capability.METERS,
          Capability.CAPS_SPEND,
          Capability.THINKING,
          Capability.MCP);

  /** What no capability says: the usage it tells, and what stands behind the row. */
  private static final Map<String, String> FACTS =
      Map.ofEntries(
          Map.entry("claude", "tokens, cost, turns | recordings"),
          Map.entry("qwen", "tokens, turns, of the conversation | real program, 0.24.4"),
          Map.entry("amp", "tokens, turns | recordings"),
          Map.entry("codex", "tokens, of the conversation | real program, 0.169.0"),
          Map.entry("gemini", "tokens | real program, 0.61.0"),
          Map.entry("opencode", "tokens, cost, turns | real program, 1.18.33"),
          Map.entry("cursor", "none | recordings"),
          Map.entry("opencode-acp", "none | real program, 1.18.33"),
          Map.entry("qwen-acp", "tokens, turns | real program, 0.24.4"),
          Map.entry("gemini-acp", "tokens | recordings, 0.61.0"),
          Map.entry("codex-acp", "tokens | recordings, 2.6.0"),
          Map.entry("claude-acp", "none | –"));

  @Test
  void isWhatTheProvidersSay() throws IOException {
    String page = Files.readString(Path.of("../docs/providers.md"));
    String shown = page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));

    assertThat(shown).isEqualTo(table());
  }

  @Test
  void namesEveryProviderThatIsOfferedAsAService() {
    assertThat(offered().keySet()).isEqualTo(FACTS.keySet());
  }

  private static Map<String, CliAgent> offered() {
    return ServiceLoader.load(AgentProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .map(CliAgent.class::cast)
        .collect(
            Collectors.toMap(
                each -> each.id().value(), each -> each, (one, other) -> one, TreeMap::new));
  }

  private static String table() {
    return """
    | provider | made by | program | sessions | stdin | asks | metered | capped | thinking | MCP | usage | verified |
    |---|---|---|---|---|---|---|---|---|---|---|---|
    %s
    """
        .formatted(
            offered().values().stream()
                .map(ProvidersTableTest::row)
                .collect(Collectors.joining("\n")));
  }

  private static String row(CliAgent agent) {
    return "| `%s` | `%s` | `%s`; %s | %s | %s |"
        .formatted(
            agent.id(),
            agent.getClass().getSimpleName(),
            agent.profile().programs().get(0),
            agent.profile().install().replaceFirst("^install [^:]*: ", ""),
            SHOWN.stream()
                .map(each -> agent.capabilities().has(each) ? "yes" : "–")
                .collect(Collectors.joining(" | ")),
            Objects.requireNonNull(FACTS.get(agent.id().value())));
  }
}
