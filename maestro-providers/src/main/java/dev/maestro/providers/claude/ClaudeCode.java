package dev.maestro.providers.claude;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Reading;
import dev.maestro.providers.Rights;
import dev.maestro.task.Cap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Claude Code, by its program {@code claude}.
 *
 * <pre>{@code
 * AgentProvider agent = ClaudeCode.create();
 * AgentProvider other = ClaudeCode.builder().rights(Rights.ALL).arguments("--mcp-config", file).build();
 * }</pre>
 *
 * <p>A launch that may cost so much is started with {@code --max-budget-usd}, one that may take so
 * many turns with {@code --max-turns}; the program stops there by itself. What it cost is what the
 * program estimates. How much it may think is told it in {@code MAX_THINKING_TOKENS}.
 */
public final class ClaudeCode extends CliAgent {

  private static final Profile PROFILE =
      Profile.of("claude", "claude")
          .can(
              Capability.PROMPT_AFTER_START,
              Capability.SESSIONS,
              Capability.CAPS_SPEND,
              Capability.THINKING,
              Capability.MCP)
          .keys("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")
          .inherits("ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL", "CLAUDE_CONFIG_DIR")
          .credentials(".claude/.credentials.json")
          .help(
              "install Claude Code: npm install -g @anthropic-ai/claude-code",
              "sign in: start `claude` once, or set ANTHROPIC_API_KEY");

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public ClaudeCode() {
    this(builder().setup());
  }

  private ClaudeCode(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static ClaudeCode create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<ClaudeCode> builder() {
    return new Builder<>(ClaudeCode::new);
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all =
        new ArrayList<>(List.of("-p", "--output-format", "stream-json", "--verbose"));
    all.addAll(List.of("--permission-mode", mode(rights(request))));
    if (request.model() != null) {
      all.addAll(List.of("--model", request.model()));
    }
    session(request).ifPresent(session -> all.addAll(List.of("--resume", session)));
    addLimits(all, request.cap());
    all.addAll(more);
    return all;
  }

  private static String mode(Rights rights) {
    return switch (rights) {
      case READ -> "default";
      case EDIT -> "acceptEdits";
      case ALL -> "bypassPermissions";
    };
  }

  private static void addLimits(List<String> all, Cap cap) {
    if (cap.turns() != null) {
      all.addAll(List.of("--max-turns", cap.turns().toString()));
    }
    if (cap.money() != null) {
      all.addAll(List.of("--max-budget-usd", cap.money().decimal()));
    }
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    Map<String, String> all = new HashMap<>(Map.of("DISABLE_AUTOUPDATER", "1"));
    request
        .thinkingLevel()
        .ifPresent(level -> all.put("MAX_THINKING_TOKENS", Integer.toString(level.tokens())));
    return all;
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new ClaudeReading(Counting.BY_MODEL);
  }
}
