package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DependencyGraphTest {

  private final DependencyGraph.Builder<String> tasks = DependencyGraph.builder();

  @Test
  void resolvesTheExampleOfItsDocumentation() {
    DependencyGraph<String> graph =
        DependencyGraph.<String>builder()
            .add("deploy", List.of("build"))
            .add("build", Priority.of(1), List.of())
            .build();

    assertThat(graph.resolve().order()).containsExactly("build", "deploy");
  }

  @Test
  void aSelfDependencyIsACycleOfOne() {
    Resolution<String> resolution =
        tasks.add("a", List.of("a")).add("b", List.of()).build().resolve();

    assertThat(resolution.cycles()).containsExactly(List.of("a"));
    assertThat(resolution.order()).containsExactly("b", "a");
    assertThat(resolution.isAcyclic()).isFalse();
  }

  @Test
  void aRingIsGivenAlongItsDependenciesFromTheMemberDeclaredFirst() {
    Resolution<String> resolution =
        tasks
            .add("c", List.of("b"))
            .add("a", List.of("c"))
            .add("b", List.of("a"))
            .build()
            .resolve();

    assertThat(resolution.cycles()).containsExactly(List.of("c", "b", "a"));
  }

  @Test
  void cyclesThatShareTasksAreGivenOneByOne() {
    Resolution<String> resolution =
        tasks
            .add("a", List.of("b"))
            .add("b", List.of("a", "c"))
            .add("c", List.of("b", "a"))
            .build()
            .resolve();

    assertThat(resolution.cycles())
        .containsExactly(List.of("a", "b"), List.of("a", "b", "c"), List.of("b", "c"));
    assertThat(resolution.everyCycle()).isTrue();
  }

  @Test
  void aThousandCyclesMoreThanKnotsAreEnough() {
    List<Integer> all = IntStream.range(0, 30).boxed().toList();
    DependencyGraph.Builder<Integer> complete = DependencyGraph.builder();
    all.forEach(id -> complete.add(id, all));
    complete.add(30, List.of(31)).add(31, List.of(30));

    Resolution<Integer> resolution = complete.build().resolve();

    assertThat(resolution.everyCycle()).isFalse();
    assertThat(resolution.cycles()).hasSize(1_002).contains(List.of(30, 31));
    assertThat(resolution.behindCycles()).isEmpty();
  }

  @Test
  void tasksBehindACycleJoinTheTailButNoCycle() {
    Resolution<String> resolution =
        tasks
            .add("tail", Priority.of(1), List.of("x"))
            .add("x", List.of("y"))
            .add("free", Priority.of(9), List.of())
            .add("y", List.of("x"))
            .add("end", List.of("tail", "free"))
            .build()
            .resolve();

    assertThat(resolution.order()).containsExactly("free", "tail", "x", "y", "end");
    assertThat(resolution.behindCycles()).containsExactly("tail", "end");
    assertThat(resolution.cycles()).containsExactly(List.of("x", "y"));
  }

  @Test
  void aMissingDependencyHoldsBackByDefault() {
    DependencyGraph<String> graph =
        tasks.add("a", List.of("ghost", "b", "ghost")).add("b", List.of()).build();

    assertThat(graph.areDependenciesSatisfied("a", id -> true)).isFalse();
    assertThat(graph.missing()).isEqualTo(Map.of("a", List.of("ghost")));
    assertThat(graph.dependenciesOf("a")).containsExactly("ghost", "b");
  }

  @Test
  void anIgnoredMissingDependencyIsKeptButHoldsNothingBack() {
    DependencyGraph<String> graph =
        tasks.missing(MissingPolicy.IGNORE).add("a", List.of("ghost")).build();

    assertThat(graph.areDependenciesSatisfied("a", id -> false)).isTrue();
    assertThat(graph.missing()).isEqualTo(Map.of("a", List.of("ghost")));
    assertThat(graph.dependenciesOf("a")).containsExactly("ghost");
  }

  @Test
  void aPrunedMissingDependencyIsReportedAndNoDependency() {
    DependencyGraph<String> graph =
        tasks
            .missing(MissingPolicy.PRUNE)
            .add("a", List.of("ghost", "b"))
            .add("b", List.of())
            .build();

    assertThat(graph.areDependenciesSatisfied("a", "b"::equals)).isTrue();
    assertThat(graph.resolve().missing()).isEqualTo(Map.of("a", List.of("ghost")));
    assertThat(graph.dependenciesOf("a")).containsExactly("b");
  }

  @Test
  void blockersAreDirectUnsatisfiedAndInTheOrderNamed() {
    DependencyGraph<String> graph =
        tasks
            .add("c", List.of("b", "ghost", "a", "b"))
            .add("b", List.of("a"))
            .add("a", List.of())
            .build();

    assertThat(graph.blockedBy("c", id -> false)).containsExactly("b", "a");
    assertThat(graph.resolve("b"::equals).blockedBy("c")).containsExactly("a");
    assertThat(graph.resolve("a"::equals).blocked()).isEqualTo(Map.of("c", List.of("b")));
  }

  @Test
  void levelsAreBatchesByPriority() {
    DependencyGraph<String> graph =
        tasks
            .add("ship", List.of("ui", "api"))
            .add("ui", Priority.of(3), List.of("base"))
            .add("api", Priority.of(1), List.of("base"))
            .add("base", List.of())
            .add("ring", List.of("ring"))
            .build();

    assertThat(graph.levels())
        .containsExactly(List.of("base"), List.of("api", "ui"), List.of("ship"));
  }

  @Test
  void theCriticalPathIsTheLongestChain() {
    DependencyGraph<String> graph =
        tasks
            .add("design", List.of())
            .add("api", List.of("design"))
            .add("ui", List.of("design"))
            .add("ship", List.of("ui", "api"))
            .add("ring", List.of("ring"))
            .build();
    Map<String, Integer> minutes =
        Map.of("design", 10, "api", 30, "ui", 20, "ship", 5, "ring", 1_000);

    CriticalPath<String> path = graph.criticalPath(id -> Duration.ofMinutes(minutes.get(id)));

    assertThat(path.tasks()).containsExactly("design", "api", "ship");
    assertThat(path.length()).isEqualTo(Duration.ofMinutes(45));
  }

  @Test
  void equallyLongChainsGoThroughWhatIsNamedFirst() {
    DependencyGraph<String> graph =
        tasks
            .add("one", List.of())
            .add("two", List.of())
            .add("end", List.of("two", "one"))
            .add("other", List.of("one"))
            .build();

    assertThat(graph.criticalPath(id -> Duration.ofSeconds(1)).tasks())
        .containsExactly("two", "end");
  }

  @Test
  void anEmptyGraphHasAnEmptyCriticalPath() {
    assertThat(tasks.build().criticalPath(id -> Duration.ofSeconds(1)))
        .isEqualTo(new CriticalPath<String>(List.of(), Duration.ZERO));
  }

  @Test
  void aNegativeDurationIsRefused() {
    DependencyGraph<String> graph = tasks.add("a", List.of()).build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.criticalPath(id -> Duration.ofSeconds(-1)))
        .withMessageContaining("'a'");
  }

  @Test
  void knowsWhatComesBeforeAndAfter() {
    DependencyGraph<String> graph =
        tasks
            .add("ship", List.of("api"))
            .add("api", List.of("base"))
            .add("base", List.of())
            .add("side", List.of("base"))
            .build();

    assertThat(graph.dependentsOf("base")).containsExactly("api", "side");
    assertThat(graph.allDependentsOf("base")).containsExactly("ship", "api", "side");
    assertThat(graph.allDependenciesOf("ship")).containsExactly("api", "base");
    assertThat(graph.allDependenciesOf("base")).isEmpty();
  }

  @Test
  void aTaskOnACycleIsNotAmongItsOwnDependents() {
    DependencyGraph<String> graph = tasks.add("a", List.of("b")).add("b", List.of("a")).build();

    assertThat(graph.allDependentsOf("a")).containsExactly("b");
  }

  @Test
  void aTaskThatWouldWaitForItselfClosesACycle() {
    DependencyGraph<String> graph = tasks.add("a", List.of()).add("b", List.of("a")).build();

    assertThat(graph.wouldCreateCycle("a", "a")).isTrue();
    assertThat(graph.wouldCreateCycle("b", "a")).isTrue();
    assertThat(graph.wouldCreateCycle("a", "b")).isFalse();
    assertThat(graph.wouldCreateCycle("a", "ghost")).isFalse();
  }

  @Test
  void aDependencyNamedTwiceCountsOnceHoweverManyThereAre() {
    List<String> named = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tasks.add("t" + i, List.of());
      named.add("t" + i);
    }
    List<String> twice = new ArrayList<>(named);
    twice.addAll(named);
    DependencyGraph<String> graph =
        tasks.add("last", twice).add("few", List.of("t1", "t1")).build();

    assertThat(graph.dependenciesOf("last")).isEqualTo(named);
    assertThat(graph.dependenciesOf("few")).containsExactly("t1");
    assertThat(graph.dependentsOf("t1")).containsExactly("last", "few");
  }

  @Test
  void refusesDuplicatesAndUnknownIds() {
    tasks.add("a", List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tasks.add("a", List.of()))
        .withMessageContaining("'a'");
    DependencyGraph<String> graph = tasks.build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.dependentsOf("ghost"))
        .withMessageContaining("'ghost'");
    assertThatIllegalArgumentException().isThrownBy(() -> graph.resolve().blockedBy("ghost"));
  }

  @Test
  void aBuilderBuildsOnce() {
    tasks.build();

    assertThatIllegalStateException().isThrownBy(tasks::build);
    assertThatIllegalStateException().isThrownBy(() -> tasks.add("a", List.of()));
  }
}
