package dev.maestro.run;

import dev.maestro.task.TaskId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Events that are tried out on a state; closing it takes them back, unless they are kept.
 *
 * <p>A state has one and opens it for each decision.
 */
final class Trial implements AutoCloseable {

  private static final int FEW = 100;

  private final RunState state;
  // each touched task once, in the order of the first touch
  private List<Change> changes = new ArrayList<>();
  // tasks that nothing holds back any more and that the rules have not looked at yet
  private final Deque<TaskId> freed = new ArrayDeque<>();
  // what is put back in the end; null while no trial is open
  private @Nullable Header header;

  // tasks in which something has changed since the rules looked at them
  private final Deque<TaskId> stirred = new ArrayDeque<>();

  /**
   * One touched task.
   *
   * @param before as it was before the trial, or null when the trial added it
   * @param after as it is now, and goes on changing
   */
  record Change(@Nullable Task before, Task after) {

    /** {@return the command that is open and was not open before} */
    Optional<RunCommand> newlyOpen() {
      Optional<RunCommand> is = after.openCommand();
      return before != null && is.equals(before.openCommand()) ? Optional.empty() : is;
    }
  }

  Trial(RunState state) {
    this.state = state;
  }

  /** Begin; the header is put back in the end. */
  void open(Header before) {
    if (header != null) {
      throw new IllegalStateException("one decision at a time");
    }
    header = before;
  }

  boolean isOpen() {
    return header != null;
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

  /** {@return each touched task, in the order of the first touch} */
  List<Change> changes() {
    return changes;
  }

  /** Leave the state as the events have made it. */
  void keep() {
    end();
  }

  @Override
  public void close() {
    Header before = header;
    if (before != null) {
      state.header = before;
      for (int i = changes.size() - 1; i >= 0; i--) {
        state.tasks.putBack(changes.get(i).before(), changes.get(i).after());
      }
      state.tasks.forgetChanging();
      end();
    }
  }

  private void end() {
    header = null;
    freed.clear();
    stirred.clear();
    if (changes.size() > FEW) {
      // the room that one large decision took is not kept for all that follow
      changes = new ArrayList<>();
    } else {
      changes.clear();
    }
  }
}
