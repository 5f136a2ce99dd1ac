package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class DependencyQueriesVectorTest {

  @TestFactory
  Stream<DynamicTest> dependencyQueries() {
    return Vectors.cases("dependency_queries.json", DependencyQueriesVectorTest::check);
  }

  private static void check(JsonNode sample) {
    JsonNode all = sample.required("all");
    DependencyGraph<String> graph = SourceFeatures.graph(all);
    JsonNode expected = sample.required("expected");
    switch (sample.required("op").asText()) {
      case "areDependenciesSatisfied" ->
          assertThat(graph.areDependenciesSatisfied(feature(sample), satisfied(sample, all)))
              .isEqualTo(expected.booleanValue());
      case "wouldCreateCircularDependency" ->
          assertThat(graph.wouldCreateCycle(id(sample, "prerequisite"), id(sample, "dependent")))
              .isEqualTo(expected.booleanValue());
      case "dependencyExists" ->
          assertThat(dependencies(graph, id(sample, "dependent")))
              .satisfies(
                  ids ->
                      assertThat(ids.contains(id(sample, "prerequisite")))
                          .isEqualTo(expected.booleanValue()));
      case "getBlockingDependencies" ->
          assertThat(graph.blockedBy(feature(sample), satisfied(sample, all)))
              .containsExactlyElementsOf(ids(expected));
      case "getAncestors" ->
          assertThat(graph.allDependenciesOf(feature(sample)))
              .containsExactlyInAnyOrderElementsOf(ids(expected));
      default -> throw Vectors.unknownOp(sample);
    }
  }

  /** M4-20: work in progress holds others back, unless a setting says that only this does. */
  private static Predicate<String> satisfied(JsonNode sample, JsonNode all) {
    JsonNode options = sample.path("options");
    if (!options.path("skipVerification").asBoolean()) {
      return SourceFeatures.satisfied(all);
    }
    Set<String> busy = Set.of("running", "in_progress");
    Map<String, String> states = new HashMap<>();
    all.forEach(one -> states.put(one.required("id").asText(), one.path("status").asText()));
    return id -> states.containsKey(id) && !busy.contains(states.get(id));
  }

  private static List<String> dependencies(DependencyGraph<String> graph, String id) {
    return graph.contains(id) ? graph.dependenciesOf(id) : List.of();
  }

  private static String feature(JsonNode sample) {
    JsonNode feature = sample.required("feature");
    return feature.isObject() ? feature.required("id").asText() : feature.asText();
  }

  private static String id(JsonNode sample, String name) {
    return sample.required(name).asText();
  }

  private static List<String> ids(JsonNode expected) {
    List<String> ids = new ArrayList<>();
    expected.forEach(one -> ids.add(one.isObject() ? one.required("id").asText() : one.asText()));
    return ids;
  }
}
