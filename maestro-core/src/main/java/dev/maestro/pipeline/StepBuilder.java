package dev.maestro.pipeline;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Thinking;
import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Action.Failure;
import dev.maestro.pipeline.Action.Kind;
import dev.maestro.pipeline.Template.Fault;
import dev.maestro.policy.Backoff;
import dev.maestro.task.Priority;
import dev.maestro.task.Risk;
import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says what one step does.
 *
 * <p>Unless told otherwise, a step waits for nothing and has no delay, always runs, starts in a
 * workspace and a session of its own, has no output, no gates, no secrets, no interceptors and no
 * policies, is not merged, is launched {@value #DEFAULT_ATTEMPTS} time, waits {@link
 * #DEFAULT_BACKOFF} between attempts when there are more, has priority {@link #DEFAULT_PRIORITY}
 * and {@link #DEFAULT_LIMITS}, and must do something to succeed.
 *
 * <p>A step does exactly one thing: say one of {@link #agent}, {@link #command}, {@link #code},
 * {@link #approval}, {@link #plan} and {@link #pipeline(Pipeline)}; one that says none of them and
 * has a {@link #delay} only waits. With {@link #forEach}, it does that for each element of a list.
 * What is wrong is reported by {@link PipelineBuilder#build()}. For one thread at a time.
 */
public final class StepBuilder extends Policed<StepBuilder> {

  /** How often a step is launched that says nothing; part of the stored form. */
  public static final int DEFAULT_ATTEMPTS = 1;

  /** How long a step waits between attempts that says nothing; part of the stored form. */
  public static final Backoff DEFAULT_BACKOFF = Backoff.DEFAULT;

  /** How urgent a step is that says nothing; part of the stored form. */
  public static final Priority DEFAULT_PRIORITY = Priority.DEFAULT;

  /** How long a launch may take of a step that says nothing; part of the stored form. */
  public static final Limits DEFAULT_LIMITS = Limits.DEFAULT;

  private final String id;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<Kind, Action> kinds = new TreeMap<>();
  private final Set<String> after = new LinkedHashSet<>();
  private final List<Gate> gates = new ArrayList<>();
  private final List<String> secrets = new ArrayList<>();
  private final List<String> interceptors = new ArrayList<>();
  private @Nullable String prompt;
  private @Nullable String model;
  private @Nullable Thinking thinking;
  private @Nullable String template;
  private @Nullable PipelineBuilder inside;
  private final Map<String, String> inputs = new TreeMap<>();
  private final List<String> outputs = new ArrayList<>();
  private @Nullable String list;
  private @Nullable String as;
  private @Nullable Integer parallel;
  private @Nullable Failure failure;
  private @Nullable Integer quorum;
  private @Nullable String title;
  private @Nullable Condition when;
  private @Nullable String continues;
  private @Nullable String output;
  private boolean json;
  private int attempts = DEFAULT_ATTEMPTS;
  private Backoff backoff = DEFAULT_BACKOFF;
  private @Nullable String mergeInto;
  private Priority priority = DEFAULT_PRIORITY;
  private Duration total = DEFAULT_LIMITS.total();
  private @Nullable Duration inactivity;
  private boolean allowNoOp;
  private @Nullable Duration delay;

  StepBuilder(String id) {
    this.id = Objects.requireNonNull(id, "id");
  }

  @Override
  StepBuilder self() {
    return this;
  }

  /** Let this agent work: a persona's name, or a role that the default provider plays. */
  public StepBuilder agent(String name) {
    return kind(new Action.Agent(name, "", null));
  }

  /** Tell the agent or the planner what to do; a {@link Template}. */
  public StepBuilder prompt(String text) {
    prompt = Objects.requireNonNull(text, "prompt");
    return this;
  }

  /** Use this model, an alias or a full id; the persona's unless set. */
  public StepBuilder model(String aliasOrId) {
    model = Objects.requireNonNull(aliasOrId, "model");
    return this;
  }

  /** Let it think so much before it answers; as much as the persona does unless set. */
  public StepBuilder thinking(Thinking level) {
    thinking = Objects.requireNonNull(level, "thinking");
    return this;
  }

  /** Run a program in the workspace, without a shell; each word is a {@link Template}. */
  public StepBuilder command(String program, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(program);
    words.addAll(List.of(arguments));
    return command(words);
  }

  StepBuilder command(List<String> words) {
    return kind(new Action.Command(words));
  }

  /** Run code that the application registered under this name and version. */
  public StepBuilder code(String name, String version) {
    return kind(new Action.Code(name, version));
  }

  /** Ask a person, who answers yes or no; a {@link Template}. */
  public StepBuilder approval(String question) {
    return kind(new Action.Approval(question));
  }

  /**
   * Let this agent write a plan; each of its task lines becomes a task made from {@link
   * #template(String)}.
   */
  public StepBuilder plan(String agent) {
    return kind(new Action.Plan(agent, "", null, ""));
  }

  /** Make the tasks of the plan from the template step of this id. */
  public StepBuilder template(String templateId) {
    template = Objects.requireNonNull(templateId, "template");
    return this;
  }

  /** Run this pipeline inside the step; its tasks are called {@code step/inner}. */
  public StepBuilder pipeline(Pipeline what) {
    inside = null;
    return kind(new Action.SubPipeline(what, Map.of(), List.of()));
  }

  /**
   * Run a pipeline inside the step that is composed here and has the step's id as its name; {@code
   * how} is called at once.
   */
  public StepBuilder pipeline(Consumer<PipelineBuilder> how) {
    how.accept(addPipeline(id));
    return this;
  }

  PipelineBuilder addPipeline(String name) {
    PipelineBuilder builder = new PipelineBuilder(name);
    pipeline(builder.assemble());
    inside = builder;
    return builder;
  }

  /**
   * Give the pipeline inside an input; a {@link Template}.
   *
   * <p>One that is a single {@code {{ name }}} hands the value on as it is, JSON as JSON.
   */
  public StepBuilder input(String name, String text) {
    inputs.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(text, "text"));
    return this;
  }

  /**
   * Make these outputs of the pipeline inside the step's own: one is the step's output, several are
   * fields of a JSON object.
   */
  public StepBuilder outputs(String... names) {
    outputs.addAll(List.of(names));
    return this;
  }

  /**
   * Do what the step does for each element of this JSON list, {@code {{ name }}}, an input or the
   * output of a step; the tasks are called {@code step/1}, {@code step/2} and so on.
   *
   * <p>Attempts, gates, limits, merging and the like hold for each of them; {@link #after}, {@link
   * #when} and {@link #delay} for all together. The output of the step is the list of theirs.
   */
  public StepBuilder forEach(String name) {
    List<Fault> faults = new ArrayList<>();
    Template text = Template.parse(Objects.requireNonNull(name, "forEach"), faults);
    list = faults.isEmpty() ? text.single().orElse("") : "";
    return this;
  }

  /**
   * Call the element so, {@value Action.ForEach#DEFAULT_AS} unless set; {@code <name>.index} is its
   * number, from 1, and {@code <name>.<field>} a field of one that is an object.
   */
  public StepBuilder as(String name) {
    as = Objects.requireNonNull(name, "as");
    return this;
  }

  /**
   * Have at most so many elements at work at once, also of those that are tried again; all of them,
   * as far as there are slots, unless set.
   */
  public StepBuilder parallel(int most) {
    parallel = most;
    return this;
  }

  /**
   * Do this when an element has failed for good; {@link Failure#CANCEL} unless set, and {@link
   * Failure#QUORUM} with a {@link #quorum}.
   */
  public StepBuilder failure(Failure what) {
    failure = Objects.requireNonNull(what, "failure");
    return this;
  }

  /** Be content when so many elements have succeeded, and cancel the others then. */
  public StepBuilder quorum(int enough) {
    quorum = enough;
    return this;
  }

  /** Call the step so in commits and reports; its id unless set. */
  public StepBuilder title(String text) {
    title = Objects.requireNonNull(text, "title");
    return this;
  }

  /** Wait for these steps, and for those named before. */
  public StepBuilder after(String... steps) {
    after.addAll(List.of(steps));
    return this;
  }

  /**
   * Start it so long after everything it waits for is done; after the start of the run, when it
   * waits for nothing.
   *
   * <p>The moment is recorded, so a restart changes nothing about it, and waiting costs no thread
   * and no slot. Whether the step runs at all is decided before it waits. A further attempt waits
   * no delay, only its back-off.
   */
  public StepBuilder delay(Duration afterwards) {
    delay = Objects.requireNonNull(afterwards, "delay");
    return this;
  }

  /** Run only when {@code {{ name }} contains|not_contains|equals 'text'} holds. */
  public StepBuilder when(String comparison) {
    try {
      return when(Condition.parse(comparison));
    } catch (IllegalArgumentException e) {
      return problem("when", "when", String.valueOf(e.getMessage()));
    }
  }

  /** Run only when this holds. */
  public StepBuilder when(Condition condition) {
    when = Objects.requireNonNull(condition, "when");
    return this;
  }

  /** Wait for this step, and go on in its workspace and session. */
  public StepBuilder continues(String step) {
    continues = Objects.requireNonNull(step, "continues");
    return this;
  }

  /** Give the output this name; it is text. */
  public StepBuilder output(String name) {
    output = Objects.requireNonNull(name, "output");
    json = false;
    return this;
  }

  /** Give the output the name and the form, text or JSON, of this key. */
  public StepBuilder output(Output<?> key) {
    output = key.name();
    json = key.json();
    return this;
  }

  StepBuilder jsonOutput(String name) {
    output = name;
    json = true;
    return this;
  }

  /** Let this pass, too, before the step counts as done. */
  public StepBuilder gate(Gate gate) {
    gates.add(Objects.requireNonNull(gate, "gate"));
    return this;
  }

  /** Launch it at most so often, 1 to {@value StepChecks#MOST_ATTEMPTS}. */
  public StepBuilder attempts(int most) {
    attempts = most;
    return this;
  }

  /** Wait so long between attempts. */
  public StepBuilder backoff(Backoff wait) {
    backoff = Objects.requireNonNull(wait, "backoff");
    return this;
  }

  /** Merge the work into this branch; it is merged nowhere unless set. */
  public StepBuilder mergeInto(String branch) {
    mergeInto = Objects.requireNonNull(branch, "mergeInto");
    return this;
  }

  /** Start it before others that are ready and have a higher number. */
  public StepBuilder priority(int number) {
    priority = Priority.of(number);
    return this;
  }

  /** Stop a launch after so long. */
  public StepBuilder limits(Limits newLimits) {
    return timeout(newLimits.total()).inactivity(newLimits.inactivity());
  }

  /** Stop a launch after so long in all; the default for silence is never longer than that. */
  public StepBuilder timeout(Duration inAll) {
    if (isAllowed("limits.total", inAll)) {
      total = inAll;
    }
    return this;
  }

  /** Stop a launch after so long without a sign of life. */
  public StepBuilder inactivity(Duration silence) {
    if (isAllowed("limits.inactivity", silence)) {
      inactivity = silence;
    }
    return this;
  }

  /** Count doing nothing as success. */
  public StepBuilder allowNoOp() {
    allowNoOp = true;
    return this;
  }

  /** Hand the secret of this name to its processes, as an environment variable. */
  public StepBuilder secret(String name) {
    secrets.add(Objects.requireNonNull(name, "secret"));
    return this;
  }

  /** Hand this secret to its processes, as an environment variable. */
  public StepBuilder secret(Secret secret) {
    return secret(secret.name());
  }

  /** Put the interceptor around it that the application registered under this name. */
  public StepBuilder intercept(String name) {
    interceptors.add(Objects.requireNonNull(name, "interceptor"));
    return this;
  }

  /**
   * Say how much harm the step could do; where tiers are on, the more, the earlier people agree.
   */
  public StepBuilder risk(Risk how) {
    return oversight(policies().oversight().risk(how));
  }

  /** Put the files of a failed attempt back to what was accepted; what stood there is kept. */
  public StepBuilder rollback() {
    return oversight(policies().oversight().rollingBack());
  }

  /**
   * Have it wait for somebody who claims it, see {@code Run.claim}; Maestro never begins it itself.
   */
  public StepBuilder byClaim() {
    return oversight(policies().oversight().byClaim());
  }

  /** Make the step as it stands; what is missing is empty, and reported by the checks. */
  Step toStep() {
    if (list == null) {
      return step(action(), allAfter(), when, delay);
    }
    Step body = step(action(), List.of(), null, null);
    return new Step(
        id,
        title,
        new Action.ForEach(
            list,
            as == null ? Action.ForEach.DEFAULT_AS : as,
            parallel,
            quorum != null ? Failure.QUORUM : failure == null ? Failure.CANCEL : failure,
            quorum == null ? 0 : quorum,
            body),
        allAfter(),
        when,
        null,
        output,
        json,
        List.of(),
        DEFAULT_ATTEMPTS,
        DEFAULT_BACKOFF,
        null,
        priority,
        DEFAULT_LIMITS,
        false,
        List.of(),
        List.of(),
        delay,
        policies().ofAll());
  }

  private Step step(
      Action action, List<String> after, @Nullable Condition when, @Nullable Duration delay) {
    return new Step(
        id,
        title,
        action,
        after,
        when,
        continues,
        output,
        json,
        gates,
        attempts,
        backoff,
        mergeInto,
        priority,
        allLimits(),
        allowNoOp,
        secrets,
        interceptors,
        delay,
        list == null ? policies() : policies().ofEach());
  }

  /** {@return what is wrong with how it was put together; paths begin inside the step} */
  List<Problem> problems() {
    List<Problem> all = new ArrayList<>(problems);
    if (kinds.size() > 1) {
      kinds.keySet().stream().skip(1).forEach(kind -> all.add(secondKind(kind)));
    }
    if (!isAgentLike()) {
      stray(all, "prompt", prompt, "only an agent or a plan step has a prompt");
      stray(all, "model", model, "only an agent or a plan step has a model");
      stray(all, "thinking", thinking, "only an agent or a plan step thinks");
    }
    if (!kinds.containsKey(Kind.PLAN)) {
      stray(all, "template", template, "only a plan step has a template");
    }
    if (!kinds.containsKey(Kind.PIPELINE)) {
      stray(all, "inputs", inputs.isEmpty() ? null : "", "only a pipeline inside has inputs");
      stray(all, "outputs", outputs.isEmpty() ? null : "", "only a pipeline inside has outputs");
    }
    if (list == null) {
      stray(all, "as", as, "only a step with forEach has elements to name");
      stray(all, "parallel", parallel, "only a step with forEach has elements");
      stray(all, "failure", failure, "only a step with forEach has elements that may fail");
      stray(all, "quorum", quorum, "only a step with forEach has elements that may fail");
    } else if (quorum == null && failure == Failure.QUORUM) {
      all.add(new Problem("quorum", "quorum", "says how many elements have to succeed"));
    } else if (quorum != null && failure != null && failure != Failure.QUORUM) {
      all.add(new Problem("failure", "failure", "with a quorum, nothing else decides"));
    }
    return all;
  }

  /** {@return the same, and what is wrong inside} */
  Found.InStep found() {
    return new Found.InStep(problems(), inside == null ? null : inside.found());
  }

  StepBuilder problem(String code, String field, String message) {
    problems.add(new Problem(code, field, message));
    return this;
  }

  private StepBuilder kind(Action action) {
    kinds.put(action.kind(), action);
    return this;
  }

  private boolean isAgentLike() {
    return kinds.isEmpty() || kinds.containsKey(Kind.AGENT) || kinds.containsKey(Kind.PLAN);
  }

  private Problem secondKind(Kind kind) {
    Kind first = kinds.keySet().iterator().next();
    return new Problem(
        "kind",
        word(kind),
        "a step does one thing, and this is a step of kind '" + word(first) + "' already");
  }

  private static void stray(
      List<Problem> problems, String field, @Nullable Object value, String message) {
    if (value != null) {
      problems.add(new Problem(field, field, message));
    }
  }

  private static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private Action action() {
    String text = prompt == null ? "" : prompt;
    if (kinds.isEmpty() && delay != null && prompt == null) {
      return new Action.Wait();
    }
    Action first =
        kinds.isEmpty()
            ? new Action.Agent("", text, model, thinking)
            : kinds.values().iterator().next();
    if (first instanceof Action.Agent agent) {
      return new Action.Agent(agent.agent(), text, model, thinking);
    }
    if (first instanceof Action.Plan plan) {
      String made = template == null ? "" : template;
      return new Action.Plan(plan.agent(), text, model, made, thinking);
    }
    if (first instanceof Action.SubPipeline sub) {
      Pipeline what = inside == null ? sub.pipeline() : inside.assemble();
      return new Action.SubPipeline(what, inputs, outputs);
    }
    return first;
  }

  private List<String> allAfter() {
    Set<String> all = new LinkedHashSet<>(after);
    if (continues != null) {
      all.add(continues);
    }
    return List.copyOf(all);
  }

  private Limits allLimits() {
    if (total == DEFAULT_LIMITS.total() && inactivity == null) {
      return DEFAULT_LIMITS;
    }
    return new Limits(total, inactivity == null ? defaultInactivity(total) : inactivity);
  }

  /** {@return how long a launch may be silent when only its length is stated} */
  static Duration defaultInactivity(Duration total) {
    Duration silence = DEFAULT_LIMITS.inactivity();
    return silence.compareTo(total) > 0 ? total : silence;
  }

  private boolean isAllowed(String field, Duration limit) {
    boolean allowed = TimeBound.allows(limit);
    if (!allowed) {
      problem("limits", field, "a time limit " + TimeBound.RULE);
    }
    return allowed;
  }
}
