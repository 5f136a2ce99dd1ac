package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The graph against a {@link NaiveGraph}, on small random graphs. */
class DependencyGraphPropertiesTest {

  @Property
  void theOrderIsThatOfTheNaiveGraph(@ForAll("anyGraph") NaiveGraph naive) {
    Resolution<Integer> resolution = naive.graph().resolve();

    assertThat(resolution.order()).isEqualTo(naive.order());
    assertThat(resolution.order()).containsExactlyInAnyOrderElementsOf(naive.ids());
  }

  @Property
  void anAcyclicOrderHasDependenciesFirstAndTheMostUrgentOfTheReady(
      @ForAll("acyclicGraph") NaiveGraph naive) {
    Resolution<Integer> resolution = naive.graph().resolve();

    assertThat(resolution.isAcyclic()).isTrue();
    Set<Integer> done = new HashSet<>();
    for (int id : resolution.order()) {
      assertThat(done).containsAll(naive.dependencies(id));
      assertThat(naive.readyAfter(done))
          .allMatch(other -> naive.priority(other) >= naive.priority(id));
      done.add(id);
    }
    assertThat(done).hasSize(naive.ids().size());
  }

  @Property
  void theReadySetAgreesWithTheBatch(@ForAll("acyclicGraph") NaiveGraph naive) {
    ReadySet<Integer> tasks = new ReadySet<>();
    naive.ids().forEach(id -> tasks.add(id, naive.priorityOf(id), List.of()));
    naive.ids().forEach(id -> tasks.addDependencies(id, naive.dependencies(id)));

    List<Integer> order = new ArrayList<>();
    while (tasks.first().isPresent()) {
      order.add(tasks.first().get());
      tasks.complete(tasks.first().get());
    }

    assertThat(order).containsExactlyInAnyOrderElementsOf(naive.ids());
    assertThat(order).isEqualTo(naive.graph().resolve().order());
  }

  @Property
  void aReadySetThatIsFilledWhileWorkGoesOnKnowsExactlyWhatIsReady(
      @ForAll("acyclicGraph") NaiveGraph naive, @ForAll List<Boolean> addFirst) {
    ReadySet<Integer> tasks = new ReadySet<>();
    Set<Integer> done = new HashSet<>();
    int step = 0;
    for (int id : naive.graph().resolve().order()) {
      tasks.add(id, naive.priorityOf(id), naive.dependencies(id));
      if (step < addFirst.size() && addFirst.get(step++)) {
        done.add(tasks.first().orElseThrow());
        tasks.complete(tasks.first().orElseThrow());
      }
      assertThat(tasks.ready())
          .containsExactlyInAnyOrderElementsOf(
              naive.readyAfter(done).stream().filter(tasks::contains).toList());
    }
  }

  @Property
  void cyclesAreAllTheElementaryOnesInRingOrder(@ForAll("anyGraph") NaiveGraph naive) {
    Resolution<Integer> resolution = naive.graph().resolve();

    assertThat(resolution.everyCycle()).isTrue();
    assertThat(resolution.cycles()).containsExactlyInAnyOrderElementsOf(naive.cycles());
    assertThat(resolution.cycles())
        .isSortedAccordingTo((one, other) -> Integer.compare(one.get(0), other.get(0)));
  }

  @Property
  void tasksBehindCyclesAreTheRestOfTheTail(@ForAll("anyGraph") NaiveGraph naive) {
    Set<Integer> onCycles = new HashSet<>();
    naive.cycles().forEach(onCycles::addAll);

    assertThat(naive.graph().resolve().behindCycles())
        .isEqualTo(naive.tail().stream().filter(id -> !onCycles.contains(id)).toList());
  }

  @Property
  void levelsAreTheLongestWayFromAStart(@ForAll("anyGraph") NaiveGraph naive) {
    Map<Integer, Set<Integer>> naiveLevels = new TreeMap<>();
    naive
        .orderable()
        .forEach(
            id ->
                naiveLevels
                    .computeIfAbsent(naive.longestChain(id, any -> 1) - 1, level -> new HashSet<>())
                    .add(id));

    List<List<Integer>> levels = naive.graph().levels();

    assertThat(levels.stream().map(level -> (Set<Integer>) new HashSet<>(level)).toList())
        .isEqualTo(List.copyOf(naiveLevels.values()));
    levels.forEach(
        level ->
            assertThat(level)
                .isSortedAccordingTo(
                    (one, other) ->
                        naive.priority(one) != naive.priority(other)
                            ? Integer.compare(naive.priority(one), naive.priority(other))
                            : Integer.compare(one, other)));
  }

  @Property
  void theCriticalPathIsAChainOfTheGreatestLength(@ForAll("anyGraph") NaiveGraph naive) {
    Map<Integer, Integer> seconds = new HashMap<>();
    naive.ids().forEach(id -> seconds.put(id, id * 7 % 5));
    int longest =
        naive.orderable().stream()
            .mapToInt(id -> naive.longestChain(id, seconds::get))
            .max()
            .orElse(0);

    CriticalPath<Integer> path =
        naive.graph().criticalPath(id -> Duration.ofSeconds(seconds.get(id)));

    assertThat(path.length()).isEqualTo(Duration.ofSeconds(longest));
    assertThat(path.tasks().stream().mapToInt(seconds::get).sum()).isEqualTo(longest);
    for (int i = 1; i < path.tasks().size(); i++) {
      assertThat(naive.dependencies(path.tasks().get(i))).contains(path.tasks().get(i - 1));
    }
  }

  @Property
  void aLinkWouldCreateACycleWhenThePrerequisiteWaitsForTheDependent(
      @ForAll("anyGraph") NaiveGraph naive) {
    DependencyGraph<Integer> graph = naive.graph();
    for (int prerequisite : naive.ids()) {
      for (int dependent : naive.ids()) {
        assertThat(graph.wouldCreateCycle(prerequisite, dependent))
            .isEqualTo(
                prerequisite == dependent || naive.waitsFor(prerequisite).contains(dependent));
      }
    }
  }

  @Property
  void reachabilityIsThatOfTheNaiveGraph(@ForAll("anyGraph") NaiveGraph naive) {
    DependencyGraph<Integer> graph = naive.graph();
    for (int id : naive.ids()) {
      assertThat(graph.allDependenciesOf(id))
          .isEqualTo(naive.waitsFor(id).stream().filter(other -> other != id).sorted().toList());
      assertThat(graph.allDependentsOf(id))
          .isEqualTo(
              naive.ids().stream()
                  .filter(other -> other != id && naive.waitsFor(other).contains(id))
                  .toList());
    }
  }

  @Property
  void blockersAreTheOpenOnesAmongTheDirectDependencies(
      @ForAll("anyGraph") NaiveGraph naive, @ForAll Set<Integer> satisfied) {
    Resolution<Integer> resolution = naive.graph().resolve(id -> satisfied.contains(id % 3));
    for (int id : naive.ids()) {
      List<Integer> expected =
          naive.dependencies(id).stream().filter(d -> !satisfied.contains(d % 3)).toList();

      assertThat(resolution.blockedBy(id)).isEqualTo(expected);
      assertThat(resolution.blocked().getOrDefault(id, List.of())).isEqualTo(expected);
    }
  }

  @Property
  void resolvingIsDeterministic(@ForAll("anyGraph") NaiveGraph naive) {
    assertThat(naive.graph().resolve().order()).isEqualTo(naive.graph().resolve().order());
    assertThat(naive.graph().resolve().cycles()).isEqualTo(naive.graph().resolve().cycles());
  }

  @Provide
  Arbitrary<NaiveGraph> anyGraph() {
    return graph(7, false);
  }

  @Provide
  Arbitrary<NaiveGraph> acyclicGraph() {
    return graph(14, true);
  }

  /** Ids are declared as 0, 1, 2 ...; the ranks say which of two may depend on the other. */
  private static Arbitrary<NaiveGraph> graph(int maxTasks, boolean acyclic) {
    return Arbitraries.integers()
        .between(0, maxTasks)
        .flatMap(
            size -> {
              Arbitrary<List<Integer>> priorities =
                  Arbitraries.integers().between(1, 3).list().ofSize(size);
              Arbitrary<List<Integer>> ranks =
                  Arbitraries.integers().between(0, 99).list().ofSize(size);
              Arbitrary<List<List<Integer>>> dependencies =
                  Arbitraries.integers()
                      .between(0, Math.max(0, size - 1))
                      .list()
                      .ofMaxSize(5)
                      .list()
                      .ofSize(size);
              return Combinators.combine(priorities, ranks, dependencies)
                  .as((p, r, d) -> NaiveGraph.of(p, acyclic ? downwards(d, r) : d));
            });
  }

  private static List<List<Integer>> downwards(
      List<List<Integer>> dependencies, List<Integer> ranks) {
    List<List<Integer>> kept = new ArrayList<>();
    for (int id = 0; id < dependencies.size(); id++) {
      int rank = ranks.get(id);
      kept.add(dependencies.get(id).stream().filter(d -> ranks.get(d) < rank).toList());
    }
    return kept;
  }
}
