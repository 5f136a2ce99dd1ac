package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A run as it was at one moment; immutable.
 *
 * @param key which run
 * @param pipeline the pipeline's name
 * @param status where it is in its lifecycle
 * @param detail why, for people, or null
 * @param tasks every task, in declaration order and then in the order they were added
 * @param questions what waits for an answer, oldest first
 * @param usage everything used up so far
 * @param startedAt when it was started
 * @param updatedAt when it last changed
 * @param sequence the number of its last event
 * @param reason the code of why it is where it is in its lifecycle
 * @param deadline when it ends if it has not ended by then, or null when it may take any time
 */
public record RunSnapshot(
    RunKey key,
    String pipeline,
    RunStatus status,
    @Nullable String detail,
    List<Task> tasks,
    List<Question> questions,
    Usage usage,
    Instant startedAt,
    Instant updatedAt,
    long sequence,
    Reason reason,
    @Nullable Instant deadline) {

  /** Copy the lists. */
  public RunSnapshot {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(reason, "reason");
    tasks = List.copyOf(tasks);
    questions = List.copyOf(questions);
  }

  /** {@return the state as it is now} */
  public static RunSnapshot of(RunState state) {
    return new RunSnapshot(
        state.key(),
        state.pipeline().name(),
        state.status(),
        state.statusDetail().orElse(null),
        List.copyOf(state.tasks()),
        List.copyOf(state.questions()),
        state.usage(),
        state.started().at(),
        state.updatedAt(),
        state.sequence(),
        state.statusReason().orElse(Reason.DISPATCHED),
        state.started().deadline().orElse(null));
  }

  /** {@return the task with this id, if there is one} */
  public Optional<Task> task(TaskId id) {
    return tasks.stream().filter(task -> task.id().equals(id)).findFirst();
  }

  /** {@return the task with this id, if there is one} */
  public Optional<Task> task(String id) {
    return task(TaskId.of(id));
  }
}
