package dev.maestro.graph;

import java.util.Arrays;

/** Kahn's algorithm over in-degrees. */
final class Kahn {

  private Kahn() {}

  /** The nodes in order, without those on or behind a cycle. */
  static int[] order(Links dependencies, Links dependents, Ranks ranks) {
    int[] open = new int[dependencies.nodes()];
    for (int node = 0; node < open.length; node++) {
      open[node] = dependencies.count(node);
    }
    return ranks.size() > 1 ? byRank(open, dependents, ranks) : byArrival(open, dependents);
  }

  /** Where nobody overtakes, the order itself is the queue. */
  private static int[] byArrival(int[] open, Links dependents) {
    int[] starts = dependents.starts;
    int[] targets = dependents.targets;
    int[] order = new int[open.length];
    int ready = 0;
    for (int node = 0; node < open.length; node++) {
      if (open[node] == 0) {
        order[ready++] = node;
      }
    }
    for (int done = 0; done < ready; done++) {
      int end = starts[order[done] + 1];
      for (int link = starts[order[done]]; link < end; link++) {
        if (--open[targets[link]] == 0) {
          order[ready++] = targets[link];
        }
      }
    }
    return ready == order.length ? order : Arrays.copyOf(order, ready);
  }

  private static int[] byRank(int[] open, Links dependents, Ranks ranks) {
    RankedQueue ready = new RankedQueue(ranks);
    for (int node = 0; node < open.length; node++) {
      if (open[node] == 0) {
        ready.add(node);
      }
    }
    int[] starts = dependents.starts;
    int[] targets = dependents.targets;
    int[] order = new int[open.length];
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
    return count == order.length ? order : Arrays.copyOf(order, count);
  }
}
