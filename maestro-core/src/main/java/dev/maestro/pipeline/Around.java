package dev.maestro.pipeline;

import java.util.List;
import java.util.Set;

/**
 * What is around a pipeline that is checked.
 *
 * @param given names that are known inside though nothing there outputs them and nobody names them
 *     an input
 * @param taken outputs that are used around it
 * @param depth how many steps are around it
 * @param idLength how long the ids around it are together, as part of a file's name
 */
record Around(Set<String> given, List<String> taken, int depth, int idLength) {

  /** The most steps that may be around a pipeline. */
  static final int DEEPEST = 4;

  /** The most characters that the ids of a step and of those around it may have together. */
  static final int LONGEST_ID = 200;

  private static final int SEPARATOR = 2;

  /** Of a pipeline that is in no other. */
  static final Around NOTHING = new Around(Set.of(), List.of(), 0, 0);

  /** {@return what is around the pipeline in this step} */
  Around inside(Step step, Action.SubPipeline sub) {
    return new Around(
        Set.of(), sub.outputs(), depth + 1, idLength + step.id().length() + SEPARATOR);
  }

  boolean isTooDeep() {
    return depth > DEEPEST;
  }

  boolean isTooLong(String id) {
    return depth > 0 && idLength + id.length() > LONGEST_ID;
  }
}
