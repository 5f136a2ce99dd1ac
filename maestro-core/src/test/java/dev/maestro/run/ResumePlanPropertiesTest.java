package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.run.ResumePlan.Cause;
import dev.maestro.run.ResumePlan.Group;
import dev.maestro.task.TaskId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of the plan of any run, come to where it is by a random walk. */
class ResumePlanPropertiesTest {

  @Property(tries = 150)
  void anUnchangedPipelineReusesEverythingThatIsDone(
      @ForAll("pipelines") Pipeline pipeline, @ForAll("choices") List<Integer> choices) {
    RunState state = walked(pipeline, choices);

    ResumePlan plan = plan(state, pipeline);

    for (Task task : state.tasks()) {
      if (isAddedAnew(state, plan, task)) {
        assertThat(group(plan, task.id)).as("%s", task).isEqualTo(Group.ORPHANED);
      } else {
        assertThat(group(plan, task.id)).as("%s", task).isNotEqualTo(Group.ORPHANED);
        if (task.satisfiesDependents()) {
          assertThat(group(plan, task.id)).as("%s", task).isEqualTo(Group.REUSE);
        }
      }
    }
    assertThat(plan.lines()).hasSameSizeAs(state.tasks());
  }

  @Property(tries = 150)
  void changingOneStepRunsExactlyItAndWhatIsBehindItAgain(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("choices") List<Integer> choices,
      @ForAll int pick) {
    RunState state = walked(pipeline, choices);
    Step chosen = pipeline.steps().get(Math.floorMod(pick, pipeline.steps().size()));

    ResumePlan before = plan(state, pipeline);
    ResumePlan after = plan(state, changed(pipeline, chosen));

    Set<TaskId> touched = behind(state, TaskId.of(chosen.id()));
    for (ResumePlan.Line line : before.lines()) {
      Group group = group(after, line.task());
      if (!touched.contains(line.task())) {
        assertThat(group).as("%s", line).isEqualTo(line.group());
      } else if (line.group() != Group.NEW) {
        assertThat(group).as("%s", line).isIn(Group.RERUN, Group.ORPHANED);
      }
    }
  }

  @Property(tries = 150)
  void nothingIsReusedBehindWhatIsDoneAnew(
      @ForAll("pipelines") Pipeline pipeline,
      @ForAll("pipelines") Pipeline other,
      @ForAll("choices") List<Integer> choices,
      @ForAll int pick) {
    RunState state = walked(pipeline, choices);
    List<Task> tasks = List.copyOf(state.tasks());
    TaskId at = tasks.get(Math.floorMod(pick, tasks.size())).id;

    for (Pipeline next : List.of(pipeline, other)) {
      for (ResumePlan plan : List.of(plan(state, next), fork(state, at, next))) {
        for (Task task : tasks) {
          if (group(plan, task.id) == Group.REUSE) {
            assertThat(task.dependencies)
                .as("before %s", task)
                .allMatch(on -> group(plan, on) == Group.REUSE)
                .allMatch(on -> !plan.forks() || cause(plan, on) == Cause.DONE);
          }
          if (plan.forks() && task.parent != null && group(plan, task.id) == Group.REUSE) {
            assertThat(group(plan, task.parent))
                .as("%s, which is taken along only with what is around it", task)
                .isEqualTo(Group.REUSE);
          }
          if (plan.forks() && task.parent != null && cause(plan, task.parent) == Cause.DONE) {
            assertThat(group(plan, task.id)).isEqualTo(Group.REUSE);
          }
        }
        assertThat(plan.lines()).extracting(ResumePlan.Line::task).doesNotHaveDuplicates();
        assertThat(plan.lines())
            .filteredOn(line -> line.group() != Group.ORPHANED)
            .extracting(line -> line.task().value())
            .containsAll(next.stepsById().keySet());
      }
    }
  }

  /** A fork opens anew what had not ended well, and adds what is inside of it anew. */
  private static boolean isAddedAnew(RunState state, ResumePlan plan, Task task) {
    for (TaskId id = task.parent; id != null; id = state.require(id).parent) {
      if (state.status().isTerminal() && group(plan, id) != Group.REUSE) {
        return true;
      }
    }
    return false;
  }

  private static RunState walked(Pipeline pipeline, List<Integer> choices) {
    Walk walk = new Walk(pipeline);
    walk.start(choices.size());
    choices.forEach(walk::step);
    return walk.run().state();
  }

  private static Pipeline changed(Pipeline pipeline, Step chosen) {
    List<Step> steps = new ArrayList<>(pipeline.steps());
    steps.replaceAll(step -> step.equals(chosen) ? changed(step) : step);
    return Steps.pipeline(steps, pipeline.templates());
  }

  /** What holds for each element of a list is said of what is done for each. */
  private static Step changed(Step step) {
    Action action = step.action();
    if (action instanceof Action.ForEach each) {
      Step body = changed(each.body());
      action =
          new Action.ForEach(
              each.list(), each.as(), each.parallel(), each.failure(), each.quorum(), body);
    }
    return Steps.with(step, action, step.priority().value(), !step.allowNoOp());
  }

  private static Set<TaskId> behind(RunState state, TaskId first) {
    Set<TaskId> found = new HashSet<>();
    Deque<TaskId> next = new ArrayDeque<>(List.of(first));
    while (!next.isEmpty()) {
      TaskId id = next.poll();
      if (found.add(id)) {
        next.addAll(state.require(id).dependents);
        Inside inside = state.require(id).inside;
        next.addAll(inside == null ? List.of() : inside.children());
      }
    }
    return found;
  }

  private static ResumePlan plan(RunState state, Pipeline next) {
    Definition now = state.definition();
    return ResumePlan.of(state, null, next, now.inputHash(), now.inputs());
  }

  private static ResumePlan fork(RunState state, TaskId at, Pipeline next) {
    return ResumePlan.of(state, at, next, "other", Map.of());
  }

  private static Cause cause(ResumePlan plan, TaskId task) {
    return plan.line(task).orElseThrow().cause();
  }

  private static Group group(ResumePlan plan, TaskId task) {
    return plan.line(task).orElseThrow().group();
  }

  @Provide
  Arbitrary<Pipeline> pipelines() {
    return Draws.pipelines();
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return Draws.choices(120);
  }
}
