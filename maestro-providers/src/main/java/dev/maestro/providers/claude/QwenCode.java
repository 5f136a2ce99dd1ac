package dev.maestro.providers.claude;

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
 * Qwen Code, by its program {@code qwen}.
 *
 * <p>The program starts itself anew as a child, and one that is told to stop leaves that child at
 * work. So its {@code cli.js} is started with {@code node} where it can be found, and told not to.
 *
 * <p>It tells what the whole conversation has used up, so what a resumed one used up is known only
 * where this object carried out the launch before.
 */
public final class QwenCode extends CliAgent {

  private static final String PROGRAM = "qwen";

  private static final Profile PROFILE =
      Profile.of("qwen", PROGRAM)
          .can(Capability.PROMPT_AFTER_START, Capability.SESSIONS, Capability.MCP)
          .keys("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "BAILIAN_CODING_PLAN_API_KEY")
          .inherits("OPENAI_BASE_URL", "OPENAI_MODEL", "QWEN_HOME")
          .credentials(".qwen/oauth_creds.json")
          .help(
              "install Qwen Code: npm install -g @qwen-code/qwen-code",
              "sign in: start `qwen` once, or set OPENAI_API_KEY and OPENAI_BASE_URL");

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public QwenCode() {
    this(builder().setup());
  }

  private QwenCode(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static QwenCode create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<QwenCode> builder() {
    return new Builder<>(QwenCode::new);
  }

  @Override
  protected List<String> command() {
    return onNode(super.command(), PROGRAM, "qwen-code", "cli.js");
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>(List.of("-o", "stream-json"));
    all.addAll(List.of("--approval-mode", mode(rights(request))));
    if (request.model() != null) {
      all.addAll(List.of("-m", request.model()));
    }
    session(request).ifPresent(session -> all.addAll(List.of("--resume", session)));
    if (request.cap().turns() != null) {
      all.addAll(List.of("--max-session-turns", request.cap().turns().toString()));
    }
    all.addAll(more);
    return all;
  }

  private static String mode(Rights rights) {
    return switch (rights) {
      case READ -> "default";
      case EDIT -> "auto-edit";
      case ALL -> "yolo";
    };
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of(
        "QWEN_CODE_NO_RELAUNCH", "true", "QWEN_CODE_SUPPRESS_YOLO_WARNING", "1", "NO_BROWSER", "1");
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new ClaudeReading(Counting.BY_CONVERSATION);
  }
}
