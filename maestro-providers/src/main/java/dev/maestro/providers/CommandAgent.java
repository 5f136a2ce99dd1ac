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
import dev.maestro.failure.ErrorClass;
import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.Time;
import dev.maestro.task.Money;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Any program that takes a prompt on stdin and works in a directory.
 *
 * <pre>{@code
 * AgentProvider agent = CommandAgent.of(ProviderId.of("mine"), "my-agent", "--yes");
 * }</pre>
 *
 * <p>The program is started without a shell in the directory of the request, with an allow-listed
 * environment and the variables of {@link AgentRequest#variables()}. Its start is reported with its
 * identity before it gets the prompt, a system prompt first where there is one. Each line of stdout
 * is a piece of its answer; all of them are its reply, 4 MiB at most. Exit code 0 means that it
 * came to its end. Any other is a {@link ErrorClass#TRANSIENT} failure with the end of stderr,
 * since a program says no more by it; how often that is tried again is for the step's attempts to
 * say. A program that is not there is {@link ErrorClass#PERMANENT}, a limit {@link
 * ErrorClass#TIMEOUT}. Values of the request's own environment are masked in messages.
 *
 * <p>It uses the model that the program chooses, and a step that asks for one is refused, unless
 * the builder is told how to say it ({@link Builder#modelArguments}) or which it is ({@link
 * Builder#model}).
 *
 * <p>A program that knows Maestro can tell more with lines that begin with {@code @maestro} and a
 * space, followed by one JSON object; what it may hold, all optional:
 *
 * <pre>{@code
 * {"session": "name to resume by"}
 * {"usage": {"input": 900, "output": 40, "cached": 0, "cost": "0.004", "turns": 1, "toolCalls": 0}}
 * {"text": "a piece of the answer"}   {"thinking": "..."}
 * {"tool": "write", "id": "1", "input": {"any": "JSON"}}
 * {"toolResult": "what it said", "id": "1", "ok": true}
 * {"rateLimited": "2026-01-01T00:00:00Z"}   or null where nobody knows
 * {"result": "its last words, which are the reply instead of all lines"}
 * {"failure": {"class": "quota-exhausted", "message": "...", "until": "2026-01-01T00:00:00Z"}}
 * }</pre>
 *
 * <p>Usage is the total of the launch so far, without cached tokens in {@code input}; where none is
 * reported it is unknown. A failure's class is a {@link ErrorClass#code()}, and it is a failure
 * whatever the exit code. Members that are not known are skipped. A line with a mistake, nested
 * deeper than 20 or longer than 1 MiB is text. Such a line is believed as much as the program is;
 * for one that repeats what a model says see {@link Builder#plainOutput}.
 *
 * <p>Immutable, and safe for use by any number of threads.
 */
public final class CommandAgent implements AgentProvider {

  /** How long a program may take to tell its version. */
  public static final Duration VERSION_LIMIT = Version.LIMIT;

  private final ProviderId id;
  private final List<String> command;
  private final Set<String> inherited;
  private final List<String> versionCommand;
  private final List<Model> models;
  private final List<String> modelArguments;
  private final List<String> sessionArguments;
  private final List<String> moneyArguments;
  private final String help;
  private final Capabilities capabilities;
  private final boolean plainOutput;
  private final Runners runners;

  private CommandAgent(Builder builder) {
    id = builder.id;
    command = List.copyOf(builder.command);
    inherited = Set.copyOf(builder.inherited);
    versionCommand = builder.versionCommand;
    models = builder.models;
    modelArguments = builder.modelArguments;
    sessionArguments = builder.sessionArguments;
    moneyArguments = builder.moneyArguments;
    help = builder.help;
    capabilities = new Capabilities(builder.capabilities);
    plainOutput = builder.plainOutput;
    runners = new Runners(builder.time);
  }

  /** {@return the agent that is this program with these arguments, and every default} */
  public static CommandAgent of(ProviderId id, String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    return builder(id, command).build();
  }

  /** {@return a builder of an agent that is this program with its arguments} */
  public static Builder builder(ProviderId id, List<String> command) {
    return new Builder(id, command);
  }

  @Override
  public ProviderId id() {
    return id;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  /** {@return the one that {@link Builder#model} has named, if it has} */
  @Override
  public List<Model> models() {
    return models;
  }

  /**
   * {@return whether the program can be told to use this model, or always does; see {@link
   * Builder#modelArguments} and {@link Builder#model}}
   */
  @Override
  public boolean takes(String model) {
    return !modelArguments.isEmpty() || models.stream().anyMatch(each -> each.id().equals(model));
  }

  /** Look for the program, and ask it for its version where it is known how. */
  @Override
  public Installation detect() {
    if (!Programs.isPresent(command.get(0), System.getenv("PATH"))) {
      return Installation.missing(howToGetIt());
    }
    return versionCommand.isEmpty() ? Installation.present(null) : askVersion();
  }

  private Installation askVersion() {
    return new Version(id, versionCommand, inherited, Map.of())
        .ask(runners)
        .orElseGet(() -> Installation.missing(howToGetIt()));
  }

  private String howToGetIt() {
    return help.isEmpty()
        ? "there is no program '" + command.get(0) + "'; install it or put it on the PATH"
        : help;
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    String model = request.model();
    if (model != null && !takes(model)) {
      return Refusals.model(id, model, listener);
    }
    Mask mask = Mask.ofHost(inherited);
    Launching launching = new Launching(id, capabilities, !sessionArguments.isEmpty(), mask, help);
    Account account = Account.ofLines(InstantSource.system());
    return launching.run(
        runners,
        request,
        spec(request),
        new Hearing(listener, new ReportReading(plainOutput), account, mask),
        cancellation);
  }

  private ProcessSpec spec(AgentRequest request) {
    return ProcessSpec.builder(request.directory(), command(request))
        .inherit(inherited.toArray(String[]::new))
        .environment(request.variables())
        .input(input(request))
        .timeLimit(request.limits().total())
        .inactivityLimit(request.limits().inactivity())
        .build();
  }

  private List<String> command(AgentRequest request) {
    List<String> full = new ArrayList<>(command);
    addFilled(full, modelArguments, "{model}", request.model());
    addFilled(
        full,
        sessionArguments,
        "{session}",
        request.resumes().map(session -> session.value()).orElse(null));
    Money most = request.cap().money();
    addFilled(full, moneyArguments, "{usd}", most == null ? null : most.decimal());
    return full;
  }

  private static void addFilled(
      List<String> full, List<String> template, String name, @Nullable String value) {
    if (value != null) {
      template.forEach(argument -> full.add(argument.replace(name, value)));
    }
  }

  private static String input(AgentRequest request) {
    return request.systemPrompt() == null
        ? request.prompt()
        : request.systemPrompt() + "\n\n" + request.prompt();
  }

  /**
   * Builds a command agent.
   *
   * <p>By default it sees {@link ProcessSpec#INHERITED_BY_DEFAULT} of the host's environment, has
   * no known version, and can neither be told a model nor resume a session; stdout is read for
   * reports.
   */
  public static final class Builder {

    private final ProviderId id;
    private final List<String> command;
    private final Set<String> inherited = new LinkedHashSet<>();
    private final Set<Capability> capabilities = EnumSet.of(Capability.PROMPT_AFTER_START);
    private List<String> versionCommand = List.of();
    private List<Model> models = List.of();
    private List<String> modelArguments = List.of();
    private List<String> sessionArguments = List.of();
    private List<String> moneyArguments = List.of();
    private String help = "";
    private boolean plainOutput;
    private @Nullable Time time;

    private Builder(ProviderId id, List<String> command) {
      this.id = Objects.requireNonNull(id, "id");
      this.command = new ArrayList<>(command);
      if (command.isEmpty() || command.get(0).isBlank()) {
        throw new IllegalArgumentException("a command names a program");
      }
      this.command.set(0, Programs.settle(command.get(0)));
    }

    /**
     * Pass on more variables of the host, such as the program's key; a {@code *} at the end stands
     * for any rest.
     */
    public Builder inherit(String... names) {
      inherited.addAll(List.of(names));
      return this;
    }

    /**
     * Ask the program for its version with these arguments instead of its own, such as {@code
     * --version}; they must not start any work.
     */
    public Builder versionArguments(String... arguments) {
      versionCommand = new ArrayList<>(List.of(command.get(0)));
      versionCommand.addAll(List.of(arguments));
      versionCommand = List.copyOf(versionCommand);
      return this;
    }

    /**
     * Add these arguments for a model, such as {@code --model}, {@code {model}}.
     *
     * <p>Without them, a step that asks for another model than those of {@link #model} is refused.
     */
    public Builder modelArguments(String... template) {
      modelArguments = List.of(template);
      return this;
    }

    /**
     * Say that the program works on the model of this full id, so that a step may ask for it, and
     * what it uses is priced by it.
     */
    public Builder model(String model) {
      models = List.of(new Model(model, model));
      return this;
    }

    /** Add these arguments to resume a session, such as {@code --resume}, {@code {session}}. */
    public Builder sessionArguments(String... template) {
      sessionArguments = List.of(template);
      capabilities.add(Capability.SESSIONS);
      return this;
    }

    /**
     * Add these arguments to cap what a launch may cost, such as {@code --max-cost}, {@code {usd}},
     * where it is limited; the program stops by itself when it gets there.
     *
     * <p>It should report a failure of the class {@code budget-exceeded} then.
     */
    public Builder moneyArguments(String... template) {
      moneyArguments = List.of(template);
      capabilities.add(Capability.CAPS_SPEND);
      return this;
    }

    /** Say how to install the program, for when it is not there. */
    public Builder help(String sentence) {
      help = Objects.requireNonNull(sentence, "sentence");
      return this;
    }

    /** Declare that the program reports usage while it works, so that it can be stopped in time. */
    public Builder meters() {
      capabilities.add(Capability.METERS);
      return this;
    }

    /** Take every line of stdout as text, even one that looks like a report. */
    public Builder plainOutput() {
      plainOutput = true;
      return this;
    }

    /** Watch limits by this clock; by default by one of the system's that each launch closes. */
    public Builder time(Time clock) {
      time = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** {@return the agent} */
    public CommandAgent build() {
      return new CommandAgent(this);
    }
  }
}
