package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class DependencyResolverVectorTest {

  @TestFactory
  Stream<DynamicTest> dependencyResolver() {
    return Vectors.cases("dependency_resolver.json", DependencyResolverVectorTest::check);
  }

  private static void check(JsonNode sample) {
    JsonNode features = sample.path("features");
    if (sample.has("expected_error")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SourceFeatures.graph(features))
          .withMessageContaining("duplicate");
      return;
    }

    Resolution<String> resolution =
        SourceFeatures.graph(features).resolve(SourceFeatures.satisfied(features));

    assertThat(resolution.order())
        .isEqualTo(SourceFeatures.strings(sample.required("expected_order")));
    assertThat(memberSets(resolution.cycles()))
        .containsExactlyInAnyOrderElementsOf(memberSets(sample.required("expected_cycles")));
    assertThat(resolution.missing()).isEqualTo(lists(sample.required("missing")));
    assertThat(resolution.blocked()).isEqualTo(lists(sample.required("blocked")));
    if (sample.has("blockedByCycle")) {
      assertThat(resolution.behindCycles())
          .isEqualTo(SourceFeatures.strings(sample.get("blockedByCycle")));
    }
  }

  private static List<Set<String>> memberSets(List<List<String>> cycles) {
    List<Set<String>> sets = new ArrayList<>();
    cycles.forEach(cycle -> sets.add(new TreeSet<>(cycle)));
    return sets;
  }

  private static List<Set<String>> memberSets(JsonNode cycles) {
    List<Set<String>> sets = new ArrayList<>();
    cycles.forEach(cycle -> sets.add(new TreeSet<>(SourceFeatures.strings(cycle))));
    return sets;
  }

  private static Map<String, List<String>> lists(JsonNode object) {
    Map<String, List<String>> lists = new TreeMap<>();
    object
        .properties()
        .forEach(field -> lists.put(field.getKey(), SourceFeatures.strings(field.getValue())));
    return lists;
  }
}
