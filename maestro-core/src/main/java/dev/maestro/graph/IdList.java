package dev.maestro.graph;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** The ids of some nodes, as an unmodifiable list that costs four bytes an element. */
final class IdList<T> extends AbstractList<T> implements RandomAccess {

  private final List<T> ids;
  private final int[] nodes;

  /** Take over the nodes. */
  IdList(List<T> ids, int[] nodes) {
    this.ids = ids;
    this.nodes = nodes;
  }

  @Override
  public T get(int index) {
    return ids.get(nodes[index]);
  }

  @Override
  public int size() {
    return nodes.length;
  }
}
