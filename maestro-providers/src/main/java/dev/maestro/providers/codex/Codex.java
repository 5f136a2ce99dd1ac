package dev.maestro.providers.codex;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Thinking;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Reading;
import dev.maestro.providers.Rights;
import java.util.ArrayList;
import java.util.List;

/**
 * Codex, by its program {@code codex}.
 *
 * <p>Its commands run in a sandbox of its own: with {@link Rights#READ} they can write nothing,
 * with {@link Rights#EDIT} the workspace and the directory for temporary files, with {@link
 * Rights#ALL} there is no sandbox.
 *
 * <p>It tells what the whole conversation has used up, so what a resumed one used up is known only
 * where this object carried out the launch before. It tells neither cost nor calls of the model.
 */
public final class Codex extends CliAgent {

  private static final Profile PROFILE =
      Profile.of("codex", "codex")
          .can(
              Capability.PROMPT_AFTER_START,
              Capability.SESSIONS,
              Capability.THINKING,
              Capability.MCP)
          .keys("CODEX_API_KEY", "OPENAI_API_KEY")
          .inherits("CODEX_HOME", "OPENAI_BASE_URL")
          .credentials(".codex/auth.json")
          .help(
              "install Codex: npm install -g @openai/codex",
              "sign in: run `codex login`, or set CODEX_API_KEY");

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public Codex() {
    this(builder().setup());
  }

  private Codex(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static Codex create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<Codex> builder() {
    return new Builder<>(Codex::new);
  }

  /** A thread that is resumed takes no {@code -s}, but what is configured for it. */
  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>(List.of("exec", "--skip-git-repo-check"));
    boolean resumes = request.session() != null;
    if (resumes) {
      all.add("resume");
    }
    all.addAll(List.of("--json", "-c", "sandbox_mode=\"" + sandbox(rights(request)) + "\""));
    if (request.model() != null) {
      all.addAll(List.of("-m", request.model()));
    }
    request
        .thinkingLevel()
        .ifPresent(
            level -> all.addAll(List.of("-c", "model_reasoning_effort=\"" + effort(level) + "\"")));
    all.addAll(more);
    session(request).ifPresent(all::add);
    all.add("-");
    return all;
  }

  private static String effort(Thinking level) {
    return level == Thinking.MAX ? "xhigh" : level.label();
  }

  private static String sandbox(Rights rights) {
    return switch (rights) {
      case READ -> "read-only";
      case EDIT -> "workspace-write";
      case ALL -> "danger-full-access";
    };
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new CodexReading();
  }
}
