package dev.maestro.graph;

import java.util.Arrays;

/**
 * A queue of nodes that gives the lowest priority number first and keeps the order of arrival
 * within it, in constant time however many priorities there are. Each node may be added once.
 */
final class RankedQueue {

  static final int EMPTY = -1;

  private final int[] ranks;
  private final int[] heads;
  private final int[] tails;
  private final int[] next;
  private final BitTree occupied;

  RankedQueue(int[] priorities) {
    int[] distinct = distinct(priorities);
    ranks = ranks(priorities, distinct);
    heads = new int[distinct.length];
    tails = new int[distinct.length];
    next = new int[priorities.length];
    occupied = new BitTree(distinct.length);
  }

  void add(int node) {
    int rank = ranks[node];
    if (occupied.has(rank)) {
      next[tails[rank]] = node;
    } else {
      heads[rank] = node;
      occupied.set(rank);
    }
    tails[rank] = node;
  }

  /** Remove the first node, or return {@link #EMPTY}. */
  int poll() {
    int rank = occupied.first();
    if (rank == BitTree.NONE) {
      return EMPTY;
    }
    int node = heads[rank];
    if (node == tails[rank]) {
      occupied.clear(rank);
    } else {
      heads[rank] = next[node];
    }
    return node;
  }

  private static int[] distinct(int[] priorities) {
    int[] sorted = priorities.clone();
    Arrays.sort(sorted);
    int count = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[count++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, count);
  }

  private static int[] ranks(int[] priorities, int[] distinct) {
    int[] ranks = new int[priorities.length];
    for (int node = 0; node < ranks.length; node++) {
      ranks[node] = Arrays.binarySearch(distinct, priorities[node]);
    }
    return ranks;
  }
}
