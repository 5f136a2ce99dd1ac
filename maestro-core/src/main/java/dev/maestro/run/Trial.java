package dev.maestro.run;

import dev.maestro.task.TaskId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Events that are tried out on a state; closing it takes them back. */
final class Trial implements AutoCloseable {

  private final RunState state;
  private final Header header;
  private final Deque<Change> changes = new ArrayDeque<>();
  // tasks that nothing holds back any more and that the rules have not looked at yet
  private final Deque<TaskId> freed = new ArrayDeque<>();

  // tasks in which something has changed since the rules looked at them
  private final Deque<TaskId> stirred = new ArrayDeque<>();

  private record Change(@Nullable Task before, Task after) {}

  /** Begin; {@code header} is put back in the end. */
  Trial(RunState state, Header header) {
    this.state = state;
    this.header = header;
  }

  void noteChange(@Nullable Task before, Task after) {
    changes.add(new Change(before, after));
  }

  void noteFreed(TaskId id) {
    freed.add(id);
  }

  @Nullable TaskId pollFreed() {
    return freed.poll();
  }

  void noteStirred(TaskId id) {
    if (!id.equals(stirred.peekLast())) {
      stirred.add(id);
    }
  }

  @Nullable TaskId pollStirred() {
    return stirred.poll();
  }

  /** {@return each touched task as it was before the trial; empty for an added one} */
  Map<TaskId, Optional<Task>> touched() {
    Map<TaskId, Optional<Task>> first = new LinkedHashMap<>();
    changes.forEach(
        change -> first.putIfAbsent(change.after.id, Optional.ofNullable(change.before)));
    return first;
  }

  @Override
  public void close() {
    state.endTrial(header);
    while (!changes.isEmpty()) {
      Change change = changes.removeLast();
      state.tasks.replace(change.after, change.before);
    }
  }
}
