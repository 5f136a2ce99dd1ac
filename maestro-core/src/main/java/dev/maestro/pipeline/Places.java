package dev.maestro.pipeline;

import dev.maestro.failure.Problem;
import dev.maestro.pipeline.Node.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where the paths of problems are in a file. */
final class Places {

  private final Map<String, Node> nodes = new HashMap<>();

  Places(Node document) {
    nodes.put("", document);
    document.fields().forEach((name, node) -> put(name, true, node));
  }

  /** {@return the same problems with line and column, where a problem has none yet} */
  List<Problem> locate(List<Problem> problems) {
    return problems.stream().map(this::locate).toList();
  }

  private Problem locate(Problem problem) {
    if (problem.details().containsKey("line")) {
      return problem;
    }
    Node node = nearest(problem.path());
    return problem
        .with("line", String.valueOf(node.line()))
        .with("column", String.valueOf(node.column()));
  }

  private Node nearest(String path) {
    String head = path;
    Node node = nodes.get(head);
    while (node == null) {
      head = head.substring(0, Math.max(0, Math.max(head.lastIndexOf('.'), head.lastIndexOf('['))));
      node = nodes.get(head);
    }
    return node;
  }

  /** Put a node and all in it; {@code ofPipeline} says whether it is a field of a pipeline. */
  private void put(String path, boolean ofPipeline, Node node) {
    nodes.put(path, node);
    boolean pipeline = path.endsWith(".pipeline");
    node.fields().forEach((name, field) -> put(path + "." + field(name), pipeline, field));
    List<String> names =
        ofPipeline && (path.endsWith("steps") || path.endsWith("templates"))
            ? StepPaths.of(path, node.items().stream().map(Places::id).toList())
            : List.of();
    for (int i = 0; i < node.items().size(); i++) {
      put(names.isEmpty() ? Fields.at(path, i) : names.get(i), false, node.items().get(i));
    }
  }

  private static String field(String name) {
    return name.equals("depends_on") ? "after" : name;
  }

  private static String id(Node step) {
    Node id = step.fields().get("id");
    return id == null || id.is(Kind.OBJECT) ? "" : id.text();
  }
}
