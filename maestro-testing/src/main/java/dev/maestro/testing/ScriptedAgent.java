package dev.maestro.testing;

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
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An agent that says and does what the test wrote down, and remembers how it was launched.
 *
 * <pre>{@code
 * ScriptedAgent agent =
 *     ScriptedAgent.named("scripted")
 *         .on("red", Turn.says("one test").writes("src/test/ATest.java", "…"))
 *         .on("green", Turn.lying())
 *         .then(Turn.says("done").writes("src/main/A.java", "…"))
 *         .build();
 * }</pre>
 *
 * <p>The number of the attempt chooses the turn, so that another instance of the same script goes
 * on where one stopped; the last turn serves all further attempts. A script for the task goes
 * before one for the role, and that before {@link Builder#otherwise}. A launch that nothing is
 * written down for fails with a sentence that says so.
 *
 * <p>One with {@link Capability#CAPS_SPEND} fails with {@link ErrorClass#BUDGET_EXCEEDED} where a
 * turn would use more tokens or money than the request allows.
 *
 * <p>Safe for use by any number of threads.
 */
public final class ScriptedAgent implements AgentProvider {

  private final ProviderId id;
  private final Capabilities capabilities;
  private final List<Model> models;
  private final Installation installation;
  private final Map<String, List<Turn>> byTask;
  private final Map<String, List<Turn>> byRole;
  private final List<Turn> otherwise;
  private final InstantSource time;
  // guards itself; grows only, and whoever waits for a launch waits on it
  private final List<Launch> launches = new ArrayList<>();

  private ScriptedAgent(Builder builder) {
    id = builder.id;
    capabilities = builder.capabilities;
    models = builder.models;
    installation = builder.installation;
    byTask = copy(builder.byTask);
    byRole = copy(builder.byRole);
    otherwise = List.copyOf(builder.otherwise);
    time = builder.time;
  }

  private static Map<String, List<Turn>> copy(Map<String, List<Turn>> turns) {
    Map<String, List<Turn>> copy = new HashMap<>();
    turns.forEach((key, value) -> copy.put(key, List.copyOf(value)));
    return Map.copyOf(copy);
  }

  /** {@return a builder of an agent with this provider id and no turns} */
  public static Builder named(String id) {
    return new Builder(ProviderId.of(id));
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
  public Installation detect() {
    return installation;
  }

  @Override
  public List<Model> models() {
    return models;
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    remember(new Launch(request, time.instant()));
    if (capabilities.has(Capability.PROMPT_AFTER_START)) {
      listener.on(new AgentEvent.Launched(null));
    }
    Cap cap = capabilities.has(Capability.CAPS_SPEND) ? request.cap() : Cap.NONE;
    return turn(request)
        .perform(new Stage(request, listener, cancellation), reply -> capped(reply, cap));
  }

  /** One that caps its spending stops where it would have used more. */
  private static AgentReply capped(AgentReply reply, Cap cap) {
    Usage used = reply.usage();
    if (used == null || cap.covers(Amount.of(used, Duration.ZERO))) {
      return reply;
    }
    Failure failure = Failure.of(ErrorClass.BUDGET_EXCEEDED, "stopped at the cap of " + cap);
    return new AgentReply("", failure, within(used, cap), reply.session());
  }

  private static Usage within(Usage used, Cap cap) {
    long over = cap.tokens() == null ? 0 : Math.max(0, used.tokens() - cap.tokens());
    long output = Math.max(0, used.outputTokens() - over);
    long input = Math.max(0, used.inputTokens() - (over - (used.outputTokens() - output)));
    Money most = cap.money();
    return new Usage(
        input,
        output,
        used.cachedTokens(),
        most == null || used.cost().compareTo(most) <= 0 ? used.cost() : most,
        used.turns(),
        used.toolCalls(),
        used.presumed());
  }

  private void remember(Launch launch) {
    synchronized (launches) {
      launches.add(launch);
      launches.notifyAll();
    }
  }

  private Turn turn(AgentRequest request) {
    String task = request.attempt().task().value();
    List<Turn> turns = byTask.getOrDefault(task, byRole.getOrDefault(request.role(), otherwise));
    return turns.isEmpty()
        ? unscripted(request)
        : turns.get(Math.min(request.attempt().number(), turns.size()) - 1);
  }

  private Turn unscripted(AgentRequest request) {
    String sentence =
        "`%s` has no script for task `%s` (role `%s`)"
            .formatted(id, request.attempt().task(), request.role());
    return Turn.failing(Failure.of(ErrorClass.PERMANENT, sentence)).uses(Usage.NONE);
  }

  /** {@return every launch so far, in order} */
  public List<Launch> launches() {
    synchronized (launches) {
      return List.copyOf(launches);
    }
  }

  /** {@return every launch for this task so far, in order} */
  public List<Launch> launches(String task) {
    return launches().stream().filter(launch -> launch.task().equals(task)).toList();
  }

  /**
   * Wait, in real time, until the task has been launched for the given time.
   *
   * @return that launch
   * @throws IllegalStateException when it is not within the patience
   */
  public Launch awaitLaunch(String task, int number, Duration patience)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    synchronized (launches) {
      while (launches(task).size() < number) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new IllegalStateException(
              "task `%s` was launched %d times, not %d, within %s"
                  .formatted(task, launches(task).size(), number, patience));
        }
        launches.wait(left);
      }
      return launches(task).get(number - 1);
    }
  }

  /**
   * Writes the script.
   *
   * <p>By default the agent resumes sessions, asks for permission, meters, and gets its prompt
   * after its start; it lists no models.
   */
  public static final class Builder {

    private final ProviderId id;
    private Capabilities capabilities =
        Capabilities.of(
            Capability.SESSIONS,
            Capability.PERMISSIONS,
            Capability.METERS,
            Capability.PROMPT_AFTER_START);
    private List<Model> models = List.of();
    private Installation installation = Installation.present("scripted");
    private final Map<String, List<Turn>> byTask = new HashMap<>();
    private final Map<String, List<Turn>> byRole = new HashMap<>();
    private final List<Turn> otherwise = new ArrayList<>();
    private @Nullable List<Turn> last;
    private InstantSource time = InstantSource.system();

    private Builder(ProviderId id) {
      this.id = id;
    }

    /** Write down the first turn of a task, instead of any written down for it before. */
    public Builder on(String task, Turn first) {
      return begin(byTask.computeIfAbsent(task, key -> new ArrayList<>()), first);
    }

    /** Write down the first turn of tasks whose step calls the agent so. */
    public Builder onRole(String role, Turn first) {
      return begin(byRole.computeIfAbsent(role, key -> new ArrayList<>()), first);
    }

    /** Write down the first turn of every other task. */
    public Builder otherwise(Turn first) {
      return begin(otherwise, first);
    }

    private Builder begin(List<Turn> turns, Turn first) {
      turns.clear();
      turns.add(Objects.requireNonNull(first, "first"));
      last = turns;
      return this;
    }

    /** Write down the turn for the attempt after the one written down last. */
    public Builder then(Turn next) {
      if (last == null) {
        throw new IllegalStateException("write down a first turn before the next one");
      }
      last.add(Objects.requireNonNull(next, "next"));
      return this;
    }

    /** Set exactly what it can do. */
    public Builder capabilities(Capability... abilities) {
      capabilities = Capabilities.of(abilities);
      return this;
    }

    /** Set the models it lists. */
    public Builder models(Model... offered) {
      models = List.of(offered);
      return this;
    }

    /** Set what is found of it on this machine; by default it is there. */
    public Builder installation(Installation found) {
      installation = Objects.requireNonNull(found, "found");
      return this;
    }

    /** Set the clock that tells when a launch was; by default the system's. */
    public Builder time(InstantSource clock) {
      time = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** {@return the agent} */
    public ScriptedAgent build() {
      return new ScriptedAgent(this);
    }
  }
}
