package dev.maestro.hosted;

import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.process.Registration;
import dev.maestro.task.Actor;
import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pipelines that hosts carry out: the agent is whoever asks for the next step.
 *
 * <p>A step waits in the journal, without a thread, until a host asks for it; it is that host's
 * until its time is over or it hands the step in. Whatever a host is handed or hands in is durable,
 * so that it may be another process each time: what it had in hand when it was killed it is handed
 * again, and when it does not come back the step goes to whoever asks next. What Maestro does for
 * any agent it does here, too: the gates run on what was handed in, questions go to people, and the
 * attempts of a step are counted.
 *
 * <pre>{@code
 * try (Hosted hosted = Hosted.over(maestro).pipeline(tdd).build()) {
 *   Host host = hosted.host(Actor.of("my-agent"));
 *   host.start("tdd", RunId.of("rate-limit-42"), Inputs.of("task", "Add rate limiting"));
 *   Reply reply = host.next(RunId.of("rate-limit-42"), 1);
 * }
 * }</pre>
 *
 * <p>By default a step is handed out for as long as its own time limit says, an hour unless it says
 * otherwise, and {@link Host#next} and {@link Host#submit} wait {@link #DEFAULT_PATIENCE} for what
 * Maestro is at. Safe for use by any number of threads.
 */
public final class Hosted implements AutoCloseable {

  /** How long calls wait for what Maestro itself is doing, such as running gates. */
  public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(20);

  private final Maestro maestro;
  private final Map<String, Pipeline> pipelines;
  private final Duration patience;
  private final @Nullable Duration lease;
  private final Changes changes = new Changes();
  private final Registration listening;

  private Hosted(Builder builder) {
    maestro = builder.maestro;
    pipelines = Collections.unmodifiableMap(new LinkedHashMap<>(builder.pipelines));
    patience = builder.patience;
    lease = builder.lease;
    listening = maestro.listen(changes);
  }

  /** {@return a builder of what hosts may do with the runs of this Maestro} */
  public static Builder over(Maestro maestro) {
    return new Builder(Objects.requireNonNull(maestro, "maestro"));
  }

  /**
   * {@return what a host of this name may do}
   *
   * <p>The name is all that tells hosts apart, also after a restart: one name for each that works
   * by itself. Whoever calls answers for it that it is who it says.
   */
  public Host host(Actor actor) {
    return new Host(this, actor);
  }

  /** {@return the names of the pipelines that hosts may start} */
  public List<String> pipelines() {
    return new ArrayList<>(pipelines.keySet());
  }

  /** {@return the pipeline of this name as hosts start it, if there is one} */
  public Optional<Pipeline> pipeline(String name) {
    return Optional.ofNullable(pipelines.get(name));
  }

  /** Let go of the journal; Maestro stays open. */
  @Override
  public void close() {
    listening.close();
  }

  Maestro maestro() {
    return maestro;
  }

  Changes changes() {
    return changes;
  }

  Duration patience() {
    return patience;
  }

  Duration lease(Duration ofStep) {
    return lease == null ? ofStep : lease;
  }

  /** Composes a {@link Hosted}. */
  public static final class Builder {

    private final Maestro maestro;
    private final Map<String, Pipeline> pipelines = new LinkedHashMap<>();
    private Duration patience = DEFAULT_PATIENCE;
    private @Nullable Duration lease;

    private Builder(Maestro maestro) {
      this.maestro = maestro;
    }

    /**
     * Let hosts start this pipeline under its name; all of its agent and plan steps are handed out.
     *
     * @throws IllegalArgumentException when there is one of this name already
     */
    public Builder pipeline(Pipeline pipeline) {
      return mixed(pipeline.byClaim());
    }

    /**
     * Let hosts start this pipeline; only steps that say so are handed out, and the others are
     * carried out by Maestro's own providers.
     *
     * @see dev.maestro.pipeline.StepBuilder#byClaim
     */
    public Builder mixed(Pipeline pipeline) {
      if (pipelines.putIfAbsent(pipeline.name(), pipeline) != null) {
        throw new IllegalArgumentException("there are two pipelines named " + pipeline.name());
      }
      return this;
    }

    /** Let calls wait so long for what Maestro is doing; {@link #DEFAULT_PATIENCE} unless set. */
    public Builder patience(Duration longest) {
      if (longest.isNegative()) {
        throw new IllegalArgumentException("patience cannot be negative: " + longest);
      }
      patience = longest;
      return this;
    }

    /** Hand steps out for so long; as long as the step's own time limit unless set. */
    public Builder lease(Duration length) {
      lease = TimeBound.check("the time that a step is handed out for", length);
      return this;
    }

    /** Begin to listen to the journal. */
    public Hosted build() {
      return new Hosted(this);
    }
  }
}
