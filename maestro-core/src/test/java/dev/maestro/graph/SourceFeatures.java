package dev.maestro.graph;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.task.Priority;
import dev.maestro.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Reads the features of the sample cases, which speak of status words where Maestro has states. */
final class SourceFeatures {

  private SourceFeatures() {}

  static DependencyGraph<String> graph(JsonNode features) {
    DependencyGraph.Builder<String> builder = DependencyGraph.builder();
    for (JsonNode feature : features) {
      builder.add(
          feature.path("id").asText(), priority(feature), strings(feature.path("dependencies")));
    }
    return builder.build();
  }

  /** Whether a feature has one of the two states that satisfy a dependency. */
  static Predicate<String> satisfied(JsonNode features) {
    Map<String, Optional<TaskState>> states = new TreeMap<>();
    features.forEach(f -> states.put(f.path("id").asText(), state(f.path("status").asText(""))));
    return id ->
        states.get(id).stream()
            .anyMatch(state -> state == TaskState.VERIFIED || state == TaskState.COMPLETED);
  }

  static List<String> strings(JsonNode list) {
    List<String> strings = new ArrayList<>();
    list.forEach(element -> strings.add(element.asText()));
    return strings;
  }

  private static Priority priority(JsonNode feature) {
    return feature.hasNonNull("priority")
        ? Priority.of(feature.get("priority").asInt())
        : Priority.DEFAULT;
  }

  private static Optional<TaskState> state(String status) {
    return switch (status) {
      case "", "backlog", "pending", "ready" -> Optional.of(TaskState.PENDING);
      case "in_progress", "running" -> Optional.of(TaskState.RUNNING);
      case "waiting_approval" -> Optional.of(TaskState.READY_FOR_REVIEW);
      case "verified" -> Optional.of(TaskState.VERIFIED);
      case "completed" -> Optional.of(TaskState.COMPLETED);
      default -> Optional.empty();
    };
  }
}
