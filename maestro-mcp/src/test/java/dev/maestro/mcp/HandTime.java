package dev.maestro.mcp;

import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
  public synchronized Registration at(Instant instant, Runnable action) {
    Alarm alarm = new Alarm(instant, action);
    alarms.add(alarm);
    notifyAll();
    return () -> remove(alarm);
  }

  private synchronized void remove(Alarm alarm) {
    alarms.removeIf(set -> set == alarm);
    notifyAll();
  }

  @Override
  public synchronized void close() {
    alarms.clear();
  }

  /** Move on, and ring what is due then. */
  void advance(Duration duration) {
    List<Alarm> due;
    synchronized (this) {
      now = now.plus(duration);
      due = alarms.stream().filter(alarm -> !alarm.instant().isAfter(now)).toList();
      alarms.removeAll(due);
    }
    due.forEach(alarm -> alarm.action().run());
  }

  /** Wait until exactly so many alarms are set. */
  synchronized void awaitAlarms(int count) throws InterruptedException {
    while (alarms.size() != count) {
      wait();
    }
  }
}
