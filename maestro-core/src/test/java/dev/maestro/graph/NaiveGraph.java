package dev.maestro.graph;

import dev.maestro.task.Priority;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * What the graph should say, worked out from the definitions, slowly and recursively. The ids are
 * 0, 1, 2 ... in declaration order.
 */
record NaiveGraph(List<Integer> priorities, List<List<Integer>> links) {

  static NaiveGraph of(List<Integer> priorities, List<List<Integer>> links) {
    return new NaiveGraph(priorities, links);
  }

  DependencyGraph<Integer> graph() {
    DependencyGraph.Builder<Integer> builder = DependencyGraph.builder();
    ids().forEach(id -> builder.add(id, priorityOf(id), links.get(id)));
    return builder.build();
  }

  List<Integer> ids() {
    return IntStream.range(0, priorities.size()).boxed().toList();
  }

  int priority(int id) {
    return priorities.get(id);
  }

  Priority priorityOf(int id) {
    return Priority.of(priority(id));
  }

  List<Integer> dependencies(int id) {
    return List.copyOf(new LinkedHashSet<>(links.get(id)));
  }

  /** The open tasks all of whose dependencies are done. */
  List<Integer> readyAfter(Set<Integer> done) {
    return ids().stream()
        .filter(id -> !done.contains(id) && done.containsAll(links.get(id)))
        .toList();
  }

  List<Integer> order() {
    List<Integer> order = new ArrayList<>(orderable());
    order.addAll(tail());
    return order;
  }

  /** Take the most urgent of the ready, which stand in the order of their arrival. */
  List<Integer> orderable() {
    Set<Integer> done = new LinkedHashSet<>();
    List<Integer> arrived = new ArrayList<>(readyAfter(done));
    while (!arrived.isEmpty()) {
      Integer next = arrived.stream().min(Comparator.comparing(this::priority)).orElseThrow();
      arrived.remove(next);
      List<Integer> readyBefore = readyAfter(done);
      done.add(next);
      readyAfter(done).stream().filter(id -> !readyBefore.contains(id)).forEach(arrived::add);
    }
    return List.copyOf(done);
  }

  List<Integer> tail() {
    List<Integer> orderable = orderable();
    return ids().stream().filter(id -> !orderable.contains(id)).toList();
  }

  /**
   * Every task that can be come to from this one along dependencies, itself only through a cycle.
   */
  Set<Integer> waitsFor(int id) {
    Set<Integer> reached = new TreeSet<>();
    addAllBefore(id, reached);
    return reached;
  }

  /** Every path without repetition that closes at its lowest task. */
  List<List<Integer>> cycles() {
    List<List<Integer>> cycles = new ArrayList<>();
    ids().forEach(root -> addCycles(List.of(root), cycles));
    return cycles;
  }

  /** The greatest weight of a chain that ends with this task. */
  int longestChain(int id, IntUnaryOperator weight) {
    return weight.applyAsInt(id)
        + dependencies(id).stream().mapToInt(d -> longestChain(d, weight)).max().orElse(0);
  }

  private void addAllBefore(int id, Set<Integer> reached) {
    for (int dependency : dependencies(id)) {
      if (reached.add(dependency)) {
        addAllBefore(dependency, reached);
      }
    }
  }

  private void addCycles(List<Integer> path, List<List<Integer>> cycles) {
    int root = path.get(0);
    for (int next : dependencies(path.get(path.size() - 1))) {
      if (next == root) {
        cycles.add(path);
      } else if (next > root && !path.contains(next)) {
        List<Integer> longer = new ArrayList<>(path);
        longer.add(next);
        addCycles(longer, cycles);
      }
    }
  }
}
