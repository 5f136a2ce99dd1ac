package dev.maestro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.engine.Engine;
import dev.maestro.failure.TransientException;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.SecretShapes;
import dev.maestro.process.Time;
import dev.maestro.run.Decision;
import dev.maestro.run.Definition;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Taken;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Adoption;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Workspaces;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans for going on with runs otherwise, what earlier runs tell of their cost, and forks. */
final class Planning {

  /** So many earlier runs are asked; each is folded for it. */
  private static final int EARLIER_RUNS = 3;

  private final Engine engine;
  private final Store store;
  private final Workspaces workspaces;
  private final StartChecks checks;
  private final Time time;

  Planning(Engine engine, Store store, Workspaces workspaces, StartChecks checks, Time time) {
    this.engine = engine;
    this.store = store;
    this.workspaces = workspaces;
    this.checks = checks;
    this.time = time;
  }

  /** Plan with another pipeline and other inputs, which must fit each other. */
  ResumePlan plan(RunKey key, @Nullable TaskId at, Pipeline pipeline, Inputs inputs) {
    checks.orThrow(pipeline, inputs);
    Definition next =
        new Definition(pipeline.hash(), inputs.hash().hex(), values(pipeline, inputs));
    return plan(key, at, pipeline, next);
  }

  /** Plan a fork with the pipeline and the inputs that the run has. */
  ResumePlan plan(RunKey key, TaskId at) {
    Engine.Defined now = engine.defined(key).orElseThrow(() -> unknown(key));
    checks.orThrow(now.pipeline());
    return plan(key, at, now.pipeline(), now.definition());
  }

  private ResumePlan plan(RunKey key, @Nullable TaskId at, Pipeline pipeline, Definition next) {
    ResumePlan plan =
        engine
            .plan(key, at, pipeline, next.inputHash(), next.inputs())
            .orElseThrow(() -> unknown(key));
    if (at != null && plan.line(at).isEmpty()) {
      throw new RefusedException("unknown-task", "run " + key + " has no task " + at);
    }
    boolean known = plan.cost(ResumePlan.Group.RERUN, ResumePlan.Group.NEW).unknown().isEmpty();
    return known ? plan : plan.costing(history(key, pipeline)::lastTime);
  }

  private static RefusedException unknown(RunKey key) {
    return new RefusedException("unknown-run", "there is no run " + key);
  }

  /**
   * {@return inputs as the journal keeps them, without what looks like a secret where the pipeline
   * says so; large ones go into the store}
   */
  Map<String, Value> values(Pipeline pipeline, Inputs inputs) {
    boolean hides = pipeline.policies().hideSecrets();
    Map<String, Value> values = new LinkedHashMap<>();
    for (String name : inputs.names()) {
      JsonNode given = inputs.value(name).orElseGet(() -> TextNode.valueOf(""));
      values.put(name, value(hides ? Json.withTexts(given, SecretShapes::without) : given));
    }
    return values;
  }

  /** {@return a value as the journal keeps it; a large one goes into the store} */
  Value value(JsonNode json) {
    String text = Json.write(json);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Value.fitsInline(text)
        ? new Value.Inline(json)
        : new Value.Stored(store.put(bytes), bytes.length);
  }

  // ------------------------------------------------------------------ going on otherwise

  /** Have the run of a plan go on with what it was made for. */
  void resume(ResumePlan plan, Actor actor) {
    if (plan.forks()) {
      throw new RefusedException(
          "not-allowed",
          "this plan makes a new run, because "
              + (plan.at() == null ? "run " + plan.run() + " has ended" : "it was asked for so")
              + "; accept it with Maestro.fork");
    }
    store.put(plan.pipeline().canonicalJson());
    RunInput.Redefine input = new RunInput.Redefine(time.instant(), plan, actor);
    if (engine.redefine(plan.run(), input) instanceof Decision.Refused refused) {
      throw new RefusedException(refused.code(), refused.message());
    }
  }

  // ------------------------------------------------------------------ forks

  /** Begin a fork; {@return its name}. */
  RunKey fork(ResumePlan plan, RunId id, RunOptions options) {
    RunKey key = new RunKey(options.tenant(), id);
    requireFork(plan, key);
    Taken taken = engine.take(plan).orElseThrow(() -> stale(plan));
    Optional<Checkpoint> base = adopt(plan.run(), key, taken);
    RunInput.Start start =
        new RunInput.Start(
            time.instant(),
            key,
            options.actor(),
            store.put(plan.pipeline().canonicalJson()),
            plan.inputHash(),
            plan.inputs(),
            options.labels(),
            options.terms());
    RunInput.Fork fork = new RunInput.Fork(start, taken, base.orElse(null));
    if (engine.fork(plan.pipeline(), fork) instanceof Decision.Refused refused) {
      throw new RefusedException(refused.code(), refused.message());
    }
    return key;
  }

  private void requireFork(ResumePlan plan, RunKey key) {
    if (!plan.forks()) {
      throw new RefusedException(
          "not-allowed",
          "this plan is for going on with run " + plan.run() + "; ask for one with Run.planFork");
    } else if (!plan.run().tenant().equals(key.tenant())) {
      throw new RefusedException(
          "not-allowed", "run " + plan.run() + " is of another tenant than " + key);
    } else if (engine.defined(key).isPresent()) {
      throw new RefusedException("run-exists", "there is a run " + key + "; choose another id");
    }
  }

  static RefusedException stale(ResumePlan plan) {
    return new RefusedException(
        "stale", "run " + plan.run() + " has moved on since the plan was made; ask for another");
  }

  /** What the fork builds on is kept for it before it exists, so that it is never without. */
  private Optional<Checkpoint> adopt(RunKey from, RunKey by, Taken taken) {
    try {
      return workspaces.adopt(new Adoption(from, by, taken.checkpoints(), taken.start()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while forking run " + from, e);
    }
  }

  // ------------------------------------------------------------------ what earlier runs tell

  /** What steps used up when an earlier run last did them, by the hashes of the steps. */
  private record History(Map<BlobId, Usage> byStep) {

    Optional<Usage> lastTime(Step step) {
      return Optional.ofNullable(byStep.get(step.hash()));
    }

    void note(Task task) {
      if (task.launches() > 0 && task.satisfiesDependents()) {
        byStep.put(task.step().hash(), task.usage());
      }
    }
  }

  private History history(RunKey key, Pipeline pipeline) {
    RunQuery query = RunQuery.of(key.tenant()).pipeline(pipeline.name()).ended();
    List<RunIndex> ended =
        store.find(query).stream().filter(run -> !run.run().equals(key)).toList();
    History history = new History(new HashMap<>());
    for (RunIndex run : ended.subList(Math.max(0, ended.size() - EARLIER_RUNS), ended.size())) {
      snapshot(run.run()).ifPresent(snapshot -> snapshot.tasks().forEach(history::note));
    }
    return history;
  }

  /** What an earlier run that cannot be read would have told stays unknown. */
  private Optional<RunSnapshot> snapshot(RunKey key) {
    try {
      return engine.snapshot(key);
    } catch (StoreException e) {
      return Optional.empty();
    }
  }
}
