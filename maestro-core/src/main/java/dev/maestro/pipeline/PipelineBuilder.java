package dev.maestro.pipeline;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Composes a {@link Pipeline}.
 *
 * <p>Unless told otherwise, a pipeline has version {@value #DEFAULT_VERSION}, no description, no
 * time limit, no policies and no templates, and its steps run in parallel: only {@link
 * StepBuilder#after} and {@link StepBuilder#continues} put one behind another. It needs at least
 * one step.
 *
 * <p>Nothing is refused before {@link #build()}, which reports every problem at once. For one
 * thread at a time.
 *
 * <pre>{@code
 * Pipeline tdd = Pipeline.named("tdd")
 *     .step("red", s -> s.agent("tester").prompt("Write tests for: {{ task }}").output("tests"))
 *     .step("green", s -> s.agent("engineer").after("red").prompt("Make them pass: {{ tests }}")
 *         .gate(Gate.command("mvn", "-q", "test").protects("src/test/**"))
 *         .attempts(3))
 *     .build();
 * }</pre>
 */
public final class PipelineBuilder extends Policed<PipelineBuilder> {

  /** The version of a pipeline that states none; part of the stored form. */
  public static final String DEFAULT_VERSION = "1";

  private final String name;
  private String version = DEFAULT_VERSION;
  private String description = "";
  private @Nullable Duration timeLimit;
  private final List<StepBuilder> steps = new ArrayList<>();
  private final List<StepBuilder> templates = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  PipelineBuilder(String name) {
    this.name = Objects.requireNonNull(name, "name");
  }

  @Override
  PipelineBuilder self() {
    return this;
  }

  /** Set the application's own version; {@value #DEFAULT_VERSION} unless set. */
  public PipelineBuilder version(String newVersion) {
    version = Objects.requireNonNull(newVersion, "version");
    return this;
  }

  /** Describe the pipeline to people; empty unless set. */
  public PipelineBuilder description(String text) {
    description = Objects.requireNonNull(text, "description");
    return this;
  }

  /**
   * End a run as FAILED, for the reason {@code timeout}, when it has not ended so long after its
   * start.
   *
   * <p>The deadline is fixed when the run starts and never moves: a pause does not put it off, and
   * neither does a crash; one that passed while nothing ran holds when the run is recovered. What
   * is at work then is told to stop, what is VERIFIED or COMPLETED stays so. A run may be started
   * with another limit.
   */
  public PipelineBuilder timeLimit(Duration inAll) {
    timeLimit = Objects.requireNonNull(inAll, "timeLimit");
    return this;
  }

  /** Add a step; {@code how} says what it does, and is called at once. */
  public PipelineBuilder step(String id, Consumer<StepBuilder> how) {
    how.accept(addStep(id));
    return this;
  }

  /** Add a step that only plans make tasks from; {@code how} is called at once. */
  public PipelineBuilder template(String id, Consumer<StepBuilder> how) {
    how.accept(addTemplate(id));
    return this;
  }

  /**
   * Check the whole and make the pipeline.
   *
   * @throws InvalidDefinitionException with every problem, when there is one
   */
  public Pipeline build() {
    Pipeline pipeline = assemble();
    validate(pipeline).orThrow("pipeline '" + name + "'");
    return pipeline;
  }

  /** Check what {@link #assemble()} made, and how. */
  Validation validate(Pipeline pipeline) {
    return Checks.of(pipeline, found());
  }

  /** Make the pipeline as it stands, unchecked. */
  Pipeline assemble() {
    return new Pipeline(
        name, version, description, assembled(steps), assembled(templates), timeLimit, policies());
  }

  private static List<Step> assembled(List<StepBuilder> steps) {
    List<Step> assembled = new ArrayList<>();
    for (StepBuilder step : steps) {
      assembled.add(step.toStep());
    }
    return assembled;
  }

  StepBuilder addStep(String id) {
    steps.add(new StepBuilder(id));
    return steps.get(steps.size() - 1);
  }

  StepBuilder addTemplate(String id) {
    templates.add(new StepBuilder(id));
    return templates.get(templates.size() - 1);
  }

  void problem(Problem problem) {
    problems.add(problem);
  }

  /** {@return what is wrong with how it was put together, before any check} */
  Found found() {
    return new Found(problems, found(steps), found(templates));
  }

  private static List<Found.InStep> found(List<StepBuilder> steps) {
    List<Found.InStep> found = new ArrayList<>();
    for (StepBuilder step : steps) {
      found.add(step.found());
    }
    return found;
  }
}
