package dev.maestro.testing;

import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import java.time.Duration;
import java.time.Instant;

/** The machine's clock, whose delays are over twenty times as soon. */
final class HurriedTime implements Time {

  private final Time time = Time.system();

  @Override
  public Instant instant() {
    return time.instant();
  }

  @Override
  public Duration uptime() {
    return time.uptime();
  }

  @Override
  public Registration at(Instant instant, Runnable action) {
    return time.at(instant, action);
  }

  @Override
  public Registration after(Duration delay, Runnable action) {
    return time.after(delay.dividedBy(20), action);
  }

  @Override
  public void close() {
    time.close();
  }
}
