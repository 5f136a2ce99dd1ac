package dev.maestro.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Finds every elementary cycle by Johnson's algorithm without recursion.
 *
 * <p>A knot is searched for the rings through its lowest member, then falls apart into smaller
 * knots without that member. Because a knot can hold exponentially many rings, the search is given
 * up when {@link #MORE} than one for each knot are found or its work goes beyond a fixed multiple
 * of the size of the graph; even then each knot has given one.
 */
final class Rings {

  static final int MORE = 1_000;

  private static final int STEPS_PER_LINK = 16;
  private static final int FREE_STEPS = 1_000_000;

  private static final byte FREE = 0;
  private static final byte ON_PATH = 1;
  private static final byte BARREN = 2;

  private final Links links;
  private final Links reversed;
  private final Knots knots;
  private final List<int[]> found = new ArrayList<>();
  private final BitSet members = new BitSet();
  private final byte[] state;
  private final int[] cursor;
  private final int[] path;
  private final BitSet closing = new BitSet();
  private final Deque<Integer> toFree = new ArrayDeque<>();
  private long steps;
  private int most = MORE;
  private boolean all = true;

  private Rings(Links links, Links reversed, int[] suspects) {
    this.links = links;
    this.reversed = reversed;
    knots = new Knots(links);
    state = new byte[links.nodes()];
    cursor = new int[links.nodes()];
    path = new int[links.nodes()];
    steps = FREE_STEPS + STEPS_PER_LINK * weight(suspects);
  }

  /** Search among the nodes that could not be ordered; at least one. */
  static Rings among(int[] suspects, Links links, Links reversed) {
    Rings rings = new Rings(links, reversed, suspects);
    rings.search(suspects);
    return rings;
  }

  /** The rings, each from its lowest node along the links, ordered by that node. */
  List<int[]> found() {
    return found;
  }

  /** Whether no ring was left out. */
  boolean all() {
    return all;
  }

  /** Whether the node is on a ring, be it one that was left out. */
  boolean has(int node) {
    return members.get(node);
  }

  private void search(int[] suspects) {
    List<int[]> whole = knots.among(suspects);
    whole.forEach(knot -> Arrays.stream(knot).forEach(members::set));
    Deque<int[]> open = new ArrayDeque<>(whole);
    for (int searched = 0; !open.isEmpty(); searched++) {
      if (searched < whole.size()) {
        most++;
      } else if (exhausted()) {
        all = false;
        break;
      }
      int[] knot = open.remove();
      steps -= weight(knot);
      ringsThroughLowest(knot);
      open.addAll(knots.among(Arrays.copyOfRange(knot, 1, knot.length)));
    }
    found.sort(Comparator.comparingInt(ring -> ring[0]));
  }

  private void ringsThroughLowest(int[] knot) {
    for (int node : knot) {
      state[node] = FREE;
    }
    int root = knot[0];
    int before = found.size();
    int size = push(root, 0);
    while (size > 0) {
      if (found.size() > before && exhausted()) {
        all = false;
        return;
      }
      steps--;
      int node = path[size - 1];
      if (cursor[node] == links.end(node)) {
        size = pop(size);
        continue;
      }
      int target = links.target(cursor[node]++);
      if (target == root) {
        keep(size);
      } else if (knots.together(target, root) && state[target] == FREE) {
        size = push(target, size);
      }
    }
  }

  private void keep(int size) {
    found.add(Arrays.copyOf(path, size));
    closing.set(size - 1);
    steps -= size;
  }

  private int push(int node, int size) {
    state[node] = ON_PATH;
    cursor[node] = links.start(node);
    path[size] = node;
    closing.clear(size);
    return size + 1;
  }

  private int pop(int size) {
    int node = path[size - 1];
    if (closing.get(size - 1)) {
      free(node);
      if (size > 1) {
        closing.set(size - 2);
      }
    } else {
      state[node] = BARREN;
    }
    return size - 1;
  }

  /** Free a node, and every barren one that was barren only because this one was taken. */
  private void free(int node) {
    state[node] = FREE;
    toFree.add(node);
    while (!toFree.isEmpty()) {
      int next = toFree.remove();
      for (int link = reversed.start(next); link < reversed.end(next); link++) {
        int barren = reversed.target(link);
        steps--;
        if (state[barren] == BARREN && knots.together(barren, next)) {
          state[barren] = FREE;
          toFree.add(barren);
        }
      }
    }
  }

  private boolean exhausted() {
    return found.size() >= most || steps <= 0;
  }

  private long weight(int[] nodes) {
    long weight = nodes.length;
    for (int node : nodes) {
      weight += links.count(node);
    }
    return weight;
  }
}
