package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import dev.maestro.failure.Suggestion;
import dev.maestro.pipeline.Dataflow.FirstUse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the pipeline inside a step is given what it needs, and has what is taken from it. */
final class InsideChecks {

  private final Action.SubPipeline sub;
  private final Optional<Action.ForEach> each;
  private final Set<String> around;
  private final Dataflow inside;
  private final StepProblems report;

  /**
   * Begin; the elements of {@code each} are known inside, and {@code around} are names that are
   * known around the step.
   */
  InsideChecks(
      Action.SubPipeline sub,
      Optional<Action.ForEach> each,
      Set<String> around,
      StepProblems report) {
    this.sub = sub;
    this.each = each;
    this.around = around;
    this.inside = sub.pipeline().dataflow();
    this.report = report;
  }

  void check() {
    sub.inputs().keySet().forEach(this::given);
    for (String name : inside.inputs()) {
      if (!sub.inputs().containsKey(name) && !isOfElement(name)) {
        inside.firstUse(name).ifPresent(use -> missing(name, use));
      }
    }
    sub.outputs().forEach(this::taken);
  }

  private boolean isOfElement(String name) {
    return each.filter(over -> over.names(name)).isPresent();
  }

  private void given(String name) {
    if (isOfElement(name)) {
      superfluous(name, "the element of the list is known inside by this name");
    } else if (!Names.isVariable(name) || Names.isItem(name)) {
      problem(
          "inputs",
          "inputs",
          name,
          "the name of an input must be " + Names.VARIABLE_RULE + ", and not begin with 'item.'");
    } else if (inside.producer(name).isPresent()) {
      String producer = inside.producer(name).get();
      superfluous(name, "the step '" + producer + "' inside outputs '" + name + "'");
    } else if (!inside.inputs().contains(name) && !inside.runsCode()) {
      superfluous(
          name,
          "the pipeline inside does not use '"
              + name
              + "'"
              + Suggestion.near(name, inside.inputs()));
    }
  }

  private void superfluous(String name, String message) {
    problem("superfluous-input", "inputs." + name, name, message);
  }

  private void missing(String name, FirstUse use) {
    String hint =
        around.contains(name)
            ? "; names from around are not known inside: hand it in as an input"
            : Suggestion.near(name, inside.outputs());
    problem(
        "missing-input",
        "inputs",
        name,
        use.path()
            + " of the pipeline inside uses {{ "
            + name
            + " }}, which is neither an input nor the output of a step there"
            + hint);
  }

  private void taken(String name) {
    if (inside.producer(name).isEmpty()) {
      List<String> known = new ArrayList<>(inside.outputs());
      problem(
          "outputs",
          "outputs",
          name,
          "no step inside outputs '" + name + "'" + Suggestion.near(name, known));
    }
  }

  private void problem(String code, String path, String name, String message) {
    report.add(new Problem(code, path, message).with("input", name));
  }

  /** {@return every name that a step may use there, as far as the pipeline says} */
  static Set<String> known(Dataflow dataflow) {
    Set<String> names = new HashSet<>(dataflow.outputs());
    names.addAll(dataflow.inputs());
    return names;
  }
}
