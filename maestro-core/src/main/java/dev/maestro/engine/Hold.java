package dev.maestro.engine;

import dev.maestro.store.Lease;
import dev.maestro.task.RunKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the engine has to do with a run, whether the run is in memory or not: all that is left there
 * of one that only waits. Confined to the loop.
 */
final class Hold {

  static final int NOWHERE = -1;

  final RunKey run;
  @Nullable Lease lease;
  // begun here, or recovered here; what a dead engine left open is not
  boolean driven;
  // when it is due; an Instant of its own would be half as much again as two numbers
  private long second;
  private int nano;
  // where it is in the heap of those that are due at some time
  int place = NOWHERE;

  Hold(RunKey run) {
    this.run = run;
  }

  /** {@return whether there is a moment when the run is due} */
  boolean isDueSomeTime() {
    return place != NOWHERE;
  }

  Instant dueAt() {
    return Instant.ofEpochSecond(second, nano);
  }

  void setDueAt(Instant at) {
    second = at.getEpochSecond();
    nano = at.getNano();
  }

  /** {@return whether it is due before the other; at the same moment, the names tell} */
  boolean isBefore(Hold other) {
    if (second != other.second) {
      return second < other.second;
    }
    if (nano != other.nano) {
      return nano < other.nano;
    }
    int tenants = run.tenant().value().compareTo(other.run.tenant().value());
    return tenants != 0 ? tenants < 0 : run.run().compareTo(other.run.run()) < 0;
  }
}
