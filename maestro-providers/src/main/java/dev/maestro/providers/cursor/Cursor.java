package dev.maestro.providers.cursor;

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
 * Cursor's agent, by its program {@code cursor-agent}; where that is installed as {@code agent},
 * say so with {@link Builder#program}.
 *
 * <p>The program takes its prompt as an argument, so it stands in the list of processes, is limited
 * by the system, and is handed over before the start is known. It tells no usage.
 */
public final class Cursor extends CliAgent {

  private static final Profile PROFILE =
      Profile.of("cursor", "cursor-agent")
          .can(Capability.SESSIONS, Capability.MCP)
          .keys("CURSOR_API_KEY")
          .inherits("CURSOR_CONFIG_DIR")
          .help(
              "install Cursor's agent: see cursor.com/cli",
              "sign in: run `cursor-agent login`, or set CURSOR_API_KEY");

  private final List<String> more;

  /** Make the agent with every default; service loaders do. */
  public Cursor() {
    this(builder().setup());
  }

  private Cursor(Setup setup) {
    super(PROFILE, setup);
    more = setup.arguments();
  }

  /** {@return the agent with every default} */
  public static Cursor create() {
    return builder().build();
  }

  /** {@return a builder of the agent} */
  public static Builder<Cursor> builder() {
    return new Builder<>(Cursor::new);
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>(List.of("-p", "--output-format", "stream-json"));
    if (request.model() != null) {
      all.addAll(List.of("--model", request.model()));
    }
    session(request).ifPresent(session -> all.addAll(List.of("--resume", session)));
    all.addAll(mode(rights(request)));
    all.addAll(more);
    all.add(argument(super.input(request)));
    return all;
  }

  private static List<String> mode(Rights rights) {
    return switch (rights) {
      case READ -> List.of("--mode", "ask");
      case EDIT -> List.of();
      case ALL -> List.of("--force");
    };
  }

  /** {@return the prompt as an argument, which must not look like an option or hold a NUL} */
  private static String argument(String prompt) {
    String safe = prompt.replace('\0', ' ');
    return safe.startsWith("-") ? " " + safe : safe;
  }

  @Override
  protected String input(AgentRequest request) {
    return "";
  }

  @Override
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of("NO_OPEN_BROWSER", "1");
  }

  @Override
  protected Reading reading(AgentRequest request) {
    return new CursorReading();
  }
}
