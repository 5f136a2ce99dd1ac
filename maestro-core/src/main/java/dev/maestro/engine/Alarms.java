package dev.maestro.engine;

import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import dev.maestro.task.RunKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * When which run has to be looked at again; one alarm of the clock for all. Confined to the loop.
 */
final class Alarms {

  private record Due(Instant at, RunKey run) {}

  private final Time time;
  private final Runnable wake;
  private final Map<RunKey, Due> byRun = new HashMap<>();
  private final TreeSet<Due> inOrder =
      new TreeSet<>(Comparator.comparing(Due::at).thenComparing(due -> due.run().toString()));
  private @Nullable Due next;
  private @Nullable Registration alarm;

  /** Make an empty set that calls {@code wake}, on the clock's thread, when something is due. */
  Alarms(Time time, Runnable wake) {
    this.time = time;
    this.wake = wake;
  }

  void set(RunKey run, Instant at) {
    Due due = new Due(at, run);
    Due before = byRun.put(run, due);
    if (!due.equals(before)) {
      if (before != null) {
        inOrder.remove(before);
      }
      inOrder.add(due);
      rearm();
    }
  }

  void clear(RunKey run) {
    Due before = byRun.remove(run);
    if (before != null) {
      inOrder.remove(before);
      rearm();
    }
  }

  /** Take out every run that is due. */
  List<RunKey> takeDue(Instant now) {
    List<RunKey> due = new ArrayList<>();
    while (!inOrder.isEmpty() && !inOrder.first().at().isAfter(now)) {
      Due first = inOrder.pollFirst();
      byRun.remove(first.run());
      due.add(first.run());
    }
    next = null;
    rearm();
    return due;
  }

  void close() {
    if (alarm != null) {
      alarm.close();
    }
  }

  private void rearm() {
    Due first = inOrder.isEmpty() ? null : inOrder.first();
    if (first != null && (next == null || !first.at().equals(next.at()))) {
      close();
      alarm = time.at(first.at(), wake);
    } else if (first == null) {
      close();
    }
    next = first;
  }
}
