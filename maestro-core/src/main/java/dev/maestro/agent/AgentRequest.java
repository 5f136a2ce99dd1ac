package dev.maestro.agent;

import dev.maestro.task.AttemptId;
import dev.maestro.task.Cap;
import dev.maestro.task.TimeBound;
import dev.maestro.workspace.PathGlobs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One launch of an agent. The engine makes requests; a provider is tried by itself with one made by
 * {@link #of}.
 *
 * @param attempt which attempt of which task this is
 * @param role what the step calls the agent, such as {@code tester}
 * @param prompt what to do
 * @param systemPrompt what the agent is, or null for its own default
 * @param model the provider's full model id, or null for its own default
 * @param session the session to resume, or null for a new one
 * @param directory where to work; absolute
 * @param environment variables to add for child processes; may hold secrets
 * @param limits how long it may take
 * @param processMarker what the markers of its processes have to begin with, or null: the second
 *     argument of {@link dev.maestro.process.ProcessRunner#ProcessRunner(dev.maestro.process.Time,
 *     String)}, so that they are found after a crash even if their start was never reported
 * @param cap the most the launch may use up; a provider with {@link Capability#CAPS_SPEND} keeps to
 *     it by itself, one that {@link Capability#METERS} is stopped when it gets there
 * @param thinking how much to think before it answers, or null for the provider's own default
 * @param conversations keeps what was said, for providers that have no store of sessions
 * @param writes globs of the only files that it may write; none for any. Maestro refuses the tools
 *     and checks the files in any case; a provider that can forbid it says so earlier
 * @param hiding takes the secrets that the pipeline declares out of a text; a provider that hands a
 *     model what it has found itself does that before the model sees it
 */
public record AgentRequest(
    AttemptId attempt,
    String role,
    String prompt,
    @Nullable String systemPrompt,
    @Nullable String model,
    @Nullable SessionId session,
    Path directory,
    Map<String, String> environment,
    Limits limits,
    @Nullable String processMarker,
    Cap cap,
    @Nullable Thinking thinking,
    Conversations conversations,
    PathGlobs writes,
    UnaryOperator<String> hiding) {

  /** The variable that tells a child process the run it works for. */
  public static final String RUN_VARIABLE = "MAESTRO_RUN_ID";

  /** The variable that tells a child process the task it works on. */
  public static final String TASK_VARIABLE = "MAESTRO_TASK_ID";

  /** The variable that tells a child process the number of the attempt, 1 for the first. */
  public static final String ATTEMPT_VARIABLE = "MAESTRO_ATTEMPT";

  /** The variable that tells a child process what the step calls it. */
  public static final String ROLE_VARIABLE = "MAESTRO_ROLE";

  /**
   * The variable that tells a child process how many dollars it may cost, where that is limited.
   */
  public static final String MONEY_VARIABLE = "MAESTRO_CAP_USD";

  /** The variable that tells a child process how many tokens it may use, where that is limited. */
  public static final String TOKENS_VARIABLE = "MAESTRO_CAP_TOKENS";

  /** Check that nothing required is missing. */
  public AgentRequest {
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(cap, "cap");
    Objects.requireNonNull(conversations, "conversations");
    Objects.requireNonNull(writes, "writes");
    Objects.requireNonNull(hiding, "hiding");
    environment = Map.copyOf(environment);
  }

  /**
   * {@return a request that leaves everything else to the provider's defaults: no persona, model or
   * session, nothing added to the environment, {@link Limits#DEFAULT}, no cap, any file writable}
   */
  public static AgentRequest of(AttemptId attempt, String role, String prompt, Path directory) {
    return new AgentRequest(
        attempt,
        role,
        prompt,
        null,
        null,
        null,
        directory,
        Map.of(),
        Limits.DEFAULT,
        null,
        Cap.NONE,
        null,
        Conversations.NONE,
        PathGlobs.of(),
        UnaryOperator.identity());
  }

  /** {@return the same request, to an agent that is told this of itself, or nothing} */
  public AgentRequest systemPrompt(@Nullable String instructions) {
    return with(c -> c.systemPrompt = instructions);
  }

  /** {@return the same request, for this model, or the provider's own default} */
  public AgentRequest model(@Nullable String id) {
    return with(c -> c.model = id);
  }

  /** {@return the same request, which resumes this session, or begins one} */
  public AgentRequest session(@Nullable SessionId resumed) {
    return with(c -> c.session = resumed);
  }

  /** {@return the same request, with just these variables for child processes} */
  public AgentRequest environment(Map<String, String> variables) {
    return with(c -> c.environment = variables);
  }

  /** {@return the same request, which may take so long} */
  public AgentRequest limits(Limits time) {
    return with(c -> c.limits = time);
  }

  /** {@return the same request, whose processes are marked so, or by themselves} */
  public AgentRequest processMarker(@Nullable String marker) {
    return with(c -> c.processMarker = marker);
  }

  /** {@return the same request, which may use up so much} */
  public AgentRequest cap(Cap most) {
    return with(c -> c.cap = most);
  }

  /** {@return the same request, with so much thinking, or the provider's own default} */
  public AgentRequest thinking(@Nullable Thinking level) {
    return with(c -> c.thinking = level);
  }

  /** {@return the same request, whose conversations are kept there} */
  public AgentRequest conversations(Conversations kept) {
    return with(c -> c.conversations = kept);
  }

  /** {@return the same request, which may write only what matches these globs} */
  public AgentRequest writes(PathGlobs globs) {
    return with(c -> c.writes = globs);
  }

  /** {@return the same request, which takes secrets out of texts like this} */
  public AgentRequest hiding(UnaryOperator<String> secrets) {
    return with(c -> c.hiding = secrets);
  }

  private AgentRequest with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.request();
  }

  /** {@return how much to think, where that is said} */
  public Optional<Thinking> thinkingLevel() {
    return Optional.ofNullable(thinking);
  }

  /** {@return the session to resume, if any} */
  public Optional<SessionId> resumes() {
    return Optional.ofNullable(session);
  }

  /**
   * {@return what a child process gets in its environment: who it works for, and {@link
   * #environment()}, which wins}
   */
  public Map<String, String> variables() {
    Map<String, String> all = new HashMap<>();
    all.put(RUN_VARIABLE, attempt.key().run().value());
    all.put(TASK_VARIABLE, attempt.task().value());
    all.put(ATTEMPT_VARIABLE, Integer.toString(attempt.number()));
    all.put(ROLE_VARIABLE, role);
    if (cap.money() != null) {
      all.put(MONEY_VARIABLE, cap.money().decimal());
    }
    if (cap.tokens() != null) {
      all.put(TOKENS_VARIABLE, cap.tokens().toString());
    }
    all.putAll(environment);
    return Map.copyOf(all);
  }

  /**
   * How long a launch may take.
   *
   * @param total from start to end
   * @param inactivity without a sign of life
   */
  public record Limits(Duration total, Duration inactivity) {

    /** An hour in all, ten minutes of silence. */
    public static final Limits DEFAULT = new Limits(Duration.ofHours(1), Duration.ofMinutes(10));

    /** Check that both are possible. */
    public Limits {
      TimeBound.check("a time limit", total);
      TimeBound.check("a limit on silence", inactivity);
    }
  }

  /** The same request once more, of which something may be replaced. */
  private static final class Copy {

    private final AgentRequest of;
    private @Nullable String systemPrompt;
    private @Nullable String model;
    private @Nullable SessionId session;
    private Map<String, String> environment;
    private Limits limits;
    private @Nullable String processMarker;
    private Cap cap;
    private @Nullable Thinking thinking;
    private Conversations conversations;
    private PathGlobs writes;
    private UnaryOperator<String> hiding;

    private Copy(AgentRequest of) {
      this.of = of;
      systemPrompt = of.systemPrompt;
      model = of.model;
      session = of.session;
      environment = of.environment;
      limits = of.limits;
      processMarker = of.processMarker;
      cap = of.cap;
      thinking = of.thinking;
      conversations = of.conversations;
      writes = of.writes;
      hiding = of.hiding;
    }

    private AgentRequest request() {
      return new AgentRequest(
          of.attempt,
          of.role,
          of.prompt,
          systemPrompt,
          model,
          session,
          of.directory,
          environment,
          limits,
          processMarker,
          cap,
          thinking,
          conversations,
          writes,
          hiding);
    }
  }

  /** Leaves out the prompts and the environment, which may hold what must not be logged. */
  @Override
  public String toString() {
    return "AgentRequest[" + attempt + ", role=" + role + ", model=" + model + "]";
  }
}
