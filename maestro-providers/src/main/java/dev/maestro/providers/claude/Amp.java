package dev.maestro.providers.claude;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Reading;
import dev.maestro.providers.Rights;
import java.util.ArrayList;
import java.util.List;

/**
 * Amp, by its program {@code amp}.
 *
 * <p>It chooses its model by itself, so a step that asks for one is refused, and tells no cost.
 * Short of {@link Rights#ALL} it goes by the permissions of its own settings.
 */
public final class Amp extends CliAgent {

  private static final Profile PROFILE =
      Profile.of("amp", "amp")
          .can(Capability.PROMPT_AFTER_START, Capability.SESSIONS, Capability.MCP)
          .keys("AMP_API_KEY")
          .inherits("AMP_URL", "AMP_SETTINGS_FILE")
          .credentials(".local/share/amp/secrets.json")
          .help(
              "install Amp: npm install -g @sourcegraph/amp",
              "sign in: run `amp login`, or set AMP_API_KEY");

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public Amp() {
    this(builder().setup());
  }

  private Amp(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static Amp create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<Amp> builder() {
    return new Builder<>(Amp::new);
  }

  /** {@return never: it chooses by itself} */
  @Override
  public boolean takes(String model) {
    return false;
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>();
    session(request).ifPresent(session -> all.addAll(List.of("threads", "continue", session)));
    all.addAll(List.of("-x", "--stream-json"));
    if (rights(request) == Rights.ALL) {
      all.add("--dangerously-allow-all");
    }
    all.addAll(more);
    return all;
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new ClaudeReading(Counting.BY_MESSAGE);
  }
}
