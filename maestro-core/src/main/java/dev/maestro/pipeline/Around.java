package dev.maestro.pipeline;

import dev.maestro.policy.Policies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is around a pipeline that is checked.
 *
 * @param each what goes over a list around it, whose element is known inside though nobody hands it
 *     in; null for nothing
 * @param taken outputs that are used around it
 * @param policies what is switched on around it
 * @param depth how many steps are around it
 * @param idLength how long the ids around it are together, as part of a file's name
 */
record Around(
    Action.@Nullable ForEach each, List<String> taken, Policies policies, int depth, int idLength) {

  /** The most steps that may be around a pipeline. */
  static final int DEEPEST = 4;

  /** The most characters that the ids of a step and of those around it may have together. */
  static final int LONGEST_ID = 200;

  private static final int SEPARATOR = 2;
  private static final int LONGEST_INDEX = 4;

  /** Of a pipeline that is in no other. */
  static final Around NOTHING = new Around(null, List.of(), Policies.NONE, 0, 0);

  /** {@return what is around the pipeline in this step of that one} */
  Around inside(Pipeline pipeline, Step step, Action.SubPipeline sub) {
    Action.ForEach over = step.each().orElse(null);
    int id = step.id().length() + (over == null ? 0 : LONGEST_INDEX + SEPARATOR);
    return new Around(
        over, sub.outputs(), policies(pipeline, step), depth + 1, idLength + id + SEPARATOR);
  }

  /** {@return all that is switched on for what this step of the pipeline does} */
  Policies policies(Pipeline pipeline, Step step) {
    Policies own = policies.and(pipeline.policies()).and(step.policies());
    return step.body() == step ? own : own.and(step.body().policies());
  }

  /** {@return whether this name is known inside though nothing there outputs it} */
  boolean gives(String name) {
    return each != null && each.names(name);
  }

  boolean isTooDeep() {
    return depth > DEEPEST;
  }

  boolean isTooLong(String id) {
    return depth > 0 && idLength + id.length() > LONGEST_ID;
  }
}
