package dev.maestro.process;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A clock that stands still until a test moves it. */
final class HandTime implements Time {

  private final List<Alarm> alarms = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  private record Alarm(Instant instant, Runnable action) {}

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public Registration at(Instant instant, Runnable action) {
    Alarm alarm = new Alarm(instant, action);
    synchronized (this) {
      if (instant.isAfter(now)) {
        alarms.add(alarm);
        notifyAll();
        return () -> remove(alarm);
      }
    }
    action.run();
    return () -> {};
  }

  @Override
  public synchronized void close() {
    alarms.clear();
  }

  /** Move on, and ring whatever is due on the way, each at its own instant. */
  void advance(Duration duration) {
    Instant end = instant().plus(duration);
    for (Optional<Alarm> due = next(end); due.isPresent(); due = next(end)) {
      due.get().action().run();
    }
    synchronized (this) {
      now = end;
    }
  }

  /** Wait until this many alarms are set. */
  synchronized void awaitAlarms(int count) throws InterruptedException {
    while (alarms.size() < count) {
      wait();
    }
  }

  synchronized int alarms() {
    return alarms.size();
  }

  private synchronized Optional<Alarm> next(Instant end) {
    Optional<Alarm> due =
        alarms.stream()
            .filter(alarm -> !alarm.instant().isAfter(end))
            .min(Comparator.comparing(Alarm::instant));
    due.ifPresent(
        alarm -> {
          alarms.remove(alarm);
          now = alarm.instant();
        });
    return due;
  }

  private synchronized void remove(Alarm alarm) {
    alarms.remove(alarm);
  }
}
