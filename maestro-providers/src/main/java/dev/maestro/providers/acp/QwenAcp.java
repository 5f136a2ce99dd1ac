package dev.maestro.providers.acp;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Rights;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Qwen Code over the Agent Client Protocol, by its program {@code qwen --acp}.
 *
 * <p>It asks before it edits and runs a command, and ends its turn when that is refused to it. It
 * tells what each call of the model used up when that has ended, so a launch can be stopped at its
 * cap.
 */
public final class QwenAcp extends AcpAgent {

  private static final Profile PROFILE =
      Profile.of("qwen-acp", "qwen")
          .can(
              Capability.PROMPT_AFTER_START,
              Capability.SESSIONS,
              Capability.PERMISSIONS,
              Capability.METERS,
              Capability.MCP)
          .keys("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "BAILIAN_CODING_PLAN_API_KEY")
          .inherits("OPENAI_BASE_URL", "OPENAI_MODEL", "QWEN_HOME")
          .credentials(".qwen/oauth_creds.json")
          .help(
              "install Qwen Code: npm install -g @qwen-code/qwen-code",
              "sign in: start `qwen` once, or set OPENAI_API_KEY and OPENAI_BASE_URL");

  /** Make the agent with every default; service loaders do. */
  public QwenAcp() {
    this(builder().setup());
  }

  private QwenAcp(Setup setup) {
    super(PROFILE, List.of("--acp"), setup);
  }

  /** {@return the agent with every default} */
  public static QwenAcp create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<QwenAcp> builder() {
    return new Builder<>(QwenAcp::new);
  }

  @Override
  protected List<String> command() {
    return onNode(super.command(), "qwen", "qwen-code", "cli.js");
  }

  @Override
  protected Optional<String> mode(Rights rights) {
    return Optional.of("default");
  }

  @Override
  Counting counting() {
    return Counting.BY_CALL;
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of("QWEN_CODE_NO_RELAUNCH", "true", "NO_BROWSER", "1");
  }
}
