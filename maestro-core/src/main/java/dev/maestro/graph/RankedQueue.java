package dev.maestro.graph;

/**
 * A queue of nodes that gives the lowest rank first and keeps the order of arrival within it, in
 * constant time however many ranks there are. Each node may be added once.
 */
final class RankedQueue {

  static final int EMPTY = -1;

  private final Ranks ranks;
  private final BitTree occupied;

  // All nodes of a rank fit between its start and that of the next.
  private final int[] waiting;
  private final int[] heads;
  private final int[] tails;

  RankedQueue(Ranks ranks) {
    this.ranks = ranks;
    occupied = new BitTree(ranks.size());
    waiting = new int[ranks.nodes()];
    heads = new int[ranks.size()];
    for (int rank = 1; rank < heads.length; rank++) {
      heads[rank] = heads[rank - 1] + ranks.count(rank - 1);
    }
    tails = heads.clone();
  }

  void add(int node) {
    int rank = ranks.of(node);
    if (heads[rank] == tails[rank]) {
      occupied.set(rank);
    }
    waiting[tails[rank]++] = node;
  }

  /** Remove the first node, or return {@link #EMPTY}. */
  int poll() {
    int rank = occupied.first();
    if (rank == BitTree.NONE) {
      return EMPTY;
    }
    int node = waiting[heads[rank]++];
    if (heads[rank] == tails[rank]) {
      occupied.clear(rank);
    }
    return node;
  }
}
