package dev.maestro.pipeline;

import dev.maestro.pipeline.Condition.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which values decide what runs: those that a condition reads, here or in a pipeline inside, and
 * lists to go over.
 */
final class Steering {

  private final Set<String> names = new LinkedHashSet<>();

  private Steering() {}

  static Set<String> of(Pipeline pipeline) {
    Steering found = new Steering();
    found.note(pipeline.steps());
    found.note(pipeline.templates());
    return found.names;
  }

  private void note(List<Step> steps) {
    for (Step step : steps) {
      note(step);
    }
  }

  private void note(Step step) {
    if (step.when() instanceof Comparison comparison) {
      names.add(comparison.name());
    }
    if (step.action() instanceof Action.ForEach each) {
      names.add(each.list());
    }
    if (step.body().action() instanceof Action.SubPipeline sub) {
      note(sub, step.each().orElse(null));
    }
  }

  /**
   * What an input inside is made from steers when the input does; but an element is as small as its
   * list.
   */
  private void note(Action.SubPipeline sub, Action.@Nullable ForEach each) {
    Set<String> inside = of(sub.pipeline());
    sub.inputs()
        .forEach(
            (name, text) -> {
              if (inside.contains(name)) {
                Template.parse(text, new ArrayList<>()).variables().stream()
                    .filter(used -> each == null || !each.names(used))
                    .forEach(names::add);
              }
            });
  }
}
