package dev.maestro.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.store.RunQuery.Order;
import dev.maestro.task.Priority;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunQueryTest {

  private static final Instant NOW = Fixtures.NOW;
  private static final Tenant ACME = Tenant.of("acme");

  private static RunIndex run(String name, RunStatus status, int started, int updated, int urgent) {
    return new RunIndex(
        new RunKey(ACME, RunId.of(name)),
        "tdd",
        status.name(),
        !status.isTerminal(),
        NOW.plusSeconds(started),
        NOW.plusSeconds(updated),
        Map.of("team", name.equals("b") ? "red" : "blue", "kind", "night"),
        Priority.of(urgent));
  }

  private static final RunIndex A = run("a", RunStatus.RUNNING, 0, 9, 3);
  private static final RunIndex B = run("b", RunStatus.FAILED, 1, 5, 2);
  private static final RunIndex C = run("c", RunStatus.WAITING, 1, 2, -1);
  private static final List<RunIndex> ALL = List.of(C, A, B);

  private static List<RunIndex> find(RunQuery query) {
    return query.select(ALL.stream());
  }

  @Test
  void findsByState() {
    assertThat(find(RunQuery.all().state(RunStatus.RUNNING))).containsExactly(A);
    assertThat(find(RunQuery.all().state(RunStatus.RUNNING).state(RunStatus.FAILED)))
        .containsExactly(A, B);
    assertThat(find(RunQuery.all().notEnded())).containsExactly(A, C);
    assertThat(find(RunQuery.all().ended())).containsExactly(B);
  }

  @Test
  void findsByTenantPipelineAndLabels() {
    assertThat(find(RunQuery.of(ACME))).containsExactly(A, B, C);
    assertThat(find(RunQuery.of(Tenant.of("other")))).isEmpty();
    assertThat(find(RunQuery.all().pipeline("other"))).isEmpty();
    assertThat(find(RunQuery.all().label("team", "blue").label("kind", "night")))
        .containsExactly(A, C);
    assertThat(find(RunQuery.all().label("team", "blue").label("kind", "day"))).isEmpty();
  }

  @Test
  void findsByTime() {
    assertThat(find(RunQuery.all().startedFrom(NOW.plusSeconds(1)))).containsExactly(B, C);
    assertThat(find(RunQuery.all().startedBefore(NOW.plusSeconds(1)))).containsExactly(A);
    assertThat(find(RunQuery.all().updatedFrom(NOW.plusSeconds(5)))).containsExactly(A, B);
    assertThat(find(RunQuery.all().updatedBefore(NOW.plusSeconds(5)))).containsExactly(C);
  }

  @Test
  void ordersAndLimits() {
    assertThat(find(RunQuery.all())).containsExactly(A, B, C);
    assertThat(find(RunQuery.all().newestFirst())).containsExactly(C, B, A);
    assertThat(find(RunQuery.all().order(Order.LAST_UPDATED_FIRST))).containsExactly(A, B, C);
    assertThat(find(RunQuery.all().order(Order.MOST_URGENT_FIRST))).containsExactly(C, B, A);
    assertThat(find(RunQuery.all().limit(2))).containsExactly(A, B);
    assertThatThrownBy(() -> RunQuery.all().limit(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 300)
  void pagesHoldTogetherWhatAQueryWithoutALimitFinds(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 7) int size, @ForAll Order order) {
    Random random = new Random(seed);
    List<RunIndex> runs =
        IntStream.range(0, random.nextInt(30))
            .mapToObj(
                i ->
                    run(
                        "r" + i,
                        RunStatus.values()[random.nextInt(RunStatus.values().length)],
                        random.nextInt(4),
                        random.nextInt(4),
                        random.nextInt(3)))
            .toList();
    RunQuery query = RunQuery.all().notEnded().order(order);
    List<RunIndex> paged = new ArrayList<>();
    List<RunIndex> page = query.limit(size).select(runs.stream());
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = query.limit(size).after(page.get(page.size() - 1)).select(runs.stream());
    }

    assertThat(paged).containsExactlyElementsOf(query.select(runs.stream()));
    assertThat(paged)
        .containsExactlyInAnyOrderElementsOf(runs.stream().filter(RunIndex::open).toList());
  }

  @Test
  void storesAnswerFromWhatTheyKept(@TempDir Path directory) {
    for (StoreSource source : List.of(InMemoryStore.create(), FileStore.at(directory))) {
      try (Store store = source.open(InstantSource.fixed(NOW))) {
        for (RunIndex run : ALL) {
          store.commit(
              List.of(
                  new Commit(run.run(), 0, 0, List.of(Fixtures.event("begun")), run, List.of())));
        }
      }
      try (Store store = source.open(InstantSource.fixed(NOW))) {
        assertThat(store.find(RunQuery.all())).containsExactly(A, B, C);
        assertThat(store.find(RunQuery.all().order(Order.MOST_URGENT_FIRST).after(C).limit(1)))
            .containsExactly(B);
        assertThat(store.index(C.run()).orElseThrow().priority()).isEqualTo(Priority.of(-1));
      }
    }
  }

  @Test
  void whatIsEqualInTheOrderIsOrderedByName() {
    RunIndex same = run("d", RunStatus.WAITING, 1, 2, -1);

    for (Order order : List.of(Order.OLDEST_FIRST, Order.MOST_URGENT_FIRST)) {
      assertThat(RunQuery.all().order(order).select(List.of(same, C).stream()))
          .containsExactly(C, same);
    }
  }
}
