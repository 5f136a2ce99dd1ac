package dev.maestro.providers.acp;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.Profile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * OpenCode over the Agent Client Protocol, by its program {@code opencode acp}.
 *
 * <p>It asks before it edits, runs a command or leaves its directory, and goes on when that is
 * refused to it. What it tells of tokens is its last call of the model, so usage is unknown; {@link
 * dev.maestro.providers.opencode.OpenCode} tells it. A model is named with its provider: {@code
 * anthropic/claude-x}.
 */
public final class OpenCodeAcp extends AcpAgent {

  private static final String CONFIG = "OPENCODE_CONFIG_CONTENT";
  private static final String ASKING =
      "{\"edit\":\"ask\",\"bash\":\"ask\",\"webfetch\":\"ask\",\"external_directory\":\"ask\"}";

  private static final Profile PROFILE =
      Profile.of("opencode-acp", "opencode")
          .can(
              Capability.PROMPT_AFTER_START,
              Capability.SESSIONS,
              Capability.PERMISSIONS,
              Capability.MCP)
          .keys("OPENCODE_API_KEY")
          .inherits("OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", CONFIG, "OPENCODE_DISABLE_*")
          .credentials(".local/share/opencode/auth.json")
          .help(
              "install OpenCode: npm install -g opencode-ai",
              "sign in: run `opencode auth login`, or configure a provider");

  /** Make the agent with every default; service loaders do. */
  public OpenCodeAcp() {
    this(builder().setup());
  }

  private OpenCodeAcp(Setup setup) {
    super(PROFILE, List.of("acp"), setup);
  }

  /** {@return the agent with every default} */
  public static OpenCodeAcp create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<OpenCodeAcp> builder() {
    return new Builder<>(OpenCodeAcp::new);
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    Map<String, String> all = new HashMap<>();
    all.put("OPENCODE_DISABLE_AUTOUPDATE", "1");
    all.put("OPENCODE_PERMISSION", ASKING);
    if (System.getenv(CONFIG) == null) {
      all.put(CONFIG, "{\"experimental\":{\"continue_loop_on_deny\":true}}");
    }
    return all;
  }
}
