package dev.maestro.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Large graphs: what is asked here is that nothing overflows, runs away or comes out wrong. */
class DependencyGraphScaleTest {

  private static final int MILLION = 1_000_000;
  private static final long SMALL_STACK = 64 * 1024;
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void aChainOfTenThousandGivenInReverse() {
    DependencyGraph.Builder<String> chain = DependencyGraph.builder();
    for (int n = 10_000; n > 0; n--) {
      chain.add("n" + n, n == 1 ? List.of() : List.of("n" + (n - 1)));
    }

    assertThat(chain.build().resolve().order())
        .isEqualTo(IntStream.rangeClosed(1, 10_000).mapToObj(n -> "n" + n).toList());
  }

  @Test
  void oneRingOfTenThousand() {
    assertThat(ring(10_000).resolve().cycles())
        .singleElement()
        .isEqualTo(IntStream.range(0, 10_000).boxed().toList());
  }

  @Test
  void fiveThousandIndependentTasksKeepTheirOrder() {
    List<Integer> shuffled = new ArrayList<>(IntStream.range(0, 5_000).boxed().toList());
    Collections.shuffle(shuffled, new Random(5_000));
    DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
    shuffled.forEach(id -> tasks.add(id, List.of()));

    assertThat(tasks.build().resolve().order()).isEqualTo(shuffled);
  }

  @Test
  void aMillionTasksWithThreeMillionDependencies() {
    Random random = new Random(42);
    DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
    for (int id = 0; id < MILLION; id++) {
      tasks.add(id, Priority.of(1 + random.nextInt(3)), someBelow(id, random));
    }
    DependencyGraph<Integer> graph = tasks.build();

    Resolution<Integer> resolution = graph.resolve();

    assertThat(resolution.cycles()).isEmpty();
    assertDependenciesFirst(graph, resolution.order());
  }

  @Test
  void aMillionDifferentPriorities() {
    int[] priorities = new Random(7).ints(MILLION).toArray();
    DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
    for (int id = 0; id < MILLION; id++) {
      tasks.add(id, Priority.of(priorities[id]), List.of());
    }

    int[] ordered =
        tasks.build().resolve().order().stream().mapToInt(id -> priorities[id]).toArray();

    Arrays.sort(priorities);
    assertThat(ordered).isEqualTo(priorities);
  }

  @Test
  void aChainOfAMillionOnASmallStack() throws Exception {
    onASmallStack(
        () -> {
          DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
          for (int id = MILLION - 1; id >= 0; id--) {
            tasks.add(id, id == 0 ? List.of() : List.of(id - 1));
          }
          DependencyGraph<Integer> chain = tasks.build();

          assertThat(chain.resolve().order()).hasSize(MILLION).startsWith(0, 1, 2);
          assertThat(chain.levels()).hasSize(MILLION);
          assertThat(chain.criticalPath(id -> SECOND).length())
              .isEqualTo(SECOND.multipliedBy(MILLION));
          assertThat(chain.allDependentsOf(0)).hasSize(MILLION - 1);
          assertThat(chain.wouldCreateCycle(MILLION - 1, 0)).isTrue();
        });
  }

  @Test
  void aRingOfAMillionOnASmallStack() throws Exception {
    onASmallStack(
        () -> {
          Resolution<Integer> resolution = ring(MILLION).resolve();

          assertThat(resolution.everyCycle()).isTrue();
          assertThat(resolution.cycles()).singleElement();
          assertThat(resolution.cycles().get(0)).hasSize(MILLION);
          assertThat(resolution.order()).hasSize(MILLION).startsWith(0, 1, 2);
        });
  }

  @Test
  void aTangleOfAMillionIsGivenUpWithAtLeastOneCycle() throws Exception {
    onASmallStack(
        () -> {
          Random random = new Random(3);
          DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
          for (int id = 0; id < MILLION; id++) {
            tasks.add(id, List.of((id + 1) % MILLION, random.nextInt(MILLION)));
          }

          Resolution<Integer> resolution = tasks.build().resolve();

          assertThat(resolution.everyCycle()).isFalse();
          assertThat(resolution.cycles()).isNotEmpty();
          assertThat(resolution.order()).hasSize(MILLION);
        });
  }

  @Test
  void tenThousandPairsAreTenThousandCycles() {
    DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
    for (int id = 0; id < 20_000; id++) {
      tasks.add(id, List.of(id ^ 1));
    }

    Resolution<Integer> resolution = tasks.build().resolve();

    assertThat(resolution.cycles()).hasSize(10_000);
    assertThat(resolution.everyCycle()).isTrue();
  }

  @Test
  void aMillionTasksOneByOne() {
    ReadySet<Integer> tasks = new ReadySet<>();
    tasks.add(0, List.of());
    for (int id = 1; id < MILLION; id++) {
      tasks.add(id, List.of(id - 1, id / 2));
    }

    for (int id = 0; id < MILLION; id++) {
      assertThat(tasks.first()).hasValue(id);
      tasks.complete(id);
    }

    assertThat(tasks.ready()).isEmpty();
  }

  private static DependencyGraph<Integer> ring(int size) {
    DependencyGraph.Builder<Integer> tasks = DependencyGraph.builder();
    for (int id = 0; id < size; id++) {
      tasks.add(id, List.of((id + 1) % size));
    }
    return tasks.build();
  }

  private static List<Integer> someBelow(int id, Random random) {
    return id == 0
        ? List.of()
        : List.of(random.nextInt(id), random.nextInt(id), random.nextInt(id));
  }

  private static void assertDependenciesFirst(DependencyGraph<Integer> graph, List<Integer> order) {
    int[] position = new int[order.size()];
    Arrays.fill(position, -1);
    for (int i = 0; i < position.length; i++) {
      position[order.get(i)] = i;
    }
    for (int id = 0; id < position.length; id++) {
      for (int dependency : graph.dependenciesOf(id)) {
        if (position[dependency] < 0 || position[dependency] >= position[id]) {
          throw new AssertionError(id + " comes before " + dependency);
        }
      }
    }
  }

  private static void onASmallStack(Runnable work) throws Exception {
    FutureTask<Void> task = new FutureTask<>(work, null);
    Thread thread = new Thread(null, task, "small-stack", SMALL_STACK);
    thread.start();
    task.get();
  }
}
