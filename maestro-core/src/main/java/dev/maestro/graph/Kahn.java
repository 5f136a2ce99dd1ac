package dev.maestro.graph;

import java.util.Arrays;

/** Kahn's algorithm over in-degrees. */
final class Kahn {

  private Kahn() {}

  /** The nodes in order, without those on or behind a cycle. */
  static int[] order(Links dependencies, Links dependents, int[] priorities) {
    int nodes = dependencies.nodes();
    int[] open = new int[nodes];
    RankedQueue ready = new RankedQueue(priorities);
    for (int node = 0; node < nodes; node++) {
      open[node] = dependencies.count(node);
      if (open[node] == 0) {
        ready.add(node);
      }
    }
    int[] order = new int[nodes];
    int count = 0;
    for (int node = ready.poll(); node != RankedQueue.EMPTY; node = ready.poll()) {
      order[count++] = node;
      for (int link = dependents.start(node); link < dependents.end(node); link++) {
        int dependent = dependents.target(link);
        if (--open[dependent] == 0) {
          ready.add(dependent);
        }
      }
    }
    return count == nodes ? order : Arrays.copyOf(order, count);
  }
}
