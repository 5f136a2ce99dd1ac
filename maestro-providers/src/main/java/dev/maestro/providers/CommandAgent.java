package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
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
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.TransientException;
import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.ProcessStartException;
import dev.maestro.process.Time;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  public static final Duration VERSION_LIMIT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(CommandAgent.class);
  private static final int LONGEST_VERSION = 200;

  private final ProviderId id;
  private final List<String> command;
  private final Set<String> inherited;
  private final List<String> versionCommand;
  private final List<String> modelArguments;
  private final List<String> sessionArguments;
  private final List<String> moneyArguments;
  private final String help;
  private final Capabilities capabilities;
  private final boolean plainOutput;
  private final @Nullable Time time;

  private CommandAgent(Builder builder) {
    id = builder.id;
    command = List.copyOf(builder.command);
    inherited = Set.copyOf(builder.inherited);
    versionCommand = builder.versionCommand;
    modelArguments = builder.modelArguments;
    sessionArguments = builder.sessionArguments;
    moneyArguments = builder.moneyArguments;
    help = builder.help;
    capabilities = new Capabilities(builder.capabilities);
    plainOutput = builder.plainOutput;
    time = builder.time;
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

  @Override
  public List<Model> models() {
    return List.of();
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
    List<String> lines = new ArrayList<>();
    ProcessSpec spec =
        ProcessSpec.builder(Path.of("").toAbsolutePath(), versionCommand)
            .inherit(inherited.toArray(String[]::new))
            .timeLimit(VERSION_LIMIT)
            .build();
    try {
      ProcessResult result =
          withRunner(null, runner -> runner.run(spec, lines::add, Cancellation.never()));
      return Installation.present(result.isCleanExit() ? version(lines) : null);
    } catch (ProcessStartException e) {
      return Installation.missing(howToGetIt());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while `" + id + "` was asked for its version", e);
    }
  }

  private static @Nullable String version(List<String> lines) {
    return lines.stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .findFirst()
        .map(line -> line.substring(0, Math.min(line.length(), LONGEST_VERSION)))
        .orElse(null);
  }

  private String howToGetIt() {
    return help.isEmpty()
        ? "there is no program '" + command.get(0) + "'; install it or put it on the PATH"
        : help;
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    ProcessSpec spec = spec(request);
    Hearing hearing = new Hearing(listener, plainOutput ? Report::text : ReportLine::read);
    AgentReply reply = launch(request, spec, hearing, cancellation);
    listener.on(
        reply
            .problem()
            .<AgentEvent>map(AgentEvent.Failed::new)
            .orElseGet(() -> new AgentEvent.Completed(reply.text())));
    return reply;
  }

  private AgentReply launch(
      AgentRequest request, ProcessSpec spec, Hearing hearing, Cancellation cancellation)
      throws InterruptedException {
    try {
      ProcessResult result =
          withRunner(request.processMarker(), runner -> runner.run(spec, hearing, cancellation));
      return reply(request, hearing, result);
    } catch (ProcessStartException e) {
      return notStarted(hearing, e, ErrorClass.PERMANENT, e.getMessage() + "; " + howToGetIt());
    } catch (TransientException e) {
      return notStarted(hearing, e, ErrorClass.TRANSIENT, String.valueOf(e.getMessage()));
    }
  }

  /** {@return the failure to start; an exception from later on is the listener's and passed on} */
  private static <E extends RuntimeException> AgentReply notStarted(
      Hearing hearing, E exception, ErrorClass errorClass, String message) {
    if (hearing.isStarted()) {
      throw exception;
    }
    return AgentReply.failed(Failure.of(errorClass, message), Usage.NONE);
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
        full, sessionArguments, "{session}", request.resumes().map(SessionId::value).orElse(null));
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

  private AgentReply reply(AgentRequest request, Hearing hearing, ProcessResult result) {
    if (!result.survivors().isEmpty()) {
      LOG.warn("{} left processes that could not be ended: {}", id, result.survivors());
    }
    Failure failure = Endings.failure(request, hearing.failure(), result);
    Usage usage = hearing.isStarted() ? usage(hearing, result) : Usage.NONE;
    return new AgentReply(hearing.text(), failure, usage, session(request, hearing));
  }

  /** {@return what it reported, where nothing can have come after the report} */
  private @Nullable Usage usage(Hearing hearing, ProcessResult result) {
    boolean ended = result.ending() == ProcessResult.Ending.EXITED;
    return ended || capabilities.has(Capability.METERS) ? hearing.usage() : null;
  }

  private @Nullable SessionId session(AgentRequest request, Hearing hearing) {
    SessionId reported = hearing.session();
    return reported == null && !sessionArguments.isEmpty() ? request.session() : reported;
  }

  private <T> T withRunner(@Nullable String session, Running<T> running)
      throws InterruptedException {
    if (time != null) {
      return running.with(runner(time, session));
    }
    try (Time own = Time.system()) {
      return running.with(runner(own, session));
    }
  }

  private static ProcessRunner runner(Time time, @Nullable String session) {
    return session == null ? new ProcessRunner(time) : new ProcessRunner(time, session);
  }

  @FunctionalInterface
  private interface Running<T> {
    T with(ProcessRunner runner) throws InterruptedException;
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

    /** Add these arguments for a model, such as {@code --model}, {@code {model}}. */
    public Builder modelArguments(String... template) {
      modelArguments = List.of(template);
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
