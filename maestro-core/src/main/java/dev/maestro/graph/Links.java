package dev.maestro.graph;

import java.util.Arrays;

/**
 * The direct links of every node in two flat arrays: those of node {@code n} are the targets from
 * {@code start(n)} to {@code end(n)}, exclusive.
 */
final class Links {

  final int[] starts;
  final int[] targets;

  /**
   * Take over both arrays.
   *
   * @param starts one more than there are nodes; the last is the number of targets
   */
  Links(int[] starts, int[] targets) {
    this.starts = starts;
    this.targets = targets;
  }

  int nodes() {
    return starts.length - 1;
  }

  int start(int node) {
    return starts[node];
  }

  int end(int node) {
    return starts[node + 1];
  }

  int count(int node) {
    return starts[node + 1] - starts[node];
  }

  int target(int link) {
    return targets[link];
  }

  int[] of(int node) {
    return Arrays.copyOfRange(targets, starts[node], starts[node + 1]);
  }

  /** The same links the other way round; the targets of each node are in ascending order. */
  Links reversed() {
    int[] reversedStarts = new int[starts.length];
    for (int target : targets) {
      reversedStarts[target]++;
    }
    for (int node = 1; node < reversedStarts.length; node++) {
      reversedStarts[node] += reversedStarts[node - 1];
    }
    int[] reversedTargets = new int[targets.length];
    // filled from behind, each end goes down to where the start belongs
    for (int node = nodes() - 1; node >= 0; node--) {
      for (int link = start(node); link < end(node); link++) {
        reversedTargets[--reversedStarts[targets[link]]] = node;
      }
    }
    return new Links(reversedStarts, reversedTargets);
  }
}
