package dev.maestro.providers;

import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.SessionId;
import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.Time;
import dev.maestro.task.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A coding agent that is a program with a form of output of its own.
 *
 * <p>A subclass says with which arguments the program is started ({@link #arguments}) and who
 * understands what it writes ({@link #reading}); all else is told here, once for every agent:
 *
 * <ul>
 *   <li>The program is started without a shell in the directory of the request. It sees the
 *       variables of {@link ProcessSpec#INHERITED_BY_DEFAULT}, those its {@link Profile} names,
 *       those of {@link AgentRequest#variables()}, and no other of the host's.
 *   <li>The prompt, a system prompt first where there is one, goes to its stdin once its start has
 *       been reported, so it stands in no list of processes.
 *   <li>It has come to its end when it said so and ended with exit code 0. Whatever else happened
 *       is a failure, by what it told in fields for errors, else by what stderr says, else {@link
 *       dev.maestro.failure.ErrorClass#TRANSIENT}.
 *   <li>What the variables hold whose names tell of keys, tokens or passwords is masked in all that
 *       it says.
 * </ul>
 *
 * <p>Immutable but for what conversations have used up, which is remembered for the latest 1,000.
 * Safe for use by any number of threads.
 */
public abstract class CliAgent implements AgentProvider {

  /** How long a line may be; a longer one is no event. */
  public static final int LONGEST_LINE = 16 << 20;

  private final Profile profile;
  private final Setup setup;
  private final Conversations conversations = new Conversations();

  /** Make an agent with this profile, set up like this. */
  protected CliAgent(Profile profile, Setup setup) {
    this.profile = profile;
    this.setup = setup;
  }

  Profile profile() {
    return profile;
  }

  /** {@return the arguments with which the program is started for this launch} */
  protected abstract List<String> arguments(AgentRequest request);

  /** {@return who understands what the program writes in this launch; maybe a {@link Dialogue}} */
  protected abstract Reading reading(AgentRequest request);

  /** {@return variables that the program needs for this launch; by default none} */
  protected Map<String, String> variables(AgentRequest request) {
    return Map.of();
  }

  /** {@return what the program reads on stdin: by default the system prompt and the prompt} */
  protected String input(AgentRequest request) {
    return request.systemPrompt() == null
        ? request.prompt()
        : request.systemPrompt() + "\n\n" + request.prompt();
  }

  /** {@return the program and what comes before its arguments} */
  protected List<String> command() {
    return setup.command.isEmpty() ? List.of(program()) : setup.command;
  }

  /** {@return how much the agent may do without asking in this launch} */
  protected final Rights rights(AgentRequest request) {
    return request.writes().isEmpty() ? setup.rights : setup.rights.atMost(Rights.EDIT);
  }

  /** {@return the file that is started for a program on the PATH, if there is one} */
  protected static Optional<Path> find(String program) {
    return Programs.find(program, System.getenv("PATH"));
  }

  /**
   * {@return how to start a program that npm installed without the wrapper that starts it anew as a
   * child, where it is the usual command and its script can be found}
   *
   * @param command how it is started otherwise
   * @param program its name on the PATH
   * @param folder the package's own folder, in which the script is
   */
  protected static List<String> onNode(
      List<String> command, String program, String folder, String script) {
    return command.equals(List.of(program))
        ? find(program)
            .flatMap(file -> Programs.script(file, folder, script))
            .map(file -> List.of("node", file.toString()))
            .orElse(command)
        : command;
  }

  private String program() {
    return profile.programs().stream()
        .filter(Programs::isPresent)
        .findFirst()
        .orElse(profile.programs().get(0));
  }

  @Override
  public final ProviderId id() {
    return setup.id == null ? profile.id() : setup.id;
  }

  @Override
  public final Capabilities capabilities() {
    return profile.capabilities();
  }

  /** {@return none: a CLI agent takes what its vendor offers} */
  @Override
  public final List<Model> models() {
    return List.of();
  }

  /** {@return whether its program is there} */
  @Override
  public final boolean isAtHand() {
    return Programs.isPresent(command().get(0));
  }

  /**
   * Look for the program and ask it for its version; that starts no paid call.
   *
   * <p>It counts as signed in where a key is set or the file with its credentials is there;
   * otherwise nobody can tell without a call.
   */
  @Override
  public final Installation detect() {
    if (!isAtHand()) {
      return Installation.missing(profile.install());
    }
    List<String> asking = new ArrayList<>(command());
    asking.add("--version");
    Installation found =
        new Version(id(), asking, seen(), setup.variables)
            .ask(setup.runners())
            .orElseGet(() -> Installation.missing(profile.install()));
    if (!found.present()) {
      return found;
    }
    return isSignedIn()
        ? found.withSignIn()
        : new Installation(true, found.version(), profile.signIn());
  }

  private boolean isSignedIn() {
    String home = System.getProperty("user.home", "");
    return profile.keys().stream().anyMatch(key -> !variable(key).isBlank())
        || profile.credentials().stream().anyMatch(file -> Files.exists(Path.of(home, file)));
  }

  private String variable(String name) {
    return setup.variables.getOrDefault(name, Objects.requireNonNullElse(System.getenv(name), ""));
  }

  private Set<String> seen() {
    Set<String> all = new LinkedHashSet<>(profile.inherited());
    all.addAll(setup.inherited);
    return all;
  }

  @Override
  public final AgentReply run(
      AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    String model = request.model();
    if (model != null && !takes(model)) {
      return Refusals.model(id(), model, listener);
    }
    Hearing hearing = hearing(request, listener);
    AgentReply reply =
        launching().run(setup.runners(), request, spec(request, hearing), hearing, cancellation);
    note(request, hearing.account());
    return reply;
  }

  Hearing hearing(AgentRequest request, AgentListener listener) {
    Account account = new Account(setup.clock(), setup.zone, before(request));
    return new Hearing(listener, reading(request), account, mask());
  }

  Launching launching() {
    boolean resumes = capabilities().has(Capability.SESSIONS);
    return new Launching(id(), capabilities(), resumes, mask(), profile.install());
  }

  private Mask mask() {
    return Mask.ofHost(seen()).and(Mask.ofSecretsIn(setup.variables));
  }

  /** Remember what the conversation has used up, for when it is resumed. */
  void note(AgentRequest request, Account account) {
    SessionId session = account.session() == null ? request.session() : account.session();
    conversations.note(session, account.conversation());
  }

  private @Nullable Usage before(AgentRequest request) {
    return request.session() == null ? Usage.NONE : conversations.usedBy(request.session());
  }

  private ProcessSpec spec(AgentRequest request, Hearing hearing) {
    List<String> full = new ArrayList<>(command());
    full.addAll(arguments(request));
    ProcessSpec.Builder spec =
        ProcessSpec.builder(request.directory(), full)
            .inherit(seen().toArray(String[]::new))
            .environment(variables(request))
            .environment(setup.variables)
            .environment(request.variables())
            .lineLimit(LONGEST_LINE)
            .timeLimit(request.limits().total())
            .inactivityLimit(request.limits().inactivity());
    return (hearing.isTalk() ? spec.keepInputOpen() : spec.input(input(request))).build();
  }

  /** {@return the name of the session to resume, if there is one} */
  protected static Optional<String> session(AgentRequest request) {
    return request.resumes().map(SessionId::value);
  }

  /** What a {@link Builder} was told; agents hand it on. */
  public static final class Setup {

    private final @Nullable ProviderId id;
    private final List<String> command;
    private final List<String> arguments;
    private final Set<String> inherited;
    private final Map<String, String> variables;
    private final Rights rights;
    private final @Nullable Time time;
    private final ZoneId zone;

    private Setup(Builder<?> builder) {
      id = builder.id;
      command = List.copyOf(builder.command);
      arguments = List.copyOf(builder.arguments);
      inherited = Set.copyOf(builder.inherited);
      variables = Map.copyOf(builder.variables);
      rights = builder.rights;
      time = builder.time;
      zone = builder.zone;
    }

    /** {@return more arguments for every launch} */
    public List<String> arguments() {
      return arguments;
    }

    private Runners runners() {
      return new Runners(time);
    }

    private InstantSource clock() {
      return time == null ? Clock.systemUTC() : time;
    }
  }

  /**
   * Builds a CLI agent.
   *
   * <p>By default the program is the one that its vendor installs, found on the PATH; it sees what
   * its {@link Profile} says, has the rights to {@link Rights#EDIT}, and tells times of the day in
   * the zone of this machine.
   *
   * @param <A> the kind of agent
   */
  public static final class Builder<A extends CliAgent> {

    private final Function<Setup, A> making;
    private final List<String> arguments = new ArrayList<>();
    private final Set<String> inherited = new LinkedHashSet<>();
    private final Map<String, String> variables = new LinkedHashMap<>();
    private List<String> command = List.of();
    private Rights rights = Rights.EDIT;
    private ZoneId zone = ZoneId.systemDefault();
    private @Nullable ProviderId id;
    private @Nullable Time time;

    /** Build agents that are made like this. */
    public Builder(Function<Setup, A> making) {
      this.making = Objects.requireNonNull(making, "making");
    }

    /** Call it so; by default as its profile says. */
    public Builder<A> id(String name) {
      id = ProviderId.of(name);
      return this;
    }

    /**
     * Start this program, and hand it these arguments before all others, such as {@code node},
     * {@code cli.js}.
     */
    public Builder<A> program(String program, String... first) {
      List<String> full = new ArrayList<>(List.of(Programs.settle(program)));
      full.addAll(List.of(first));
      command = full;
      return this;
    }

    /**
     * Hand it these arguments at every launch, such as {@code --mcp-config}, {@code tools.json}.
     */
    public Builder<A> arguments(String... more) {
      arguments.addAll(List.of(more));
      return this;
    }

    /** Pass on more of the host's variables; a {@code *} at the end stands for any rest. */
    public Builder<A> inherit(String... names) {
      inherited.addAll(List.of(names));
      return this;
    }

    /** Set a variable of its environment; it wins over what the host has. */
    public Builder<A> variable(String name, String value) {
      variables.put(name, value);
      return this;
    }

    /** Let it do this much without asking. */
    public Builder<A> rights(Rights most) {
      rights = Objects.requireNonNull(most, "most");
      return this;
    }

    /** Read the times of the day that it tells in this zone. */
    public Builder<A> zone(ZoneId where) {
      zone = Objects.requireNonNull(where, "where");
      return this;
    }

    /** Watch limits by this clock; by default by one of the system's that each launch closes. */
    public Builder<A> time(Time clock) {
      time = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** {@return what it was told, for a subclass to make itself from} */
    public Setup setup() {
      return new Setup(this);
    }

    /** {@return the agent} */
    public A build() {
      return making.apply(setup());
    }
  }
}
