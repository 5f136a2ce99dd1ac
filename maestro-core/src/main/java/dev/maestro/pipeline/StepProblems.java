package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects the problems of one step under its path.
 *
 * <p>A field about which the builder or the reader has complained is not complained about again.
 */
final class StepProblems implements Fields.Report {

  private final String path;
  private final String step;
  private final List<Problem> all;
  private final Set<String> complained = new HashSet<>();

  /** Begin with what is known; its paths begin inside the step. */
  StepProblems(String path, String step, List<Problem> known, List<Problem> all) {
    this.path = path;
    this.step = step;
    this.all = all;
    for (Problem problem : known) {
      put(problem);
      complained.add(problem.path());
    }
  }

  /** {@return whether the step could not be read at all} */
  boolean isUnreadable() {
    return complained.contains("");
  }

  @Override
  public void problem(String code, String field, String message) {
    add(new Problem(code, field, message));
  }

  void add(Problem problem) {
    if (!complained.contains(problem.path())) {
      put(problem);
    }
  }

  private void put(Problem problem) {
    String where = problem.path().isEmpty() ? path : path + "." + problem.path();
    Problem placed = new Problem(problem.code(), where, problem.message(), problem.details());
    all.add(step.isBlank() ? placed : placed.with("step", step));
  }
}
