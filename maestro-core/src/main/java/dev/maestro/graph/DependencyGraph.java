package dev.maestro.graph;

import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A fixed set of tasks with priorities and dependencies, and every question about their order.
 *
 * <pre>{@code
 * DependencyGraph<String> graph =
 *     DependencyGraph.<String>builder()
 *         .add("deploy", List.of("build"))
 *         .add("build", Priority.of(1), List.of())
 *         .build();
 * graph.resolve().order(); // build, deploy
 * }</pre>
 *
 * <p>It is lenient: cycles and missing dependencies are reported, not refused. A duplicate
 * dependency counts once. Names of methods say <em>dependencies</em> for what a task waits for and
 * <em>dependents</em> for what waits for it.
 *
 * <p>Immutable. Building, resolving, levels and the critical path cost O(tasks + dependencies),
 * sorting of priorities aside, with flat arrays and without recursion.
 *
 * @param <T> what identifies a task
 */
public final class DependencyGraph<T> {

  private final List<T> ids;
  private final Ordinals<T> ordinals;
  private final Ranks ranks;
  private final Links dependencies;
  private final Links dependents;
  private final Map<T, List<T>> declared;
  private final Map<T, List<T>> missing;
  private final MissingPolicy policy;

  private DependencyGraph(Builder<T> builder, Links dependencies, Map<T, List<T>> declared) {
    this.ids = builder.ordinals.ids();
    this.ordinals = builder.ordinals;
    this.ranks = Ranks.of(Arrays.copyOf(builder.priorities, ids.size()));
    this.dependencies = dependencies;
    this.dependents = dependencies.reversed();
    this.declared = declared;
    this.missing = missing(declared);
    this.policy = builder.policy;
  }

  /** {@return a builder without tasks, whose missing dependencies block} */
  public static <T> Builder<T> builder() {
    return new Builder<>();
  }

  /** {@return every task in the order in which they were declared} */
  public List<T> ids() {
    return ids;
  }

  /** {@return whether the task was declared} */
  public boolean contains(T id) {
    return ordinals.of(id) != Ordinals.NONE;
  }

  /** {@return the order, as long as nothing is satisfied} */
  public Resolution<T> resolve() {
    return resolve(new BitSet());
  }

  /**
   * Order all tasks, satisfied or not.
   *
   * @param satisfied whether a task no longer blocks those that depend on it; asked once for each
   */
  public Resolution<T> resolve(Predicate<? super T> satisfied) {
    return resolve(nodes(satisfied));
  }

  private Resolution<T> resolve(BitSet satisfied) {
    int[] ordered = ordered();
    if (ordered.length == ids.size()) {
      return new Resolution<>(this, satisfied, list(ordered), Resolution.Tail.none());
    }
    int[] rest = except(ordered);
    int[] order = Arrays.copyOf(ordered, ids.size());
    System.arraycopy(rest, 0, order, ordered.length, rest.length);
    return new Resolution<>(this, satisfied, list(order), tail(rest));
  }

  private Resolution.Tail<T> tail(int[] nodes) {
    Rings rings = Rings.among(nodes, dependencies, dependents);
    List<List<T>> cycles = rings.found().stream().map(this::list).toList();
    List<T> behind = list(Arrays.stream(nodes).filter(node -> !rings.has(node)).toArray());
    return new Resolution.Tail<>(cycles, rings.all(), behind);
  }

  /**
   * Split the tasks into batches, each of which can be done once those before it are.
   *
   * <p>A task is in the first batch that comes after all its dependencies; in a batch the lower
   * priority number comes first, then declaration order. Tasks on or behind a cycle are in none.
   */
  public List<List<T>> levels() {
    int[] level = new int[ids.size()];
    List<List<Integer>> batches = new ArrayList<>();
    for (int node : ordered()) {
      for (int link = dependencies.start(node); link < dependencies.end(node); link++) {
        level[node] = Math.max(level[node], level[dependencies.target(link)] + 1);
      }
      if (level[node] == batches.size()) {
        batches.add(new ArrayList<>());
      }
      batches.get(level[node]).add(node);
    }
    return batches.stream().map(this::byPriority).toList();
  }

  /**
   * Find the chain of tasks that takes longest; of equally long ones that to the task declared
   * first, through the dependencies named first.
   *
   * <p>Tasks on or behind a cycle are left out; without tasks the chain is empty.
   *
   * @param durations how long each task takes; not negative
   * @throws IllegalArgumentException when a duration is negative
   */
  public CriticalPath<T> criticalPath(Function<? super T, Duration> durations) {
    LongestChain chain =
        new LongestChain(dependencies, ordered(), node -> duration(ids.get(node), durations));
    return new CriticalPath<>(list(chain.nodes()), chain.length());
  }

  /**
   * {@return the direct dependencies of a task as it names them, each once; missing ones are among
   * them unless the policy is {@link MissingPolicy#PRUNE}}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public List<T> dependenciesOf(T id) {
    List<T> known = list(dependencies.of(ordinal(id)));
    return policy == MissingPolicy.PRUNE ? known : declared.getOrDefault(id, known);
  }

  /**
   * {@return the tasks that depend directly on this one, in declaration order}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public List<T> dependentsOf(T id) {
    return list(dependents.of(ordinal(id)));
  }

  /**
   * {@return every existing task that this one waits for, directly or not, in declaration order;
   * never itself}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public List<T> allDependenciesOf(T id) {
    return reachable(ordinal(id), dependencies);
  }

  /**
   * {@return every task that waits for this one, directly or not, in declaration order; never
   * itself}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public List<T> allDependentsOf(T id) {
    return reachable(ordinal(id), dependents);
  }

  /**
   * {@return the direct dependencies of a task that exist and are not satisfied, in the order in
   * which it names them}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public List<T> blockedBy(T id, Predicate<? super T> satisfied) {
    return dependenciesOf(id).stream()
        .filter(dependency -> contains(dependency) && !satisfied.test(dependency))
        .toList();
  }

  /**
   * {@return whether a task waits for nothing: all its dependencies are satisfied and none is
   * missing, unless the policy lets missing ones pass}
   *
   * @throws IllegalArgumentException when there is no such task
   */
  public boolean areDependenciesSatisfied(T id, Predicate<? super T> satisfied) {
    boolean held = policy == MissingPolicy.BLOCK && missing.containsKey(id);
    return blockedBy(id, satisfied).isEmpty() && !held;
  }

  /**
   * {@return whether making {@code dependent} wait for {@code prerequisite} would close a cycle}
   *
   * <p>Cycles that are there already do not count. A task that is not in the graph can only make a
   * cycle with itself.
   */
  public boolean wouldCreateCycle(T prerequisite, T dependent) {
    if (prerequisite.equals(dependent)) {
      return true;
    }
    return contains(prerequisite)
        && contains(dependent)
        && reached(ordinal(prerequisite), dependencies).get(ordinal(dependent));
  }

  /** {@return the missing dependencies of each task that has any, in declaration order} */
  public Map<T, List<T>> missing() {
    return missing;
  }

  int ordinal(T id) {
    int ordinal = ordinals.of(id);
    if (ordinal == Ordinals.NONE) {
      throw new IllegalArgumentException("unknown task '" + id + "'");
    }
    return ordinal;
  }

  List<T> list(int[] nodes) {
    return new IdList<>(ids, nodes);
  }

  List<T> blockedBy(int node, BitSet satisfied) {
    return list(
        Arrays.stream(dependencies.of(node))
            .filter(dependency -> !satisfied.get(dependency))
            .toArray());
  }

  private int[] ordered() {
    return Kahn.order(dependencies, dependents, ranks);
  }

  private int[] except(int[] ordered) {
    BitSet done = new BitSet(ids.size());
    for (int node : ordered) {
      done.set(node);
    }
    return IntStream.range(0, ids.size()).filter(node -> !done.get(node)).toArray();
  }

  private BitSet nodes(Predicate<? super T> test) {
    BitSet nodes = new BitSet();
    for (int node = 0; node < ids.size(); node++) {
      if (test.test(ids.get(node))) {
        nodes.set(node);
      }
    }
    return nodes;
  }

  private List<T> byPriority(List<Integer> batch) {
    return list(
        batch.stream()
            .mapToLong(node -> (long) ranks.of(node) << Integer.SIZE | node)
            .sorted()
            .mapToInt(key -> (int) key)
            .toArray());
  }

  private static <T> Duration duration(T id, Function<? super T, Duration> durations) {
    Duration duration = durations.apply(id);
    if (duration.isNegative()) {
      throw new IllegalArgumentException("task '" + id + "' takes " + duration + ", below zero");
    }
    return duration;
  }

  private List<T> reachable(int start, Links links) {
    BitSet reached = reached(start, links);
    reached.clear(start);
    return list(reached.stream().toArray());
  }

  private static BitSet reached(int start, Links links) {
    BitSet reached = new BitSet();
    int[] toVisit = new int[links.nodes()];
    int count = 0;
    reached.set(start);
    toVisit[count++] = start;
    while (count > 0) {
      int node = toVisit[--count];
      for (int link = links.start(node); link < links.end(node); link++) {
        int target = links.target(link);
        if (!reached.get(target)) {
          reached.set(target);
          toVisit[count++] = target;
        }
      }
    }
    return reached;
  }

  private Map<T, List<T>> missing(Map<T, List<T>> declared) {
    Map<T, List<T>> missing = new LinkedHashMap<>();
    for (Map.Entry<T, List<T>> task : declared.entrySet()) {
      missing.put(task.getKey(), task.getValue().stream().filter(d -> !contains(d)).toList());
    }
    return Collections.unmodifiableMap(missing);
  }

  /**
   * Collects tasks; dependencies may be named before they are added.
   *
   * <p>By default a task has {@link Priority#DEFAULT} and a missing dependency {@linkplain
   * MissingPolicy#BLOCK blocks}. A builder builds once.
   *
   * @param <T> what identifies a task
   */
  public static final class Builder<T> {

    private static final int INITIAL_SIZE = 16;

    private final Ordinals<T> ordinals = new Ordinals<>();
    private final Mentions<T> mentions = new Mentions<>();
    private int[] priorities = new int[INITIAL_SIZE];
    private MissingPolicy policy = MissingPolicy.BLOCK;
    private boolean built;

    private Builder() {}

    /** Add a task of default priority. */
    public Builder<T> add(T id, Collection<? extends T> dependencies) {
      return add(id, Priority.DEFAULT, dependencies);
    }

    /**
     * Add a task.
     *
     * @throws IllegalArgumentException when the id was added before
     */
    public Builder<T> add(T id, Priority priority, Collection<? extends T> dependencies) {
      requireOpen();
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(priority, "priority");
      // no loop: its iterator is not optimised away, 64 bytes for each task
      dependencies.forEach(dependency -> Objects.requireNonNull(dependency, "dependency"));
      int ordinal = ordinals.size();
      if (!ordinals.add(id)) {
        throw new IllegalArgumentException("duplicate task '" + id + "'");
      }
      mentions.add(dependencies);
      if (ordinal == priorities.length) {
        priorities = Arrays.copyOf(priorities, ordinal * 2);
      }
      priorities[ordinal] = priority.value();
      return this;
    }

    /**
     * Say what a dependency on a task that is not added means; {@link MissingPolicy#BLOCK} if not.
     */
    public Builder<T> missing(MissingPolicy policy) {
      this.policy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /** {@return the graph; the builder is of no use afterwards} */
    public DependencyGraph<T> build() {
      requireOpen();
      built = true;
      Links links = mentions.links(ordinals);
      // in full, because IGNORE keeps what is missing among a task's dependencies
      Map<T, List<T>> declared = new LinkedHashMap<>();
      BitSet incomplete = mentions.incomplete();
      for (int i = incomplete.nextSetBit(0); i >= 0; i = incomplete.nextSetBit(i + 1)) {
        declared.put(ordinals.id(i), mentions.of(i));
      }
      return new DependencyGraph<>(this, links, declared);
    }

    private void requireOpen() {
      if (built) {
        throw new IllegalStateException("the graph was built already");
      }
    }
  }
}
