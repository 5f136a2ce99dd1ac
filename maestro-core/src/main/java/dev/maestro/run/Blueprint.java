package dev.maestro.run;

import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.task.TaskId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pipeline that a run follows, and what the rules look up in it. Immutable. */
final class Blueprint {

  private final Pipeline pipeline;
  private final Map<String, TaskId> producers = new HashMap<>();
  private final Set<String> steering = new HashSet<>();

  Blueprint(Pipeline pipeline) {
    this.pipeline = pipeline;
    for (Step step : pipeline.steps()) {
      step.outputName().ifPresent(name -> producers.putIfAbsent(name, TaskId.of(step.id())));
      noteSteering(step);
    }
    pipeline.templates().forEach(this::noteSteering);
  }

  private void noteSteering(Step step) {
    if (step.when() instanceof Condition.Comparison comparison) {
      steering.add(comparison.name());
    }
  }

  Pipeline pipeline() {
    return pipeline;
  }

  /** {@return the task whose step has this output name} */
  Optional<TaskId> producer(String output) {
    return Optional.ofNullable(producers.get(output));
  }

  /** {@return whether a condition compares the value of this name} */
  boolean steers(String name) {
    return steering.contains(name);
  }
}
