package dev.maestro.store;

import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which runs to find, in which order, and how many.
 *
 * <pre>{@code
 * RunQuery.all().tenant(acme).label("team", "blue").state(RunStatus.FAILED).newestFirst().limit(50)
 * }</pre>
 *
 * <p>Every part that is null or empty lets all pass. Unless told otherwise, those that started
 * first come first, without a limit. Pages: ask for so many, then for the same {@link #after} the
 * last one that was found. In an order by start, runs that start or move meanwhile are neither lost
 * nor found twice; in one by update, a run that moves comes to the front.
 *
 * @param tenant whose
 * @param pipeline of this pipeline
 * @param states in one of these states
 * @param open that have not ended, or that have
 * @param startedFrom started then or later
 * @param startedBefore started earlier
 * @param updatedFrom moved to their present state then or later
 * @param updatedBefore moved to their present state earlier
 * @param labels that carry all of these
 * @param order which come first
 * @param after only those behind this one in that order
 * @param limit at most so many
 */
public record RunQuery(
    @Nullable Tenant tenant,
    @Nullable String pipeline,
    Set<String> states,
    @Nullable Boolean open,
    @Nullable Instant startedFrom,
    @Nullable Instant startedBefore,
    @Nullable Instant updatedFrom,
    @Nullable Instant updatedBefore,
    Map<String, String> labels,
    Order order,
    @Nullable RunIndex after,
    int limit) {

  private static final Comparator<RunIndex> BY_NAME =
      Comparator.<RunIndex, String>comparing(index -> index.run().tenant().value())
          .thenComparing(index -> index.run().run());
  private static final Comparator<RunIndex> BY_START =
      Comparator.comparing(RunIndex::startedAt).thenComparing(BY_NAME);
  private static final Comparator<RunIndex> BY_UPDATE =
      Comparator.comparing(RunIndex::updatedAt).reversed().thenComparing(BY_NAME);
  private static final Comparator<RunIndex> BY_PRIORITY =
      Comparator.comparing(RunIndex::priority).thenComparing(BY_START);

  // up to so many, the first are found without sorting all
  private static final int FEW = 1_000;

  private static final RunQuery ALL =
      new RunQuery(
          null,
          null,
          Set.of(),
          null,
          null,
          null,
          null,
          null,
          Map.of(),
          Order.OLDEST_FIRST,
          null,
          Integer.MAX_VALUE);

  /** Which of the runs come first; those that are equal in it are ordered by name. */
  public enum Order {
    /** Those that started first. */
    OLDEST_FIRST,
    /** Those that started last. */
    NEWEST_FIRST,
    /** Those that moved to their present state last. */
    LAST_UPDATED_FIRST,
    /** The most urgent, and among those the ones that started first. */
    MOST_URGENT_FIRST
  }

  /** Copy the states and labels, and check the limit. */
  public RunQuery {
    states = Set.copyOf(states);
    labels = Map.copyOf(labels);
    Objects.requireNonNull(order, "order");
    if (limit < 1) {
      throw new IllegalArgumentException("a limit is at least 1, not " + limit);
    }
  }

  /** {@return every run of every tenant} */
  public static RunQuery all() {
    return ALL;
  }

  /** {@return every run that has not ended, of every tenant} */
  public static RunQuery allOpen() {
    return ALL.open(true);
  }

  /** {@return every run of a tenant} */
  public static RunQuery of(Tenant tenant) {
    return ALL.tenant(tenant);
  }

  // ------------------------------------------------------------------ composing

  /** {@return the same, for runs of this tenant} */
  public RunQuery tenant(Tenant only) {
    Parts parts = new Parts(this);
    parts.tenant = Objects.requireNonNull(only, "tenant");
    return parts.query();
  }

  /** {@return the same, for runs of pipelines of this name} */
  public RunQuery pipeline(String name) {
    Parts parts = new Parts(this);
    parts.pipeline = Objects.requireNonNull(name, "pipeline");
    return parts.query();
  }

  /** {@return the same, for runs in this state, or in one that was named before} */
  public RunQuery state(RunStatus state) {
    Parts parts = new Parts(this);
    parts.states.add(state.name());
    return parts.query();
  }

  /** {@return the same, for runs that have not ended} */
  public RunQuery notEnded() {
    return open(true);
  }

  /** {@return the same, for runs that have ended} */
  public RunQuery ended() {
    return open(false);
  }

  private RunQuery open(boolean only) {
    Parts parts = new Parts(this);
    parts.open = only;
    return parts.query();
  }

  /** {@return the same, for runs that started then or later} */
  public RunQuery startedFrom(Instant from) {
    Parts parts = new Parts(this);
    parts.startedFrom = Objects.requireNonNull(from, "startedFrom");
    return parts.query();
  }

  /** {@return the same, for runs that started earlier} */
  public RunQuery startedBefore(Instant before) {
    Parts parts = new Parts(this);
    parts.startedBefore = Objects.requireNonNull(before, "startedBefore");
    return parts.query();
  }

  /** {@return the same, for runs that moved to their present state then or later} */
  public RunQuery updatedFrom(Instant from) {
    Parts parts = new Parts(this);
    parts.updatedFrom = Objects.requireNonNull(from, "updatedFrom");
    return parts.query();
  }

  /** {@return the same, for runs that moved to their present state earlier} */
  public RunQuery updatedBefore(Instant before) {
    Parts parts = new Parts(this);
    parts.updatedBefore = Objects.requireNonNull(before, "updatedBefore");
    return parts.query();
  }

  /** {@return the same, for runs that carry this label too} */
  public RunQuery label(String name, String value) {
    Parts parts = new Parts(this);
    parts.labels.put(name, value);
    return parts.query();
  }

  /** {@return the same runs, those that started last first} */
  public RunQuery newestFirst() {
    return order(Order.NEWEST_FIRST);
  }

  /** {@return the same runs in this order} */
  public RunQuery order(Order newOrder) {
    Parts parts = new Parts(this);
    parts.order = newOrder;
    return parts.query();
  }

  /** {@return the same, for runs behind this one; for the next page, the last of this one} */
  public RunQuery after(RunIndex last) {
    Parts parts = new Parts(this);
    parts.after = Objects.requireNonNull(last, "after");
    return parts.query();
  }

  /** {@return the same, but at most so many} */
  public RunQuery limit(int most) {
    Parts parts = new Parts(this);
    parts.limit = most;
    return parts.query();
  }

  // ------------------------------------------------------------------ answering

  /**
   * {@return whether the run is one of those asked for; {@code after} and the limit do not count}
   */
  public boolean matches(RunIndex run) {
    return (tenant == null || tenant.equals(run.run().tenant()))
        && (pipeline == null || pipeline.equals(run.pipeline()))
        && (states.isEmpty() || states.contains(run.state()))
        && (open == null || open == run.open())
        && (startedFrom == null || !run.startedAt().isBefore(startedFrom))
        && (startedBefore == null || run.startedAt().isBefore(startedBefore))
        && (updatedFrom == null || !run.updatedAt().isBefore(updatedFrom))
        && (updatedBefore == null || run.updatedAt().isBefore(updatedBefore))
        && run.labels().entrySet().containsAll(labels.entrySet());
  }

  /**
   * {@return those of the runs that are asked for, in their order, from {@code after} to the limit}
   *
   * <p>For stores that hold their index in memory.
   */
  public List<RunIndex> select(Stream<RunIndex> runs) {
    Comparator<RunIndex> comparator = comparator();
    Stream<RunIndex> found =
        runs.filter(this::matches)
            .filter(run -> after == null || comparator.compare(run, after) > 0);
    return limit <= FEW ? first(found, comparator) : found.sorted(comparator).limit(limit).toList();
  }

  /** Most of many are looked at once and put in no order. */
  private List<RunIndex> first(Stream<RunIndex> runs, Comparator<RunIndex> comparator) {
    PriorityQueue<RunIndex> first = new PriorityQueue<>(comparator.reversed());
    runs.forEach(
        run -> {
          if (first.size() < limit) {
            first.add(run);
          } else if (comparator.compare(run, first.element()) < 0) {
            first.remove();
            first.add(run);
          }
        });
    return first.stream().sorted(comparator).toList();
  }

  private Comparator<RunIndex> comparator() {
    return switch (order) {
      case OLDEST_FIRST -> BY_START;
      case NEWEST_FIRST -> BY_START.reversed();
      case LAST_UPDATED_FIRST -> BY_UPDATE;
      case MOST_URGENT_FIRST -> BY_PRIORITY;
    };
  }

  /** The parts of a query while one of them is changed. */
  private static final class Parts {
    private @Nullable Tenant tenant;
    private @Nullable String pipeline;
    private final Set<String> states;
    private @Nullable Boolean open;
    private @Nullable Instant startedFrom;
    private @Nullable Instant startedBefore;
    private @Nullable Instant updatedFrom;
    private @Nullable Instant updatedBefore;
    private final Map<String, String> labels;
    private Order order;
    private @Nullable RunIndex after;
    private int limit;

    Parts(RunQuery query) {
      tenant = query.tenant;
      pipeline = query.pipeline;
      states = new HashSet<>(query.states);
      open = query.open;
      startedFrom = query.startedFrom;
      startedBefore = query.startedBefore;
      updatedFrom = query.updatedFrom;
      updatedBefore = query.updatedBefore;
      labels = new HashMap<>(query.labels);
      order = query.order;
      after = query.after;
      limit = query.limit;
    }

    RunQuery query() {
      return new RunQuery(
          tenant,
          pipeline,
          states,
          open,
          startedFrom,
          startedBefore,
          updatedFrom,
          updatedBefore,
          labels,
          order,
          after,
          limit);
    }
  }
}
