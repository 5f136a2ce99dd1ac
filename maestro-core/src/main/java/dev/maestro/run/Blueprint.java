package dev.maestro.run;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A pipeline that is followed, and what the rules look up in it. Immutable. */
final class Blueprint {

  private final Pipeline pipeline;
  private final Map<String, String> producers = new HashMap<>();
  private final Map<String, Step> templates;
  private final Set<String> steering;

  Blueprint(Pipeline pipeline) {
    this.pipeline = pipeline;
    for (Step step : pipeline.steps()) {
      if (step.output() != null) {
        producers.putIfAbsent(step.output(), step.id());
      }
    }
    templates = pipeline.templatesById();
    steering = pipeline.steering();
  }

  Pipeline pipeline() {
    return pipeline;
  }

  /** {@return the id of the step that has this output, if there is one} */
  Optional<String> producer(String output) {
    return Optional.ofNullable(producers.get(output));
  }

  /** {@return the template with this id, if there is one} */
  Optional<Step> template(String id) {
    return Optional.ofNullable(templates.get(id));
  }

  /** {@return whether the value of this name decides what runs} */
  boolean steers(String name) {
    return steering.contains(name);
  }
}
