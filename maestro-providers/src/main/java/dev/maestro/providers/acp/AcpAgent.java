package dev.maestro.providers.acp;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.Profile;
import dev.maestro.providers.Reading;
import dev.maestro.providers.Rights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A coding agent that speaks the Agent Client Protocol over stdio.
 *
 * <pre>{@code
 * AgentProvider agent = AcpAgent.of("mine", "my-agent", "--acp").build();
 * }</pre>
 *
 * <p>A launch is a process, a session that is begun or loaded, and one turn in it; then the program
 * is let go. It has come to its end when the agent ended its turn by itself, and did not end it
 * where it was refused something. How the program ends after that does not matter: it is Maestro
 * that ends it.
 *
 * <p>An agent that asks before it uses a tool is answered by the rules of the pipeline first. Where
 * they have nothing to say, it may what its {@link Rights} cover and can be seen to stay inside the
 * workspace, and nothing else. It is allowed once at a time. Files and terminals of this side are
 * not offered to it, so it uses its own.
 *
 * <p>How many tokens a turn used up is taken from agents that were seen to tell it completely; for
 * others it is unknown.
 */
public class AcpAgent extends CliAgent {

  private final Profile profile;
  private final List<String> first;
  private final List<String> more;

  /** Make an agent that speaks the protocol when it is started with these arguments first. */
  protected AcpAgent(Profile profile, List<String> arguments, Setup setup) {
    super(profile, setup);
    this.profile = profile;
    first = List.copyOf(arguments);
    more = setup.arguments();
  }

  /**
   * {@return a builder of an agent that is this program with these arguments}
   *
   * <p>It declares no more than that it gets its prompt after its start; for one that is known to
   * load sessions or to ask, see {@link #of(Profile, String...)}.
   */
  public static Builder<AcpAgent> of(String id, String program, String... arguments) {
    return of(Profile.of(id, program).can(Capability.PROMPT_AFTER_START), arguments);
  }

  /** {@return a builder of an agent that is this profile's program with these arguments} */
  public static Builder<AcpAgent> of(Profile profile, String... arguments) {
    List<String> all = List.of(arguments);
    return new Builder<>(setup -> new AcpAgent(profile, all, setup));
  }

  @Override
  protected List<String> arguments(AgentRequest request) {
    List<String> all = new ArrayList<>(first);
    all.addAll(more);
    return all;
  }

  /**
   * {@return the agent's own name of the mode that it is put into for these rights; by default it
   * stays in the one that it begins in}
   */
  protected Optional<String> mode(Rights rights) {
    return Optional.empty();
  }

  Counting counting() {
    return Counting.UNKNOWN;
  }

  @Override
  protected final Reading reading(AgentRequest request) {
    Rights rights = rights(request);
    return new AcpDialogue(
        new AcpLaunch(
            request.directory(),
            session(request),
            mode(rights),
            Optional.ofNullable(request.model()),
            input(request),
            rights,
            profile.capabilities().has(Capability.PERMISSIONS),
            counting()));
  }
}
