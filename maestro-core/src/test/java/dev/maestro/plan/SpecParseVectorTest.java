package dev.maestro.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SpecParseVectorTest {

  /**
   * What a case says of a task is its status in the source's words: every planned task is pending.
   */
  private static final String STATUS = "pending";

  @TestFactory
  Stream<DynamicTest> specParse() {
    return Vectors.cases("spec_parse.json", SpecParseVectorTest::check);
  }

  private static void check(JsonNode sample) {
    List<PlannedTask> expected = new ArrayList<>();
    for (JsonNode task : sample.required("expected")) {
      assertThat(task.path("status").asText(STATUS)).isEqualTo(STATUS);
      expected.add(
          new PlannedTask(
              task.required("id").asText(),
              task.required("description").asText(),
              task.path("filePath").textValue(),
              task.path("phase").textValue()));
    }

    assertThat(PlanParser.parse(sample.required("input").asText()).tasks()).isEqualTo(expected);
  }
}
