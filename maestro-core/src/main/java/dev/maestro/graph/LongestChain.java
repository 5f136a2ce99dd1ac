package dev.maestro.graph;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.IntFunction;

/** The longest chain of nodes through a graph whose nodes have durations. */
final class LongestChain {

  private static final int NONE = -1;

  private final Links dependencies;
  private final Duration[] finish;
  private final int[] before;
  private int last = NONE;

  /** Follow these nodes, which come after their dependencies; others are as good as absent. */
  LongestChain(Links dependencies, int[] order, IntFunction<Duration> durations) {
    this.dependencies = dependencies;
    finish = new Duration[dependencies.nodes()];
    before = new int[dependencies.nodes()];
    for (int node : order) {
      before[node] = latestDependency(node);
      Duration start = before[node] == NONE ? Duration.ZERO : finish[before[node]];
      finish[node] = start.plus(durations.apply(node));
    }
    for (int node = 0; node < finish.length; node++) {
      if (finish[node] != null && isLater(node, last)) {
        last = node;
      }
    }
  }

  Duration length() {
    return last == NONE ? Duration.ZERO : finish[last];
  }

  int[] nodes() {
    int[] backwards = new int[finish.length];
    int start = backwards.length;
    for (int node = last; node != NONE; node = before[node]) {
      backwards[--start] = node;
    }
    return Arrays.copyOfRange(backwards, start, backwards.length);
  }

  private int latestDependency(int node) {
    int latest = NONE;
    for (int link = dependencies.start(node); link < dependencies.end(node); link++) {
      if (isLater(dependencies.target(link), latest)) {
        latest = dependencies.target(link);
      }
    }
    return latest;
  }

  private boolean isLater(int node, int other) {
    return other == NONE || finish[node].compareTo(finish[other]) > 0;
  }
}
