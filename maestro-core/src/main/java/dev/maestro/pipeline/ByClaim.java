package dev.maestro.pipeline;

import dev.maestro.policy.Backoff;
import java.util.List;

/** Makes the pipeline whose agent and plan steps wait for somebody who claims them. */
final class ByClaim {

  private ByClaim() {}

  static Pipeline of(Pipeline pipeline) {
    return new Pipeline(
        pipeline.name(),
        pipeline.version(),
        pipeline.description(),
        of(pipeline.steps()),
        of(pipeline.templates()),
        pipeline.timeLimit(),
        pipeline.policies());
  }

  private static List<Step> of(List<Step> steps) {
    return steps.stream().map(ByClaim::of).toList();
  }

  private static Step of(Step step) {
    return switch (step.action().kind()) {
      case AGENT, PLAN -> claimed(step);
      case PIPELINE -> step.action(inside((Action.SubPipeline) step.action()));
      case FOR_EACH -> step.action(each((Action.ForEach) step.action()));
      case COMMAND, CODE, APPROVAL, WAIT -> step;
    };
  }

  private static Action inside(Action.SubPipeline sub) {
    return new Action.SubPipeline(of(sub.pipeline()), sub.inputs(), sub.outputs());
  }

  private static Action each(Action.ForEach each) {
    return new Action.ForEach(
        each.list(), each.as(), each.parallel(), each.failure(), each.quorum(), of(each.body()));
  }

  private static Step claimed(Step step) {
    Step claimed = step.policies(step.policies().oversight(step.policies().oversight().byClaim()));
    return step.backoff().equals(Backoff.DEFAULT) ? claimed.backoff(Backoff.NONE) : claimed;
  }
}
