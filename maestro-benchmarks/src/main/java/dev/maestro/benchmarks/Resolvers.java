package dev.maestro.benchmarks;

import com.google.common.graph.GraphBuilder;
import com.google.common.graph.MutableGraph;
import dev.maestro.graph.DependencyGraph;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jgrapht.Graph;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.SimpleDirectedGraph;
import org.jgrapht.traverse.TopologicalOrderIterator;

/** Ways from ids and their dependencies to an order. */
final class Resolvers {

  private Resolvers() {}

  /** What has been made of a graph: the order, and what has to be kept so that it can be asked. */
  record Resolved(List<String> order, Object kept) {}

  static Resolved maestro(Dag dag) {
    DependencyGraph.Builder<String> builder = DependencyGraph.builder();
    for (int i = 0; i < dag.nodes(); i++) {
      builder.add(dag.ids().get(i), dag.dependencies().get(i));
    }
    DependencyGraph<String> graph = builder.build();
    return new Resolved(graph.resolve().order(), graph);
  }

  /**
   * The floor: arrays of numbers and the plainest loops, for exactly this size and nothing else. It
   * knows no priorities, no cycles, no duplicates and no missing dependencies, and answers nothing
   * but the order.
   */
  static Resolved intArrays(Dag dag) {
    int nodes = dag.nodes();
    int mask = Integer.highestOneBit(nodes * 2) * 2 - 1;
    int[] table = new int[mask + 1];
    String[] ids = new String[nodes];
    for (int node = 0; node < nodes; node++) {
      ids[node] = dag.ids().get(node);
      int slot = spread(ids[node]) & mask;
      while (table[slot] != 0) {
        slot = slot + 1 & mask;
      }
      table[slot] = node + 1;
    }
    int[] sources = new int[dag.edges()];
    int[] open = new int[nodes];
    int[] starts = new int[nodes + 1];
    int edge = 0;
    for (int node = 0; node < nodes; node++) {
      List<String> dependencies = dag.dependencies().get(node);
      open[node] = dependencies.size();
      for (int i = 0; i < dependencies.size(); i++) {
        String dependency = dependencies.get(i);
        int slot = spread(dependency) & mask;
        while (!ids[table[slot] - 1].equals(dependency)) {
          slot = slot + 1 & mask;
        }
        sources[edge++] = table[slot] - 1;
        starts[table[slot]]++;
      }
    }
    for (int node = 0; node < nodes; node++) {
      starts[node + 1] += starts[node];
    }
    int[] targets = new int[edge];
    int[] next = Arrays.copyOf(starts, nodes);
    edge = 0;
    for (int node = 0; node < nodes; node++) {
      for (int i = 0; i < open[node]; i++) {
        targets[next[sources[edge++]]++] = node;
      }
    }
    int[] order = new int[nodes];
    int count = 0;
    for (int node = 0; node < nodes; node++) {
      if (open[node] == 0) {
        order[count++] = node;
      }
    }
    List<String> ordered = new ArrayList<>(nodes);
    for (int done = 0; done < count; done++) {
      int node = order[done];
      ordered.add(ids[node]);
      for (int link = starts[node]; link < starts[node + 1]; link++) {
        if (--open[targets[link]] == 0) {
          order[count++] = targets[link];
        }
      }
    }
    return new Resolved(ordered, List.of(table, ids, starts, targets));
  }

  private static int spread(String id) {
    int hash = id.hashCode() * 0x9E3779B9;
    return hash ^ hash >>> 16;
  }

  /** Kahn as one writes it with the collections of the JDK. */
  static Resolved hashMaps(Dag dag) {
    Map<String, List<String>> dependents = new HashMap<>();
    Map<String, Integer> open = new HashMap<>();
    Deque<String> ready = new ArrayDeque<>();
    for (int i = 0; i < dag.nodes(); i++) {
      String id = dag.ids().get(i);
      List<String> dependencies = dag.dependencies().get(i);
      open.put(id, dependencies.size());
      if (dependencies.isEmpty()) {
        ready.add(id);
      }
      for (String dependency : dependencies) {
        dependents.computeIfAbsent(dependency, key -> new ArrayList<>()).add(id);
      }
    }
    List<String> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      String id = ready.remove();
      order.add(id);
      for (String dependent : dependents.getOrDefault(id, List.of())) {
        if (open.merge(dependent, -1, Integer::sum) == 0) {
          ready.add(dependent);
        }
      }
    }
    return new Resolved(order, List.of(dependents, open));
  }

  /** Guava has graphs but no order of them; Kahn asks its graph. */
  static Resolved guava(Dag dag) {
    MutableGraph<String> graph = GraphBuilder.directed().expectedNodeCount(dag.nodes()).build();
    dag.ids().forEach(graph::addNode);
    for (int i = 0; i < dag.nodes(); i++) {
      for (String dependency : dag.dependencies().get(i)) {
        graph.putEdge(dependency, dag.ids().get(i));
      }
    }
    Map<String, Integer> open = new HashMap<>();
    Deque<String> ready = new ArrayDeque<>();
    for (String id : graph.nodes()) {
      int count = graph.inDegree(id);
      open.put(id, count);
      if (count == 0) {
        ready.add(id);
      }
    }
    List<String> order = new ArrayList<>();
    while (!ready.isEmpty()) {
      String id = ready.remove();
      order.add(id);
      for (String dependent : graph.successors(id)) {
        if (open.merge(dependent, -1, Integer::sum) == 0) {
          ready.add(dependent);
        }
      }
    }
    return new Resolved(order, graph);
  }

  static Resolved jgrapht(Dag dag) {
    Graph<String, DefaultEdge> graph = new SimpleDirectedGraph<>(DefaultEdge.class);
    dag.ids().forEach(graph::addVertex);
    for (int i = 0; i < dag.nodes(); i++) {
      for (String dependency : dag.dependencies().get(i)) {
        graph.addEdge(dependency, dag.ids().get(i));
      }
    }
    List<String> order = new ArrayList<>();
    new TopologicalOrderIterator<>(graph).forEachRemaining(order::add);
    return new Resolved(order, graph);
  }
}
