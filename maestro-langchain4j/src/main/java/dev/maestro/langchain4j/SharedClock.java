package dev.maestro.langchain4j;

import dev.maestro.process.Time;
import org.jspecify.annotations.Nullable;

/** One clock of the system for all launches of an agent, there while any is at work. */
final class SharedClock {

  // guarded by this
  private int users;
  // guarded by this
  private @Nullable Time time;

  /** Take the clock, and {@link #release} it at the end. */
  synchronized Time acquire() {
    users++;
    if (time == null) {
      time = Time.system();
    }
    return time;
  }

  synchronized void release() {
    users--;
    if (users == 0 && time != null) {
      time.close();
      time = null;
    }
  }
}
