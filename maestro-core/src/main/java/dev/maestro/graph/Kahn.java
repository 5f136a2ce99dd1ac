package dev.maestro.graph;

import java.util.Arrays;

/** Kahn's algorithm over in-degrees. */
final class Kahn {

  private Kahn() {}

  /** The nodes in order, without those on or behind a cycle. */
  static int[] order(Links dependencies, Links dependents, Ranks ranks) {
    int nodes = dependencies.nodes();
    int[] open = new int[nodes];
    RankedQueue ready = new RankedQueue(ranks);
    for (int node = 0; node < nodes; node++) {
      open[node] = dependencies.count(node);
      if (open[node] == 0) {
        ready.add(node);
      }
    }
    int[] starts = dependents.starts;
    int[] targets = dependents.targets;
    int[] order = new int[nodes];
    int count = 0;
    for (int node = ready.poll(); node != RankedQueue.EMPTY; node = ready.poll()) {
      order[count++] = node;
      int end = starts[node + 1];
      for (int link = starts[node]; link < end; link++) {
        if (--open[targets[link]] == 0) {
          ready.add(targets[link]);
        }
      }
    }
    return count == nodes ? order : Arrays.copyOf(order, count);
  }
}
