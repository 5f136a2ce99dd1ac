package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.task.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/**
 * Rework, retry and other pipelines, again and again, where tasks have tasks inside: what {@link
 * RunUnderTest} checks at every input holds, and every run can be brought to its end.
 */
class AgainInsideTest {

  private static final int MOST_WALKS = 200;
  private static final int ENOUGH = 2;

  private static final Pipeline LIST =
      Steps.pipeline(
          Steps.code("before"),
          Steps.code("each").forEach("topic"),
          Steps.code("other").delay(Duration.ofSeconds(9)));

  @Property(tries = 12)
  void whateverIsDoneAgainInsideLeavesARunThatCanBeFinished(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll long seed) {
    Walk walk = new Walk(pipeline);
    walk.start(0);
    choices.forEach(choice -> step(walk, choice));
    walk.run().foldAnew();

    new Finisher(walk.run(), new Random(seed)).finish();

    assertThat(walk.run().state().status().isTerminal()).isTrue();
    walk.run().foldAnew();
  }

  @Property(tries = 2_000)
  @Tag("torture")
  void soItDoesForLong(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll long seed) {
    whateverIsDoneAgainInsideLeavesARunThatCanBeFinished(pipeline, choices, seed);
  }

  /** Few walks bring back what a failure had cancelled; these do, whatever the random ones do. */
  @Example
  void walksComeByWhatIsBroughtBack() {
    int broughtBack = 0;
    for (int seed = 0; seed < MOST_WALKS && broughtBack < ENOUGH; seed++) {
      Random random = new Random(seed);
      Walk walk = new Walk(LIST);
      walk.start(0);
      for (int i = 0; i < 80; i++) {
        step(walk, random.nextInt(Integer.MAX_VALUE));
      }
      broughtBack +=
          walk.run().journal().stream().anyMatch(RunEvent.Reopened.class::isInstance) ? 1 : 0;
      walk.run().foldAnew();
      new Finisher(walk.run(), random).finish();
    }
    assertThat(broughtBack).isEqualTo(ENOUGH);
  }

  private static void step(Walk walk, int choice) {
    RunState state = walk.run().state();
    if (state.status().isTerminal() || choice % 4 > 0) {
      walk.step(choice / 4);
      return;
    }
    Random random = new Random(choice);
    List<TaskId> tasks = state.tasks().stream().map(Task::id).toList();
    TaskId any = tasks.get(random.nextInt(tasks.size()));
    switch (random.nextInt(6)) {
      case 0, 1 -> walk.rework(any);
      case 2 -> walk.retry(any);
      case 3, 4 -> walk.retry(failed(state, random).orElse(any));
      default -> walk.redefine(edited(state.pipeline(), random));
    }
  }

  /** Most often a list that failed: few walks come to one, and fewer try it again. */
  private static Optional<TaskId> failed(RunState state, Random random) {
    List<Task> failed = state.tasks().stream().filter(Task::hasFailedForGood).toList();
    List<Task> lists = failed.stream().filter(task -> task.step.each().isPresent()).toList();
    List<Task> some = lists.isEmpty() ? failed : lists;
    return some.isEmpty()
        ? Optional.empty()
        : Optional.of(some.get(random.nextInt(some.size())).id);
  }

  // ------------------------------------------------------------------ other pipelines

  /** One step, at any depth, is another; or one is gone, or one comes. */
  private static Pipeline edited(Pipeline pipeline, Random random) {
    List<Step> steps = new ArrayList<>(pipeline.steps());
    int pick = random.nextInt(steps.size());
    Step step = steps.get(pick);
    int share = random.nextInt(10);
    boolean isLast = steps.stream().noneMatch(one -> one.after().contains(step.id()));
    if (share == 0 && isLast && steps.size() > 1) {
      steps.remove(pick);
    } else if (share == 1) {
      steps.add(Steps.code("more" + random.nextInt(3)).after(step.id()).build());
    } else if (share == 2) {
      steps.set(pick, Steps.with(step, step.action(), 1 + random.nextInt(3), step.allowNoOp()));
    } else if (share < 7 && step.action() instanceof Action.SubPipeline sub) {
      Action inside =
          new Action.SubPipeline(edited(sub.pipeline(), random), sub.inputs(), sub.outputs());
      steps.set(pick, Steps.with(step, inside, step.priority().value(), step.allowNoOp()));
    } else {
      steps.set(pick, Steps.with(step, step.action(), step.priority().value(), !step.allowNoOp()));
    }
    return Steps.pipeline(distinct(steps), pipeline.templates());
  }

  private static List<Step> distinct(List<Step> steps) {
    Map<String, Step> first = new HashMap<>();
    steps.forEach(step -> first.putIfAbsent(step.id(), step));
    return steps.stream().filter(step -> first.get(step.id()) == step).toList();
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return Draws.pipelines()
        .filter(
            pipeline ->
                pipeline.steps().stream()
                    .anyMatch(step -> step.inside().isPresent() || step.each().isPresent()));
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Draws.choices(80);
  }
}
