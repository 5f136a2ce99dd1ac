package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.insight.RecordedRun;
import dev.maestro.insight.RoutingRecommendation;
import dev.maestro.insight.ShadowHistory;
import dev.maestro.insight.ShadowRouter;
import dev.maestro.insight.ShadowRouting;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is recorded beside launches while they happen, and changes none of them. */
@Timeout(300)
class ShadowRunTest {

  private static final String STEP = "p/a";

  @TempDir Path directory;

  private final ScriptedAgent big = agent("big", "0.10");
  private final ScriptedAgent small = agent("small", "0.01");
  private final InMemoryStore store = InMemoryStore.create();
  private final ShadowHistory history = new ShadowHistory();
  private List<RunRecord> journal = List.of();
  private int runs;

  private static ScriptedAgent agent(String name, String usd) {
    return ScriptedAgent.named(name)
        .otherwise(Turn.says("done").uses(Usage.of(100, 10, Money.usd(usd))))
        .build();
  }

  private RecordedRun run(MaestroBuilder builder, String agent) throws Exception {
    Pipeline pipeline = Pipeline.named("p").step("a", s -> s.agent(agent).prompt("Do it")).build();
    try (Maestro maestro =
        builder
            .discoverNothing()
            .store(store)
            .owner("test")
            .workspaces(DirectoryWorkspaces.at(directory))
            .provider(big)
            .provider(small)
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("r" + ++runs), Inputs.none());
      assertThat(run.await().isSuccess()).isTrue();
      journal = run.journal(1);
      history.take(run.recorded());
      return run.recorded();
    }
  }

  private List<RunEvent> events() {
    return journal.stream().map(RunRecord::event).toList();
  }

  private static ShadowRouter always(String route) {
    return launch -> Optional.of(new ShadowRouter.Advice(route, 80, 12, false));
  }

  @Test
  void whatWouldHaveBeenChosenIsRecordedWithTheLaunchAndTheRouteStays() throws Exception {
    run(Maestro.builder().shadow(always("small")), "big");

    assertThat(big.launches()).hasSize(1);
    assertThat(small.launches()).isEmpty();
    RunEvent.Judged judged =
        (RunEvent.Judged)
            events().stream().filter(RunEvent.Judged.class::isInstance).findFirst().orElseThrow();
    assertThat(events().get(events().indexOf(judged) + 1)).isInstanceOf(RunEvent.Intent.class);
    assertThat(judged.judgments())
        .singleElement()
        .satisfies(
            said -> {
              assertThat(said.place()).isEqualTo(Place.ROUTE);
              assertThat(said.answer()).isEqualTo(Judgment.Answer.PROCEED);
              assertThat(said.detail()).isEqualTo("small");
            });
    assertThat(history.of(STEP))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.current()).isEqualTo("big");
              assertThat(one.recommended()).isEqualTo("small");
              assertThat(one.confidence()).isEqualTo(80);
              assertThat(one.samples()).isEqualTo(12);
              assertThat(one.fallback()).isFalse();
              assertThat(one.differs()).isTrue();
            });
  }

  /** It only advises: a class that it lacks, say, is no reason not to launch. */
  @Test
  void aRouterThatBreaksDownChangesNothing() throws Exception {
    ShadowRouter lacking =
        launch -> {
          throw new NoClassDefFoundError("com/example/Model");
        };

    run(Maestro.builder().shadow(lacking), "big");

    assertThat(big.launches()).hasSize(1);
    assertThat(events())
        .filteredOn(RunEvent.Judged.class::isInstance)
        .singleElement()
        .satisfies(event -> assertThat(event.toString()).contains("com/example/Model"));
  }

  @Test
  void whereNobodySaysAnythingNothingIsRecorded() throws Exception {
    run(Maestro.builder(), "big");
    List<String> bare = names();
    run(Maestro.builder().shadow(ShadowRouter.NONE), "big");

    assertThat(names()).isEqualTo(bare).doesNotContain("Judged");
    run(Maestro.builder().shadow(launch -> Optional.empty()), "big");
    assertThat(names()).isEqualTo(bare);
  }

  private List<String> names() {
    return events().stream().map(event -> event.getClass().getSimpleName()).toList();
  }

  @Test
  void oneThatFailsHoldsNothingUpAndIsRecorded() throws Exception {
    run(
        Maestro.builder()
            .shadow(
                launch -> {
                  throw new IllegalStateException("no idea");
                }),
        "big");

    assertThat(events())
        .filteredOn(RunEvent.Judged.class::isInstance)
        .singleElement()
        .asString()
        .contains("failed: java.lang.IllegalStateException: no idea");
    assertThat(history.all()).isEmpty();
  }

  @Test
  void oneThatLearnsRecommendsWhatHasProvedToBeCheaperAndSaysWhatThatWouldHaveSaved()
      throws Exception {
    ShadowRouting learns = new ShadowRouting();
    for (int i = 0; i < ShadowRouting.ENOUGH; i++) {
      learns.take(run(Maestro.builder().shadow(learns), "big"));
    }
    assertThat(history.all())
        .hasSize(ShadowRouting.ENOUGH)
        .allMatch(RoutingRecommendation::fallback)
        .noneMatch(RoutingRecommendation::differs);
    for (int i = 0; i < ShadowRouting.ENOUGH; i++) {
      learns.take(run(Maestro.builder().shadow(learns), "small"));
    }
    run(Maestro.builder().shadow(learns), "big");

    assertThat(history.where(one -> one.differs() && one.current().equals("big")))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.recommended()).isEqualTo("small");
              assertThat(one.samples()).isEqualTo(ShadowRouting.ENOUGH);
              assertThat(one.run().run()).isEqualTo(RunId.of("r11"));
            });
    assertThat(big.launches()).hasSize(ShadowRouting.ENOUGH + 1);
    ShadowHistory.StepReport report = history.report().get(STEP);
    assertThat(report.launches()).isEqualTo(11);
    assertThat(report.fallbacks()).isEqualTo(5);
    assertThat(report.differing()).as("nothing was known of the small one yet").isEqualTo(6);
    assertThat(report.unknown()).isZero();
    assertThat(report.saved()).isEqualByComparingTo("-0.36");
    assertThat(learns.history(STEP)).hasSize(10);
  }
}
