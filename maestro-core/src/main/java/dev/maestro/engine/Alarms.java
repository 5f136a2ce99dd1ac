package dev.maestro.engine;

import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import dev.maestro.task.RunKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When which run has to be looked at again; one alarm of the clock for all. Confined to the loop.
 */
final class Alarms {

  private final Time time;
  private final Runnable wake;
  private final Roster roster;
  private final Dues dues = new Dues();
  // when the clock rings next
  private @Nullable Instant next;
  private @Nullable Registration alarm;
  // when it is looked for other engines; for all runs together, so that a step costs nothing
  private @Nullable Instant lookOut;
  private @Nullable Registration lookOutAlarm;

  /** Make an empty set that calls {@code wake}, on the clock's thread, when something is due. */
  Alarms(Time time, Roster roster, Runnable wake) {
    this.time = time;
    this.roster = roster;
    this.wake = wake;
  }

  void set(RunKey run, Instant at) {
    dues.set(roster.hold(run), at);
    rearm();
  }

  void clear(RunKey run) {
    Hold hold = roster.findHold(run);
    if (hold != null && dues.clear(hold)) {
      rearm();
    }
  }

  /** Take out every run that is due. */
  List<RunKey> takeDue(Instant now) {
    List<RunKey> due = new ArrayList<>();
    for (Hold hold = dues.takeDue(now); hold != null; hold = dues.takeDue(now)) {
      due.add(hold.run);
    }
    next = null;
    rearm();
    return due;
  }

  /** Look then for other engines that have gone on with runs, unless that is done before. */
  void lookOut(Instant at) {
    if (lookOut == null || at.isBefore(lookOut)) {
      stop(lookOutAlarm);
      lookOut = at;
      lookOutAlarm = time.at(at, wake);
    }
  }

  /** {@return whether it is time to look for other engines, which is then done} */
  boolean takeLookOut(Instant now) {
    boolean due = lookOut != null && !now.isBefore(lookOut);
    if (due) {
      lookOut = null;
    }
    return due;
  }

  void close() {
    stop(alarm);
    stop(lookOutAlarm);
  }

  private static void stop(@Nullable Registration alarm) {
    if (alarm != null) {
      alarm.close();
    }
  }

  private void rearm() {
    Instant first = dues.first().orElse(null);
    if (first != null && !first.equals(next)) {
      stop(alarm);
      alarm = time.at(first, wake);
    } else if (first == null) {
      stop(alarm);
    }
    next = first;
  }
}
