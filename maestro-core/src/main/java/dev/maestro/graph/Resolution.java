package dev.maestro.graph;

import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of all tasks of a graph, and everything that stands in its way.
 *
 * <p>Immutable. Lists are unmodifiable; {@link #order()} costs four bytes a task, and who is
 * blocked by whom is worked out when asked for.
 *
 * @param <T> what identifies a task
 */
public final class Resolution<T> {

  private final DependencyGraph<T> graph;
  private final BitSet satisfied;
  private final List<T> order;
  private final Tail<T> tail;

  Resolution(DependencyGraph<T> graph, BitSet satisfied, List<T> order, Tail<T> tail) {
    this.graph = graph;
    this.satisfied = satisfied;
    this.order = order;
    this.tail = tail;
  }

  /**
   * {@return every task once, dependencies first; tasks on or behind a cycle come last, in
   * declaration order}
   */
  public List<T> order() {
    return order;
  }

  /** {@return whether every task could be ordered} */
  public boolean isAcyclic() {
    return tail.cycles.isEmpty();
  }

  /**
   * Give every cycle that passes no task twice: each task depends on the next and the last on the
   * first; a task that depends on itself is a cycle of one.
   *
   * <p>Each starts at the member declared first, and they are ordered by it. Cycles that share
   * tasks are given one by one, so that cutting one link of each leaves none. As there can be
   * exponentially many of them, the search is given up when 1,000 more are found than there are
   * separate knots of cycles, or after work that is out of proportion to the graph; {@link
   * #everyCycle()} is false then, and each knot is still there with at least one cycle.
   */
  public List<List<T>> cycles() {
    return tail.cycles;
  }

  /** {@return whether {@link #cycles()} is known to lack none} */
  public boolean everyCycle() {
    return tail.everyCycle;
  }

  /** {@return the tasks that are on no cycle but wait, directly or not, for one that is} */
  public List<T> behindCycles() {
    return tail.behindCycles;
  }

  /**
   * {@return the missing dependencies of each task that has any, whatever the policy, in
   * declaration order}
   */
  public Map<T, List<T>> missing() {
    return graph.missing();
  }

  /**
   * {@return the direct dependencies of a task that exist and are not satisfied, in the order in
   * which it names them}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public List<T> blockedBy(T id) {
    return graph.blockedBy(graph.ordinal(id), satisfied);
  }

  /** {@return {@link #blockedBy} of each task for which it is not empty, in declaration order} */
  public Map<T, List<T>> blocked() {
    Map<T, List<T>> blocked = new LinkedHashMap<>();
    for (T id : graph.ids()) {
      List<T> blockers = blockedBy(id);
      if (!blockers.isEmpty()) {
        blocked.put(id, blockers);
      }
    }
    return Collections.unmodifiableMap(blocked);
  }

  @Override
  public String toString() {
    return "order " + order + (isAcyclic() ? "" : ", cycles " + tail.cycles);
  }

  /** What could not be ordered, and why. */
  record Tail<T>(List<List<T>> cycles, boolean everyCycle, List<T> behindCycles) {

    static <T> Tail<T> none() {
      return new Tail<>(List.of(), true, List.of());
    }
  }
}
