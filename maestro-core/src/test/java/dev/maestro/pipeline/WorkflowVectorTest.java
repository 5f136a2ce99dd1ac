package dev.maestro.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.Vectors;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class WorkflowVectorTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> SOURCE_FIELDS =
      List.of("id", "agent", "prompt", "output", "depends_on");

  @TestFactory
  Stream<DynamicTest> cases() {
    return Vectors.cases("workflow.json", this::check);
  }

  private void check(JsonNode sample) {
    switch (sample.path("op").asText()) {
      case "batches" -> check(definition(sample.path("steps")), sample.path("expected"));
      case "schema" -> check(text(sample.path("definition")), sample.path("expected"));
      default -> throw Vectors.unknownOp(sample);
    }
  }

  /** The words of the sources are kept; whatever else a sample says of a step is not asked here. */
  private static String definition(JsonNode steps) {
    ObjectNode definition = JSON.createObjectNode().put("name", "w");
    ArrayNode known = definition.putArray("steps");
    steps.forEach(step -> known.add(((ObjectNode) step.deepCopy()).retain(SOURCE_FIELDS)));
    return definition.toString();
  }

  /** A definition is given as a tree, or as the YAML (or JSON) text itself. */
  private static String text(JsonNode definition) {
    return definition.isTextual() ? definition.textValue() : definition.toString();
  }

  private static PipelineFormat format(String definition) {
    return definition.startsWith("{") ? PipelineFormat.JSON : PipelineFormat.YAML;
  }

  private static void check(String definition, JsonNode expected) {
    if (expected.has("error")) {
      assertThat(problems(definition)).anySatisfy(problem -> isAsExpected(problem, expected));
    } else if (expected.has("batches")) {
      assertThat(batches(definition)).isEqualTo(sets(expected.path("batches")));
    } else {
      assertThat(problems(definition)).isEmpty();
    }
  }

  /** The sources have one input, the task. */
  private static List<Problem> problems(String definition) {
    try {
      return format(definition).read(definition).check(Inputs.of("task", "x")).stream()
          .map(problem -> new Problem("unknown-input", "", problem.message(), problem.details()))
          .toList();
    } catch (InvalidDefinitionException e) {
      return e.problems();
    }
  }

  private static void isAsExpected(Problem problem, JsonNode expected) {
    assertThat(problem.code()).isEqualTo(expected.path("error").asText());
    for (String detail : List.of("step", "input")) {
      if (expected.has(detail)) {
        assertThat(problem.details()).containsEntry(detail, expected.path(detail).asText());
      }
    }
  }

  private static List<Set<String>> batches(String definition) {
    return format(definition).read(definition).graph().levels().stream().map(Set::copyOf).toList();
  }

  private static List<Set<String>> sets(JsonNode batches) {
    return StreamSupport.stream(batches.spliterator(), false)
        .map(batch -> Set.of(JSON.convertValue(batch, String[].class)))
        .toList();
  }
}
