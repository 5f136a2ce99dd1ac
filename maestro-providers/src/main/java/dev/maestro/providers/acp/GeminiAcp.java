package dev.maestro.providers.acp;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Rights;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gemini CLI over the Agent Client Protocol, by its program {@code gemini --acp}.
 *
 * <p>It asks before it edits and runs a command. It declares no sessions: version 0.61.0 says that
 * it can load them, and loses the one that it is to load.
 */
public final class GeminiAcp extends AcpAgent {

  private static final Profile PROFILE =
      Profile.of("gemini-acp", "gemini")
          .can(Capability.PROMPT_AFTER_START, Capability.PERMISSIONS, Capability.MCP)
          .keys("GEMINI_API_KEY", "GOOGLE_API_KEY")
          .inherits(
              "GOOGLE_GEMINI_BASE_URL",
              "GOOGLE_CLOUD_PROJECT",
              "GOOGLE_CLOUD_LOCATION",
              "GOOGLE_GENAI_USE_VERTEXAI",
              "GEMINI_MODEL")
          .credentials(".gemini/oauth_creds.json")
          .help(
              "install Gemini CLI: npm install -g @google/gemini-cli",
              "sign in: start `gemini` once, or set GEMINI_API_KEY");

  /** Make the agent with every default; service loaders do. */
  public GeminiAcp() {
    this(builder().setup());
  }

  private GeminiAcp(Setup setup) {
    super(PROFILE, List.of("--acp"), setup);
  }

  /** {@return the agent with every default} */
  public static GeminiAcp create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<GeminiAcp> builder() {
    return new Builder<>(GeminiAcp::new);
  }

  @Override
  protected Optional<String> mode(Rights rights) {
    return Optional.of("default");
  }

  @Override
  Counting counting() {
    return Counting.BY_TURN;
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of(
        "GEMINI_CLI_NO_RELAUNCH", "true",
        "GEMINI_CLI_TRUST_WORKSPACE", "true",
        "NO_BROWSER", "1");
  }
}
