package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class DependencyQueriesVectorTest {

  @TestFactory
  Stream<DynamicTest> dependencyQueries() {
    return Vectors.cases("dependency_queries.json", DependencyQueriesVectorTest::check);
  }

  private static void check(JsonNode sample) {
    assertThat(answer(sample)).isEqualTo(sample.required("expected").booleanValue());
  }

  private static boolean answer(JsonNode sample) {
    JsonNode all = sample.required("all");
    DependencyGraph<String> graph = SourceFeatures.graph(all);
    return switch (sample.required("op").asText()) {
      case "areDependenciesSatisfied" -> {
        assertThat(sample.path("options")).as("options, none of which is known").isEmpty();
        yield graph.areDependenciesSatisfied(
            sample.required("feature").asText(), SourceFeatures.satisfied(all));
      }
      case "wouldCreateCircularDependency" ->
          graph.wouldCreateCycle(
              sample.required("prerequisite").asText(), sample.required("dependent").asText());
      default -> throw Vectors.unknownOp(sample);
    };
  }
}
