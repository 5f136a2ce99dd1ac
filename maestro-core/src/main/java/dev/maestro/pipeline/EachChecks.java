package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Action.Failure;
import dev.maestro.pipeline.Action.ForEach;
import dev.maestro.pipeline.Action.Kind;
import java.util.Optional;
import java.util.Set;

/** Whether a step can go over a list as it says. */
final class EachChecks {

  private static final Set<Kind> TEXT = Set.of(Kind.AGENT, Kind.COMMAND, Kind.APPROVAL, Kind.PLAN);

  private final ForEach each;
  private final Dataflow dataflow;
  private final Around around;
  private final StepProblems report;

  EachChecks(ForEach each, Dataflow dataflow, Around around, StepProblems report) {
    this.each = each;
    this.dataflow = dataflow;
    this.around = around;
    this.report = report;
  }

  void check() {
    list();
    name();
    numbers();
    body();
  }

  private void list() {
    if (!Names.isVariable(each.list())) {
      report.problem("forEach", "forEach", "names the list to go over: {{ name }}");
      return;
    }
    Optional<Step> text = dataflow.producerOf(each.list()).filter(EachChecks::saysText);
    text.ifPresent(
        step ->
            report.add(
                new Problem(
                        "variable",
                        "forEach",
                        "the output '"
                            + each.list()
                            + "' of step '"
                            + step.id()
                            + "' is text and no list; say there: output: {json: "
                            + each.list()
                            + "}")
                    .with("input", each.list())));
  }

  private static boolean saysText(Step step) {
    return !step.json() && TEXT.contains(step.action().kind());
  }

  private void name() {
    String as = each.as();
    if (!Names.isVariable(as) || as.contains(".") || as.equals(Names.TASK)) {
      report.problem(
          "as", "as", "the name of an element must be " + Names.VARIABLE_RULE + ", without '.'");
      return;
    }
    Optional<String> other = around.gives(as) ? Optional.of(as) : dataflow.meaningOf(as);
    other.ifPresent(
        name ->
            report.add(
                new Problem(
                        "duplicate",
                        "as",
                        "'" + name + "' has a meaning here already; choose another name")
                    .with("input", name)));
  }

  private void numbers() {
    Integer parallel = each.parallel();
    if (parallel != null && parallel < 1) {
      report.problem("parallel", "parallel", "must be at least 1, not " + parallel);
    }
    boolean counts = each.failure() == Failure.QUORUM;
    if (counts && (each.quorum() < 1 || each.quorum() > ForEach.MOST_ELEMENTS)) {
      report.problem(
          "quorum",
          "quorum",
          "must be 1 to " + ForEach.MOST_ELEMENTS + ", the most that a list can have");
    }
  }

  private void body() {
    Kind kind = each.body().action().kind();
    if (kind == Kind.PLAN || kind == Kind.WAIT) {
      String field = kind == Kind.PLAN ? "plan" : "delay";
      report.problem(
          "forEach",
          "forEach",
          "what is done for each cannot be a " + field + "; put it into a pipeline");
    }
    if (each.body().continues() != null) {
      report.problem("continues", "continues", "many tasks cannot continue one session");
    }
  }
}
