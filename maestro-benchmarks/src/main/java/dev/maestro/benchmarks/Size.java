package dev.maestro.benchmarks;

import java.time.Duration;

/** How much work a measurement does. */
enum Size {
  /** To see that it works; the numbers mean nothing. */
  TINY(0, 1, 1),

  /** All scenarios in a few minutes; good for comparing before and after. */
  QUICK(20, 5, 15),

  /** What is published. */
  FULL(50, 11, 75);

  private final int warmups;
  private final int rounds;
  private final int seconds;

  Size(int warmups, int rounds, int seconds) {
    this.warmups = warmups;
    this.rounds = rounds;
    this.seconds = seconds;
  }

  /** {@return how often each contestant is let run before it counts, if there is time for it} */
  int warmups() {
    return warmups;
  }

  /** {@return how often each contestant is measured} */
  int rounds() {
    return rounds;
  }

  /** {@return after how long a scenario begins no further round, once there is a result} */
  Duration patience() {
    return Duration.ofSeconds(seconds);
  }

  /** {@return the number for this size} */
  int of(int tiny, int quick, int full) {
    return switch (this) {
      case TINY -> tiny;
      case QUICK -> quick;
      case FULL -> full;
    };
  }
}
