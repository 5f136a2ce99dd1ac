package dev.maestro.pipeline;

import dev.maestro.task.TaskId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How the paths of problems name steps. */
final class StepPaths {

  private StepPaths() {}

  /** {@return {@code steps.red}, or {@code steps[1]} when the id is no id or was there before} */
  static List<String> of(String section, List<String> ids) {
    List<String> paths = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < ids.size(); i++) {
      boolean unique = TaskId.isValidStep(ids.get(i)) && seen.add(ids.get(i));
      paths.add(unique ? section + "." + ids.get(i) : Fields.at(section, i));
    }
    return paths;
  }

  /** {@return the same for these steps} */
  static List<String> ofSteps(String section, List<Step> steps) {
    List<String> ids = new ArrayList<>();
    for (Step step : steps) {
      ids.add(step.id());
    }
    return of(section, ids);
  }
}
