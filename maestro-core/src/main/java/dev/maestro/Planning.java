package dev.maestro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.engine.Engine;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.run.Definition;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What would become of a run that went on otherwise, and what earlier runs tell of its cost. */
final class Planning {

  /** So many earlier runs are asked; each is folded for it. */
  private static final int EARLIER_RUNS = 3;

  private final Engine engine;
  private final Store store;
  private final StartChecks checks;

  Planning(Engine engine, Store store, StartChecks checks) {
    this.engine = engine;
    this.store = store;
    this.checks = checks;
  }

  /** Plan with another pipeline and other inputs, which must fit each other. */
  ResumePlan plan(RunKey key, @Nullable TaskId at, Pipeline pipeline, Inputs inputs) {
    checks.orThrow(pipeline, inputs);
    Definition next = new Definition(pipeline.hash(), inputs.hash().hex(), values(inputs));
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

  /** {@return inputs as the journal keeps them; large ones go into the store} */
  Map<String, Value> values(Inputs inputs) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (String name : inputs.names()) {
      JsonNode json = inputs.value(name).orElseGet(() -> TextNode.valueOf(""));
      String text = json.toString();
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      values.put(
          name,
          Value.fitsInline(text)
              ? new Value.Inline(json)
              : new Value.Stored(store.put(bytes), bytes.length));
    }
    return values;
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
