package dev.maestro.run;

import dev.maestro.task.TaskId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events that are tried out on a state; closing it takes them back, unless they are kept.
 *
 * <p>A state has one and opens it for each decision.
 */
final class Trial implements AutoCloseable {

  private static final int FEW = 100;

  private final RunState state;
  // each touched task once, in the order of the first touch: as it is now, and goes on changing
  private List<Task> changed = new ArrayList<>();
  // the same as they were before the trial; null for one that the trial added
  private List<@Nullable Task> before = new ArrayList<>();
  // tasks that nothing holds back any more and that the rules have not looked at yet
  private final Deque<TaskId> freed = new ArrayDeque<>();
  // what is put back in the end; one for all trials, because there are so many
  private final Header header = new Header();
  private boolean open;
  // tasks in which something has changed since the rules looked at them
  private final Deque<TaskId> stirred = new ArrayDeque<>();

  Trial(RunState state) {
    this.state = state;
  }

  /** Begin; the state's header is put back in the end. */
  void open() {
    if (open) {
      throw new IllegalStateException("one decision at a time");
    }
    open = true;
    header.takeFrom(state.header);
    state.header.beginDecision();
  }

  boolean isOpen() {
    return open;
  }

  void noteChange(@Nullable Task was, Task is) {
    before.add(was);
    changed.add(is);
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

  /** {@return how many tasks were touched} */
  int changed() {
    return changed.size();
  }

  /** {@return the commands that are open and were not before, in the order of the first touch} */
  List<RunCommand> newlyOpen() {
    List<RunCommand> open = List.of();
    for (int i = 0; i < changed.size(); i++) {
      RunCommand is = changed.get(i).command();
      Task was = before.get(i);
      if (is != null && (was == null || !is.equals(was.command()))) {
        open = Few.plus(open, is);
      }
    }
    return open;
  }

  /** Leave the state as the events have made it. */
  void keep() {
    end();
  }

  @Override
  public void close() {
    if (open) {
      state.header.takeFrom(header);
      for (int i = changed.size() - 1; i >= 0; i--) {
        state.tasks.putBack(before.get(i), changed.get(i));
      }
      state.tasks.forgetChanging();
      end();
    }
  }

  private void end() {
    open = false;
    freed.clear();
    stirred.clear();
    if (changed.size() > FEW) {
      // the room that one large decision took is not kept for all that follow
      changed = new ArrayList<>();
      before = new ArrayList<>();
    } else {
      changed.clear();
      before.clear();
    }
  }
}
