package dev.maestro.graph;

import java.util.Arrays;

/** Priority numbers as ranks without gaps: 0 for the lowest number that occurs. */
final class Ranks {

  private final int[] ranks;
  private final int[] counts;

  private Ranks(int[] ranks, int[] counts) {
    this.ranks = ranks;
    this.counts = counts;
  }

  static Ranks of(int[] priorities) {
    return isUniform(priorities)
        ? new Ranks(new int[priorities.length], new int[] {priorities.length})
        : ranked(priorities);
  }

  private static Ranks ranked(int[] priorities) {
    int[] distinct = distinct(priorities);
    int[] ranks = new int[priorities.length];
    int[] counts = new int[distinct.length];
    for (int node = 0; node < ranks.length; node++) {
      ranks[node] = Arrays.binarySearch(distinct, priorities[node]);
      counts[ranks[node]]++;
    }
    return new Ranks(ranks, counts);
  }

  int of(int node) {
    return ranks[node];
  }

  int nodes() {
    return ranks.length;
  }

  /** How many ranks there are. */
  int size() {
    return counts.length;
  }

  /** How many nodes have this rank. */
  int count(int rank) {
    return counts[rank];
  }

  private static boolean isUniform(int[] priorities) {
    for (int priority : priorities) {
      if (priority != priorities[0]) {
        return false;
      }
    }
    return true;
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
}
