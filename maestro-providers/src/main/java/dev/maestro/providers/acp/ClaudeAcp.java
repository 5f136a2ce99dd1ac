package dev.maestro.providers.acp;

import dev.maestro.agent.Capability;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Rights;
import java.util.List;
import java.util.Optional;

/**
 * Claude Code over the Agent Client Protocol, by the program {@code claude-agent-acp}.
 *
 * <p>It was never run here, so what it tells of usage is not relied on.
 */
public final class ClaudeAcp extends AcpAgent {

  private static final Profile PROFILE =
      Profile.of("claude-acp", "claude-agent-acp")
          .can(
              Capability.PROMPT_AFTER_START,
              Capability.SESSIONS,
              Capability.PERMISSIONS,
              Capability.MCP)
          .keys("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")
          .inherits("ANTHROPIC_BASE_URL", "CLAUDE_CONFIG_DIR")
          .credentials(".claude/.credentials.json")
          .help(
              "install the adapter: npm install -g @agentclientprotocol/claude-agent-acp",
              "sign in: run `claude` and /login, or set ANTHROPIC_API_KEY");

  /** Make the agent with every default; service loaders do. */
  public ClaudeAcp() {
    this(builder().setup());
  }

  private ClaudeAcp(Setup setup) {
    super(PROFILE, List.of(), setup);
  }

  /** {@return the agent with every default} */
  public static ClaudeAcp create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<ClaudeAcp> builder() {
    return new Builder<>(ClaudeAcp::new);
  }

  @Override
  protected Optional<String> mode(Rights rights) {
    return Optional.of("default");
  }
}
