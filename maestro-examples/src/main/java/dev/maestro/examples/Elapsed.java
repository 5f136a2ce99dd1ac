package dev.maestro.examples;

import java.time.Duration;
import java.util.Locale;

/** Times as people read them. */
final class Elapsed {

  private Elapsed() {}

  static String of(Duration time) {
    return time.toMinutes() > 0
        ? String.format(Locale.ROOT, "%dm%02ds", time.toMinutes(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%.1fs", time.toMillis() / 1000.0);
  }
}
