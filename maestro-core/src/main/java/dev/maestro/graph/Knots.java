package dev.maestro.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the parts of a graph whose members all reach one another (strongly connected components
 * that hold a cycle), by Tarjan's algorithm without recursion.
 *
 * <p>Every node has a label; nodes with another label than those asked about are as good as absent.
 * A knot gets a label of its own when it is found, and can be searched again without one of its
 * members.
 */
final class Knots {

  private static final int NONE = -1;
  private static final int UNSEEN = 0;

  private final Links links;
  private final int[] label;
  private final int[] index;
  private final int[] low;
  private final int[] cursor;
  private final int[] path;
  private final int[] stack;
  private int labels;
  private int seen;
  private int pathSize;
  private int stackSize;

  Knots(Links links) {
    int nodes = links.nodes();
    this.links = links;
    label = new int[nodes];
    index = new int[nodes];
    low = new int[nodes];
    cursor = new int[nodes];
    path = new int[nodes];
    stack = new int[nodes];
    Arrays.fill(label, NONE);
  }

  /** The knots among these nodes alone, whose labels are lost; each ascending, lowest first. */
  List<int[]> among(int[] nodes) {
    int common = ++labels;
    seen = UNSEEN;
    for (int node : nodes) {
      label[node] = common;
      index[node] = UNSEEN;
    }
    List<int[]> knots = new ArrayList<>();
    for (int node : nodes) {
      if (index[node] == UNSEEN) {
        walkFrom(node, common, knots);
      }
    }
    knots.sort(Comparator.comparingInt(knot -> knot[0]));
    return knots;
  }

  boolean together(int one, int other) {
    return label[one] == label[other];
  }

  private void walkFrom(int root, int common, List<int[]> knots) {
    enter(root);
    while (pathSize > 0) {
      int node = path[pathSize - 1];
      if (cursor[node] == links.end(node)) {
        leave(node, knots);
        continue;
      }
      int target = links.target(cursor[node]++);
      if (label[target] == common) {
        if (index[target] == UNSEEN) {
          enter(target);
        } else {
          low[node] = Math.min(low[node], index[target]);
        }
      }
    }
  }

  private void enter(int node) {
    index[node] = ++seen;
    low[node] = seen;
    cursor[node] = links.start(node);
    path[pathSize++] = node;
    stack[stackSize++] = node;
  }

  private void leave(int node, List<int[]> knots) {
    pathSize--;
    if (pathSize > 0) {
      int parent = path[pathSize - 1];
      low[parent] = Math.min(low[parent], low[node]);
    }
    if (low[node] == index[node]) {
      int[] members = popThrough(node);
      if (members.length > 1 || linksToItself(node)) {
        knots.add(members);
      }
    }
  }

  private int[] popThrough(int node) {
    int own = ++labels;
    int top = stackSize;
    int member;
    do {
      member = stack[--stackSize];
      label[member] = own;
    } while (member != node);
    int[] members = Arrays.copyOfRange(stack, stackSize, top);
    Arrays.sort(members);
    return members;
  }

  private boolean linksToItself(int node) {
    for (int link = links.start(node); link < links.end(node); link++) {
      if (links.target(link) == node) {
        return true;
      }
    }
    return false;
  }
}
