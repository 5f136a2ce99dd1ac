package dev.maestro.providers.acp;

import dev.maestro.agent.Capability;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Rights;
import java.util.List;
import java.util.Optional;

/**
 * Codex over the Agent Client Protocol, by the program {@code codex-acp}, which brings a Codex.
 *
 * <p>It asks nobody for what its mode allows: reading, or working in its directory in a sandbox of
 * its own. Some errors of its model it tells as an answer.
 */
public final class CodexAcp extends AcpAgent {

  private static final Profile PROFILE =
      Profile.of("codex-acp", "codex-acp")
          .can(Capability.PROMPT_AFTER_START, Capability.SESSIONS, Capability.MCP)
          .keys("CODEX_API_KEY", "OPENAI_API_KEY")
          .inherits("CODEX_HOME", "OPENAI_BASE_URL")
          .credentials(".codex/auth.json")
          .help(
              "install the adapter: npm install -g @agentclientprotocol/codex-acp",
              "sign in: run `codex login`, or set CODEX_API_KEY");

  /** Make the agent with every default; service loaders do. */
  public CodexAcp() {
    this(builder().setup());
  }

  private CodexAcp(Setup setup) {
    super(PROFILE, List.of(), setup);
  }

  /** {@return the agent with every default} */
  public static CodexAcp create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<CodexAcp> builder() {
    return new Builder<>(CodexAcp::new);
  }

  @Override
  protected Optional<String> mode(Rights rights) {
    return Optional.of(
        switch (rights) {
          case READ -> "read-only";
          case EDIT -> "agent";
          case ALL -> "agent-full-access";
        });
  }

  @Override
  Counting counting() {
    return Counting.BY_TURN;
  }
}
