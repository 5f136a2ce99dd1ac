package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.Problem;
import dev.maestro.failure.Suggestion;
import dev.maestro.pipeline.Dataflow.FirstUse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a run is started with what its pipeline needs. */
final class InputChecks {

  /** The most bytes of a value that decides what runs; such values are kept in the journal. */
  static final int LARGEST_STEERING = 8 * 1024;

  private final Dataflow dataflow;
  private final Inputs inputs;
  private final List<Problem> problems = new ArrayList<>();

  private InputChecks(Dataflow dataflow, Inputs inputs) {
    this.dataflow = dataflow;
    this.inputs = inputs;
  }

  static List<Problem> of(Dataflow dataflow, Inputs inputs) {
    InputChecks checks = new InputChecks(dataflow, inputs);
    for (String name : dataflow.inputs()) {
      checks.needed(name);
    }
    for (String name : inputs.names()) {
      checks.given(name);
    }
    return List.copyOf(checks.problems);
  }

  private void needed(String name) {
    if (inputs.value(name).isEmpty()) {
      dataflow.firstUse(name).ifPresent(use -> missing(name, use));
    }
  }

  private void missing(String name, FirstUse use) {
    String message =
        use.path()
            + " uses {{ "
            + name
            + " }}, which is neither given nor the output of a step"
            + Suggestion.near(name, dataflow.outputs());
    problems.add(problem("missing-input", name, message).with("step", use.step()));
  }

  private void given(String name) {
    Optional<String> producer = dataflow.producer(name);
    Optional<String> over = dataflow.goesOver(name);
    if (producer.isPresent()) {
      report("superfluous-input", name, "step '" + producer.get() + "' outputs this name");
    } else if (over.isPresent()) {
      report(
          "superfluous-input",
          name,
          "step '" + over.get() + "' calls the elements of its list, or what is in them, so");
    } else if (!dataflow.inputs().contains(name)
        && !name.equals(Names.TASK)
        && !dataflow.runsCode()) {
      report(
          "superfluous-input",
          name,
          "the pipeline does not use it" + Suggestion.near(name, dataflow.inputs()));
    } else if (dataflow.inputSteers(name) && size(name) > LARGEST_STEERING) {
      report(
          "too-large",
          name,
          "decides what runs, and such a value has at most " + LARGEST_STEERING + " bytes");
    } else if (dataflow.isGoneOver(name)
        && inputs.value(name).filter(JsonNode::isArray).isEmpty()) {
      report("inputs", name, "a step goes over it, and so it must be a JSON list");
    }
  }

  private int size(String name) {
    return inputs.text(name).orElse("").getBytes(StandardCharsets.UTF_8).length;
  }

  private void report(String code, String name, String message) {
    problems.add(problem(code, name, message));
  }

  private static Problem problem(String code, String name, String message) {
    return new Problem(code, "inputs." + name, message).with("input", name);
  }
}
