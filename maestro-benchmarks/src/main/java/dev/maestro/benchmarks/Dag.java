package dev.maestro.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A random acyclic graph as an application has it: ids, and for each the ids it depends on. As if
 * read from a file, no id is the same object twice.
 *
 * @param ids in the order of declaration
 * @param dependencies of each, in the same order
 * @param edges how many there are
 * @param hash of all ids together, in whatever order
 */
record Dag(List<String> ids, List<List<String>> dependencies, int edges, int hash) {

  private static final int FAN_IN = 3;

  /** {@return a graph of so many tasks, each but the first few with three dependencies} */
  static Dag of(int nodes) {
    Random random = new Random(42);
    List<Integer> declared = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      declared.add(i);
    }
    Collections.shuffle(declared, random);
    List<String> ids = new ArrayList<>(nodes);
    List<List<String>> dependencies = new ArrayList<>(nodes);
    int edges = 0;
    for (int node : declared) {
      ids.add(id(node));
      List<String> mine = new ArrayList<>(FAN_IN);
      for (int target : distinct(random, Math.min(FAN_IN, node), node)) {
        mine.add(id(target));
      }
      edges += mine.size();
      dependencies.add(List.copyOf(mine));
    }
    return new Dag(ids, dependencies, edges, ids.stream().mapToInt(String::hashCode).sum());
  }

  private static int[] distinct(Random random, int count, int below) {
    return random.ints(0, Math.max(1, below)).distinct().limit(count).toArray();
  }

  private static String id(int node) {
    return "task-" + node;
  }

  int nodes() {
    return ids.size();
  }

  /** {@return tasks and dependencies together} */
  int elements() {
    return nodes() + edges;
  }
}
