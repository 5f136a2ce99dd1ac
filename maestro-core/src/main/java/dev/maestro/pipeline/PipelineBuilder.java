package dev.maestro.pipeline;

import dev.maestro.approval.Asking;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.HandOff;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Until;
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
public final class PipelineBuilder {

  /** The version of a pipeline that states none; part of the stored form. */
  public static final String DEFAULT_VERSION = "1";

  /** The longest that a time limit or a delay may be. */
  public static final Duration LONGEST = Duration.ofDays(3_660);

  /** What {@link #isPossible} insists on, in words. */
  public static final String POSSIBLE_RULE = "must be longer than nothing and at most 3660 days";

  private final String name;
  private String version = DEFAULT_VERSION;
  private String description = "";
  private @Nullable Duration timeLimit;
  private Policies policies = Policies.NONE;
  private final List<StepBuilder> steps = new ArrayList<>();
  private final List<StepBuilder> templates = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  PipelineBuilder(String name) {
    this.name = Objects.requireNonNull(name, "name");
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

  /** Ask this guardrail of every step, too, before those of the step itself. */
  public PipelineBuilder guard(Guardrail guardrail) {
    return policies(policies.guard(guardrail));
  }

  /** Have people agree to every step as early as its risk wants, unless the step says otherwise. */
  public PipelineBuilder signOff(Tiers tiers) {
    return oversight(policies.oversight().tiers(tiers));
  }

  /** Choose how much is done without people, for every step that does not say otherwise. */
  public PipelineBuilder autonomy(AutonomyLevel level) {
    return oversight(policies.oversight().autonomy(level));
  }

  /** Have the work of every step looked at before it is accepted. */
  public PipelineBuilder review() {
    return oversight(policies.oversight().reviewed());
  }

  /** Ask the questions of every step this way, unless the step says otherwise. */
  public PipelineBuilder asking(Asking how) {
    return oversight(policies.oversight().asking(how));
  }

  private PipelineBuilder oversight(Oversight all) {
    return policies(policies.oversight(all));
  }

  /** Let work that cannot be relied on not pass: see {@link Confidence}; any passes unless set. */
  public PipelineBuilder confidence(Confidence rule) {
    return policies(policies.confidence(Objects.requireNonNull(rule, "confidence")));
  }

  /** Let others carry out its steps when whoever should cannot: see {@link Fallback}. */
  public PipelineBuilder fallback(String first, String... others) {
    return policies(policies.fallback(Fallback.to(first, others)));
  }

  /** Begin new conversations where those there are have been filled so far: see {@link HandOff}. */
  public PipelineBuilder handOff(int percent) {
    return policies(policies.handOff(HandOff.at(percent)));
  }

  /** Try these routes one after the other, and a person in the end: see {@link Ladder}. */
  public PipelineBuilder ladder(Ladder rule) {
    return policies(policies.ladder(Objects.requireNonNull(rule, "ladder")));
  }

  /** End attempts that get nowhere: see {@link LoopBreaker}. */
  public PipelineBuilder breaker(LoopBreaker rule) {
    return policies(policies.breaker(Objects.requireNonNull(rule, "breaker")));
  }

  /**
   * Score the work, and halt when it is much worse than what is usual: see {@link EvalGate};
   * nothing is scored unless set.
   */
  public PipelineBuilder evalGate(EvalGate rule) {
    return policies(policies.evalGate(Objects.requireNonNull(rule, "evalGate")));
  }

  /** Let an agent go on until it says that it is done: see {@link Until}. */
  public PipelineBuilder until(Until rule) {
    return policies(policies.until(Objects.requireNonNull(rule, "until")));
  }

  /** Let only so many attempts follow failed ones, by cause: see {@link Retries}. */
  public PipelineBuilder retries(Retries rule) {
    return policies(policies.retries(Objects.requireNonNull(rule, "retries")));
  }

  /** Pause the run when attempts of its steps fail too fast: see {@link FailureWindow}. */
  public PipelineBuilder failureWindow(FailureWindow rule) {
    return policies(policies.failureWindow(Objects.requireNonNull(rule, "failureWindow")));
  }

  /**
   * Go on like this when the quota of a provider is back, whatever {@code MaestroBuilder.limit}
   * says of the provider.
   */
  public PipelineBuilder resume(Resume how) {
    return policies(policies.resume(Objects.requireNonNull(how, "resume")));
  }

  /**
   * Let a run of it, or the step that it is inside of, use up this much in all; any amount unless
   * set.
   */
  public PipelineBuilder budget(Budget limits) {
    return policies(policies.budget(limits));
  }

  /** Switch on just these for every step; {@link Policies#NONE} unless set. */
  public PipelineBuilder policies(Policies all) {
    policies = Objects.requireNonNull(all, "policies");
    return this;
  }

  /** {@return whether a time limit or a delay may be so long} */
  public static boolean isPossible(Duration time) {
    return !time.isNegative() && !time.isZero() && time.compareTo(LONGEST) <= 0;
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
        name,
        version,
        description,
        steps.stream().map(StepBuilder::toStep).toList(),
        templates.stream().map(StepBuilder::toStep).toList(),
        timeLimit,
        policies);
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
    return steps.stream().map(StepBuilder::found).toList();
  }
}
