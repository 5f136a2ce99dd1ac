package dev.maestro.graph;

import dev.maestro.task.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which tasks may start now, kept up to date while tasks finish and others are added.
 *
 * <p>A task is <em>waiting</em> while a dependency is not complete, then <em>ready</em>, until it
 * is {@linkplain #take taken} (started, blocked, cancelled) or {@linkplain #complete complete}. The
 * number of open dependencies is kept, never counted again: a whole run of n tasks and m
 * dependencies costs O(m + n log n).
 *
 * <p>Ready tasks are in the order of {@link ReadyQueue}; those freed by the same task become ready
 * in the order in which they were added. What {@link DependencyGraph#resolve()} gives as a batch is
 * what taking and completing the first ready task, again and again, gives here.
 *
 * <p>A dependency must have been added before the task that needs it, therefore no cycle can come
 * about; see {@link #addDependencies} for links between tasks that are there already.
 *
 * <p>For one thread at a time.
 *
 * @param <T> what identifies a task
 */
public final class ReadySet<T> {

  private static final int NONE = -1;
  private static final int INITIAL_SIZE = 16;

  private final Map<T, Integer> ordinals = new HashMap<>();
  private final List<T> ids = new ArrayList<>();
  private final List<Priority> priorities = new ArrayList<>();
  private final BitSet complete = new BitSet();
  private final ReadyQueue<T> ready = new ReadyQueue<>();
  private int[] open = new int[INITIAL_SIZE];

  // The dependents of a task are a chain of links: firstLink, then nextLink until NONE.
  private int[] firstLink = new int[INITIAL_SIZE];
  private int[] nextLink = new int[INITIAL_SIZE];
  private int[] dependent = new int[INITIAL_SIZE];
  private int links;

  /** Make an empty set. */
  public ReadySet() {}

  /**
   * Add a task of default priority.
   *
   * @see #add(Object, Priority, Collection)
   */
  public boolean add(T id, Collection<? extends T> dependencies) {
    return add(id, Priority.DEFAULT, dependencies);
  }

  /**
   * Add a task; it is ready at once when all its dependencies are complete.
   *
   * @param dependencies tasks added before; a duplicate counts once
   * @return whether it is ready
   * @throws IllegalArgumentException when the id is known or a dependency is not; nothing changed
   */
  public boolean add(T id, Priority priority, Collection<? extends T> dependencies) {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(priority, "priority");
    if (contains(id)) {
      throw new IllegalArgumentException("duplicate task '" + id + "'");
    }
    Set<Integer> needed = known(id, dependencies);
    int ordinal = declare(id, priority);
    needed.forEach(dependency -> link(dependency, ordinal));
    return offerWhenFree(ordinal);
  }

  /**
   * Let a task wait for further tasks; a ready one goes back to waiting when one of them is open.
   *
   * @param dependencies tasks added before or after it; naming one again changes nothing
   * @throws IllegalArgumentException when an id is unknown or a cycle would come about; nothing
   *     changed
   * @throws IllegalStateException when the task is complete; nothing changed
   */
  public void addDependencies(T id, Collection<? extends T> dependencies) {
    int ordinal = ordinal(id);
    if (complete.get(ordinal)) {
      throw new IllegalStateException("task '" + id + "' is complete and can wait for nothing");
    }
    Set<Integer> needed = known(id, dependencies);
    requireNoCycle(ordinal, needed);
    needed.forEach(dependency -> link(dependency, ordinal));
    if (open[ordinal] > 0) {
      ready.remove(id);
    }
  }

  /**
   * Note that a task satisfies those that depend on it; it need not have been ready.
   *
   * @return the tasks that became ready by it, in the order in which they were added; none when it
   *     was complete already
   * @throws IllegalArgumentException when the id is unknown
   */
  public List<T> complete(T id) {
    int ordinal = ordinal(id);
    if (complete.get(ordinal)) {
      return List.of();
    }
    complete.set(ordinal);
    ready.remove(id);
    List<T> freed = new ArrayList<>();
    for (int next : dependents(ordinal)) {
      open[next]--;
      if (offerWhenFree(next)) {
        freed.add(ids.get(next));
      }
    }
    return List.copyOf(freed);
  }

  /**
   * Note that a complete task must be done again: it is ready or waiting as if new, and what
   * depends on it waits again.
   *
   * <p>Dependents that are complete stay so, until they are reopened themselves.
   *
   * @throws IllegalArgumentException when the id is unknown
   * @throws IllegalStateException when it is not complete
   */
  public void reopen(T id) {
    int ordinal = ordinal(id);
    if (!complete.get(ordinal)) {
      throw new IllegalStateException("task '" + id + "' is not complete");
    }
    complete.clear(ordinal);
    for (int next : dependents(ordinal)) {
      open[next]++;
      ready.remove(ids.get(next));
    }
    offerWhenFree(ordinal);
  }

  /**
   * Take a task out of the ready ones, because it was started, blocked or cancelled.
   *
   * @return whether it was ready
   */
  public boolean take(T id) {
    return ready.remove(id);
  }

  /**
   * Put a taken task back, behind the ready ones of its priority.
   *
   * @return whether it is ready; false when it is complete or has an open dependency
   * @throws IllegalArgumentException when the id is unknown
   */
  public boolean putBack(T id) {
    return offerWhenFree(ordinal(id)) || isReady(id);
  }

  /** {@return the ready task that should start first; it stays ready} */
  public Optional<T> first() {
    return ready.first();
  }

  /** {@return the ready tasks in the order in which they should start, as a copy} */
  public List<T> ready() {
    return ready.inOrder();
  }

  /** {@return whether the task is ready} */
  public boolean isReady(T id) {
    return ready.contains(id);
  }

  /** {@return whether the task is known and complete} */
  public boolean isComplete(T id) {
    Integer ordinal = ordinals.get(id);
    return ordinal != null && complete.get(ordinal);
  }

  /** {@return whether the task was added} */
  public boolean contains(T id) {
    return ordinals.containsKey(id);
  }

  /** {@return how many tasks were added} */
  public int size() {
    return ids.size();
  }

  private boolean offerWhenFree(int ordinal) {
    return open[ordinal] == 0
        && !complete.get(ordinal)
        && ready.add(ids.get(ordinal), priorities.get(ordinal));
  }

  private int declare(T id, Priority priority) {
    int ordinal = ids.size();
    ids.add(id);
    priorities.add(priority);
    ordinals.put(id, ordinal);
    open = roomFor(open, ordinal);
    firstLink = roomFor(firstLink, ordinal);
    firstLink[ordinal] = NONE;
    return ordinal;
  }

  private void link(int dependency, int ordinal) {
    nextLink = roomFor(nextLink, links);
    dependent = roomFor(dependent, links);
    dependent[links] = ordinal;
    nextLink[links] = firstLink[dependency];
    firstLink[dependency] = links++;
    if (!complete.get(dependency)) {
      open[ordinal]++;
    }
  }

  /** The direct dependents in the order in which they were added, once for every link. */
  private int[] dependents(int ordinal) {
    int[] found = new int[INITIAL_SIZE];
    int count = 0;
    for (int link = firstLink[ordinal]; link != NONE; link = nextLink[link]) {
      found = roomFor(found, count);
      found[count++] = dependent[link];
    }
    Arrays.sort(found, 0, count);
    return Arrays.copyOf(found, count);
  }

  private void requireNoCycle(int ordinal, Set<Integer> needed) {
    BitSet behind = new BitSet();
    Deque<Integer> toVisit = new ArrayDeque<>();
    behind.set(ordinal);
    toVisit.add(ordinal);
    while (!toVisit.isEmpty()) {
      int next = toVisit.remove();
      if (needed.contains(next)) {
        throw new IllegalArgumentException(
            "task '" + ids.get(ordinal) + "' cannot wait for '" + ids.get(next) + "': a cycle");
      }
      for (int link = firstLink[next]; link != NONE; link = nextLink[link]) {
        if (!behind.get(dependent[link])) {
          behind.set(dependent[link]);
          toVisit.add(dependent[link]);
        }
      }
    }
  }

  private Set<Integer> known(T id, Collection<? extends T> dependencies) {
    Set<Integer> known = new LinkedHashSet<>();
    for (T dependency : dependencies) {
      Integer ordinal = ordinals.get(dependency);
      if (ordinal == null) {
        throw new IllegalArgumentException(
            "task '" + id + "' depends on '" + dependency + "', which is unknown");
      }
      known.add(ordinal);
    }
    return known;
  }

  private int ordinal(T id) {
    Integer ordinal = ordinals.get(id);
    if (ordinal == null) {
      throw new IllegalArgumentException("unknown task '" + id + "'");
    }
    return ordinal;
  }

  private static int[] roomFor(int[] array, int index) {
    return index < array.length ? array : Arrays.copyOf(array, Math.max(index + 1, index * 2));
  }
}
