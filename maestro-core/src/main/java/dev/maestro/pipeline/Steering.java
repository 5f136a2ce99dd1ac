package dev.maestro.pipeline;

import dev.maestro.pipeline.Condition.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which values decide what runs: those that a condition reads, here or in a pipeline inside. */
final class Steering {

  private final Set<String> names = new LinkedHashSet<>();

  private Steering() {}

  static Set<String> of(Pipeline pipeline) {
    Steering found = new Steering();
    pipeline.steps().forEach(found::note);
    pipeline.templates().forEach(found::note);
    return found.names;
  }

  private void note(Step step) {
    if (step.when() instanceof Comparison comparison) {
      names.add(comparison.name());
    }
    if (step.action() instanceof Action.SubPipeline sub) {
      note(sub);
    }
  }

  /** What an input inside is made from steers when the input does. */
  private void note(Action.SubPipeline sub) {
    Set<String> inside = of(sub.pipeline());
    sub.inputs()
        .forEach(
            (name, text) -> {
              if (inside.contains(name)) {
                names.addAll(Template.parse(text, new ArrayList<>()).variables());
              }
            });
  }
}
