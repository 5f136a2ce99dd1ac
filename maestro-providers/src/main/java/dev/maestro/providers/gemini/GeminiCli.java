package dev.maestro.providers.gemini;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Reading;
import dev.maestro.providers.Rights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Gemini CLI, by its program {@code gemini}.
 *
 * <p>The program starts itself anew as a child, and one that is told to stop does not react; so it
 * is told not to. It tells neither cost nor calls of the model.
 */
public final class GeminiCli extends CliAgent {

  private static final Profile PROFILE =
      Profile.of("gemini", "gemini")
          .can(Capability.PROMPT_AFTER_START, Capability.SESSIONS, Capability.MCP)
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

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public GeminiCli() {
    this(builder().setup());
  }

  private GeminiCli(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static GeminiCli create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<GeminiCli> builder() {
    return new Builder<>(GeminiCli::new);
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>(List.of("-o", "stream-json"));
    all.addAll(List.of("--approval-mode", mode(rights(request))));
    if (request.model() != null) {
      all.addAll(List.of("-m", request.model()));
    }
    session(request).ifPresent(session -> all.addAll(List.of("--resume", session)));
    all.addAll(more);
    return all;
  }

  private static String mode(Rights rights) {
    return switch (rights) {
      case READ -> "default";
      case EDIT -> "auto_edit";
      case ALL -> "yolo";
    };
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of(
        "GEMINI_CLI_NO_RELAUNCH", "true",
        "GEMINI_CLI_TRUST_WORKSPACE", "true",
        "NO_BROWSER", "1");
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new GeminiReading();
  }
}
