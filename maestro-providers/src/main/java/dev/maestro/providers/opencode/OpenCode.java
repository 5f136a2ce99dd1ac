package dev.maestro.providers.opencode;

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
 * OpenCode, by its program {@code opencode}.
 *
 * <p>A model is named with its provider: {@code anthropic/claude-x}. It tells what each call of the
 * model used up when that has ended, so a launch can be stopped at its cap. It reads the keys of
 * other vendors from the environment, but only those it is given by {@link Builder#inherit}.
 */
public final class OpenCode extends CliAgent {

  private static final Profile PROFILE =
      Profile.of("opencode", "opencode")
          .can(
              Capability.PROMPT_AFTER_START, Capability.SESSIONS, Capability.METERS, Capability.MCP)
          .keys("OPENCODE_API_KEY")
          .inherits(
              "OPENCODE_CONFIG",
              "OPENCODE_CONFIG_DIR",
              "OPENCODE_CONFIG_CONTENT",
              "OPENCODE_DISABLE_*")
          .credentials(".local/share/opencode/auth.json")
          .help(
              "install OpenCode: npm install -g opencode-ai",
              "sign in: run `opencode auth login`, or configure a provider");

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public OpenCode() {
    this(builder().setup());
  }

  private OpenCode(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static OpenCode create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<OpenCode> builder() {
    return new Builder<>(OpenCode::new);
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>(List.of("run", "--format", "json"));
    if (request.model() != null) {
      all.addAll(List.of("--model", request.model()));
    }
    session(request).ifPresent(session -> all.addAll(List.of("--session", session)));
    all.addAll(more);
    return all;
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of(
        "OPENCODE_DISABLE_AUTOUPDATE", "1", "OPENCODE_PERMISSION", permission(rights(request)));
  }

  /** What would be asked would be rejected, and the turn ended; what is denied the model hears. */
  private static String permission(Rights rights) {
    String edit = rights == Rights.READ ? "deny" : "allow";
    String others = rights == Rights.ALL ? "allow" : "deny";
    return "{\"edit\":\"%s\",\"bash\":\"%s\",\"external_directory\":\"%s\"}"
        .formatted(edit, others, others);
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new OpenCodeReading();
  }
}
