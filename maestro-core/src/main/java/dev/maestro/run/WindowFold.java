package dev.maestro.run;

import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Policies;
import dev.maestro.task.TaskId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Failures that come too fast: counted where the innermost {@link FailureWindow} around them
 * stands, which is a task or the run.
 */
final class WindowFold {

  private final RunState state;

  WindowFold(RunState state) {
    this.state = state;
  }

  /**
   * A window, and where it stands.
   *
   * @param rule the window
   * @param of the task whose it is, or null for the run's
   */
  private record Standing(FailureWindow rule, @Nullable TaskId of) {}

  /**
   * A window that has closed.
   *
   * @param rule which
   * @param seen what it has seen
   * @param task whose failure closed it
   */
  record Closed(FailureWindow rule, FailureWindow.Seen seen, TaskId task) {}

  /** An attempt of a task has failed. */
  void failed(Task task, Trouble trouble, Instant at) {
    if (isFailure(trouble) && !task.isContainer() && !task.isApproval()) {
      around(task).ifPresent(standing -> count(standing, task, trouble, at));
    }
  }

  /** What was stopped on request, or by its budget, says nothing of how well things go. */
  private static boolean isFailure(Trouble trouble) {
    return trouble.errorClass() != ErrorClass.CANCELLED
        && trouble.errorClass() != ErrorClass.BUDGET_EXCEEDED
        && trouble.errorClass() != ErrorClass.LIMIT_REACHED;
  }

  private void count(Standing standing, Task failed, Trouble trouble, Instant at) {
    FailureWindow.Seen before = seen(standing);
    FailureWindow.Seen after = standing.rule().after(before, at, trouble.errorClass());
    if (standing.of() == null) {
      state.header.failures = after;
    } else {
      state.change(standing.of(), task -> task.deal().failures = after);
    }
    if (after.isPaused() && !before.isPaused()) {
      state.header.closed = new Closed(standing.rule(), after, failed.id);
    }
  }

  private FailureWindow.Seen seen(Standing standing) {
    FailureWindow.Seen seen =
        standing.of() == null
            ? state.header.failures
            : state.require(standing.of()).dealings.failures;
    return seen == null ? standing.rule().nothing() : seen;
  }

  private Optional<Standing> around(Task task) {
    for (Task one = task;
        one != null;
        one = one.parent == null ? null : state.require(one.parent)) {
      FailureWindow rule =
          one.step
              .inside()
              .map(Pipeline::policies)
              .flatMap(Policies::failureWindowRule)
              .or(one.step.policies()::failureWindowRule)
              .orElse(null);
      if (rule != null) {
        return Optional.of(new Standing(rule, one.id));
      }
    }
    return state.pipeline().policies().failureWindowRule().map(rule -> new Standing(rule, null));
  }

  /** Somebody has resumed the run: every window begins anew. */
  void beginAnew() {
    state.header.failures = null;
    state.header.closed = null;
    for (Task task : List.copyOf(state.tasks())) {
      if (task.dealings.failures != null) {
        state.change(task.id, one -> one.deal().failures = null);
      }
    }
  }
}
