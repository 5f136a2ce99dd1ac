package dev.maestro.run;

import static dev.maestro.run.Scenario.started;
import static dev.maestro.task.TaskState.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubPipelineTest {

  private static final Pipeline CHAIN =
      Steps.pipeline(
          Steps.agent("red").output("tests"),
          Steps.agent("green").after("red").output("code"),
          Steps.code("note"));

  @Test
  void itsStepsAreTasksOnceItIsOpen() {
    Scenario run = chain().dispatch("sub").is("sub", RUNNING);

    assertThat(run.run.state().task(TaskId.of("sub/red"))).isEmpty();
    opens(run).ready("sub/red", "sub/note").is("sub", RUNNING);
    assertThat(run.run.task("sub/red").parent()).contains(TaskId.of("sub"));
    assertThat(run.run.task("sub").isActive()).as("holds a slot").isFalse();
  }

  @Test
  void whatIsBehindWaitsForAllOfIt() {
    opened()
        .completes("sub/red")
        .completes("sub/green")
        .is("sub", RUNNING)
        .ready("sub/note")
        .completes("sub/note")
        .is("sub", COMPLETED, Reason.SUCCEEDED)
        .ready("behind")
        .completes("behind")
        .is(RunStatus.SUCCEEDED);
  }

  @Test
  void itFailsWhenNothingInItGoesOnAndSomethingFailed() {
    opened()
        .dispatch("sub/red")
        .fails("sub/red", Scenario.trouble(ErrorClass.PERMANENT))
        .is("sub/green", BLOCKED, Reason.DEPENDENCY_FAILED)
        .is("sub", RUNNING)
        .completes("sub/note")
        .is("sub", FAILED, Reason.DEPENDENCY_FAILED)
        .is("behind", CANCELLED)
        .is(RunStatus.FAILED);
  }

  @Test
  void tryingAFailedTaskAgainOpensWhatFailedWithIt() {
    Scenario run =
        started(
            Steps.pipeline("sub", Steps.pipeline(Steps.code("a")), Map.of()),
            Steps.code("behind").after("sub"),
            Steps.code("beside"));
    opens(run.dispatch("sub"));

    run.dispatch("sub/a")
        .fails("sub/a", Scenario.trouble(ErrorClass.PERMANENT))
        .is("behind", BLOCKED)
        .retry("sub/a")
        .is("sub", RETRYING)
        .is("behind", PENDING)
        .completes("sub/a")
        .is("sub", COMPLETED)
        .ready("beside", "behind");
  }

  @Test
  void tryingItAgainTriesWhatFailedInIt() {
    Scenario run =
        started(
            Steps.pipeline("sub", Steps.pipeline(Steps.code("a"), Steps.code("b")), Map.of()),
            Steps.code("beside"));
    opens(run.dispatch("sub"));

    run.completes("sub/b")
        .dispatch("sub/a")
        .fails("sub/a", Scenario.trouble(ErrorClass.PERMANENT))
        .retry("sub")
        .is("sub", RETRYING)
        .ready("beside", "sub/a")
        .completes("sub/a")
        .is("sub", COMPLETED);
  }

  @Test
  void oneOutputIsHandedOnAsItIs() {
    Scenario run = opened().completes("sub/red");
    Value large = new Value.Stored(BlobId.of(new byte[0]), 10_000);

    run.work("sub/green")
        .feed(run.ended("sub/green", 1, new ActResult.Done(large, null, null)))
        .verified("sub/green")
        .completes("sub/note");

    assertThat(run.run.task("sub").output()).contains(large);
    assertThat(run.run.state().value("built")).contains(large);
  }

  @Test
  void severalOutputsAreFieldsOfAnObject() {
    Scenario run = started(Steps.pipeline("sub", CHAIN, Map.of(), "tests", "code").output("built"));

    opens(run.dispatch("sub")).completes("sub/red").completes("sub/green").completes("sub/note");

    assertThat(run.run.task("sub").output())
        .map(value -> ((Value.Inline) value).json().toString())
        .contains("{\"tests\":\"done\",\"code\":\"done\"}");
  }

  @Test
  void severalOutputsAreFetchedByAWorkerWhenOneIsLarge() {
    Scenario run = started(Steps.pipeline("sub", CHAIN, Map.of(), "tests", "code").output("built"));
    Value large = new Value.Stored(BlobId.of(new byte[0]), 10_000);

    opens(run.dispatch("sub")).work("sub/red");
    run.feed(run.ended("sub/red", 1, new ActResult.Done(large, null, null)))
        .verified("sub/red")
        .completes("sub/green")
        .completes("sub/note")
        .is("sub", RUNNING)
        .ready("sub")
        .dispatch("sub")
        .commands(new RunCommand.Act(TaskId.of("sub"), 1));
    assertThat(run.run.state().gathered(TaskId.of("sub")).values())
        .containsExactly(large, Scenario.text("done"));
    run.acted("sub", "both").is("sub", COMPLETED).is(RunStatus.SUCCEEDED);
  }

  @Test
  void aCrashBeforeAndAfterItOpensLosesNothing() {
    opens(chain().dispatch("sub").crashAndRecover().is("sub", INTERRUPTED).dispatch("sub"))
        .crashAndRecover()
        .is("sub", RUNNING)
        .ready("sub/red", "sub/note");
  }

  @Test
  void oneThatIsSkippedAddsNothing() {
    Scenario run =
        started(Steps.pipeline("sub", CHAIN, Map.of()).whenContains("topic", "never"))
            .is("sub", SKIPPED);

    assertThat(run.run.state().tasks()).hasSize(1);
    run.is(RunStatus.SUCCEEDED);
  }

  @Test
  void namesInsideAreItsOwn() {
    Pipeline inside =
        Steps.pipeline(
            Steps.code("a").output("x"), Steps.code("b").after("a").whenContains("x", "done"));
    Scenario run =
        started(
            Steps.code("first").output("x"),
            Steps.pipeline("sub", inside, Map.of()).after("first"));

    run.dispatch("first").acted("first", "nothing");
    opens(run.dispatch("sub")).completes("sub/a").ready("sub/b");
  }

  @Test
  void anInputThatSteersMustFitIntoTheJournal() {
    Pipeline inside = Steps.pipeline(Steps.code("a").whenContains("topic", "yes"));
    Scenario run = started(Steps.pipeline("sub", inside, Map.of("topic", "{{ task }}")));
    Value large = new Value.Stored(BlobId.of(new byte[0]), 10_000);

    run.dispatch("sub")
        .feed(run.ended("sub", 1, new ActResult.Opened(Map.of("topic", large))))
        .is("sub", FAILED, Reason.OUTPUT_TOO_LARGE);
  }

  @Test
  void checkpointsFlowInAndOut() {
    Scenario run =
        started(
            Steps.agent("first"),
            Steps.pipeline(
                    "sub",
                    Steps.pipeline(Steps.agent("a"), Steps.agent("b").after("a"), Steps.agent("c")),
                    Map.of())
                .after("first"),
            Steps.agent("behind").after("sub"));
    opens(run.completes("first").dispatch("sub"));

    assertThat(bases(run, "sub/a")).containsExactly("c-first");
    run.completes("sub/a").completes("sub/b").completes("sub/c");
    assertThat(bases(run, "behind")).containsExactly("c-sub/b", "c-sub/c");
  }

  @Test
  void pipelinesStandInEachOther() {
    Pipeline inner = Steps.pipeline(Steps.code("c").output("x"));
    Pipeline middle = Steps.pipeline(Steps.pipeline("b", inner, Map.of(), "x").output("y"));
    Scenario run = started(Steps.pipeline("a", middle, Map.of(), "y").output("z"));
    opens(run.dispatch("a"));
    run.dispatch("a/b").feed(run.ended("a/b", 1, new ActResult.Opened(Map.of())));

    run.completes("a/b/c").is("a/b", COMPLETED).is("a", COMPLETED).is(RunStatus.SUCCEEDED);
    assertThat(run.run.state().value("z")).contains(Scenario.text("done"));
  }

  @Test
  void aPlanInsideAddsItsTasksThere() {
    Pipeline inside =
        Steps.withTemplate(
            Steps.code("line"), Steps.plan("plan", "line"), Steps.code("after").after("plan"));
    Scenario run = started(Steps.pipeline("sub", inside, Map.of()), Steps.code("b").after("sub"));

    opens(run.dispatch("sub")).work("sub/plan").acted("sub/plan", Plans.of("T001"));
    run.verified("sub/plan")
        .ready("sub/plan/T001")
        .completes("sub/plan/T001")
        .completes("sub/after")
        .ready("b");
  }

  @Test
  void onlyWhatHasSomethingInsideOpensAndItDoesSoFirst() {
    Scenario run = chain().dispatch("sub");

    run.refuses(
        "not-allowed", run.ended("sub", 1, new ActResult.Done(Scenario.text("x"), null, null)));
    Scenario code = started(Steps.code("a")).dispatch("a");
    code.refuses("not-allowed", code.ended("a", 1, new ActResult.Opened(Map.of())));
  }

  private static List<String> bases(Scenario run, String task) {
    return run.run.state().bases(TaskId.of(task)).stream().map(c -> c.id()).toList();
  }

  private static Scenario chain() {
    return started(
        Steps.pipeline("sub", CHAIN, Map.of(), "code").output("built"),
        Steps.code("behind").after("sub"));
  }

  private static Scenario opened() {
    return opens(chain().dispatch("sub"));
  }

  private static Scenario opens(Scenario run) {
    int attempt = 1;
    String id = run.run.state().active().iterator().next().id().value();
    return run.feed(run.ended(id, attempt, new ActResult.Opened(Map.of())));
  }
}
