package dev.maestro.process;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long a child process may take and how much of its output is kept.
 *
 * @param time how long it may run in all, or null for as long as it likes
 * @param inactivity how long it may write nothing to stdout or stderr, or null for ever
 * @param lineBytes where a longer line is cut
 * @param errorTailBytes how much of the end of stderr is kept
 * @param grace how long it may save its work after a graceful cancellation
 */
public record ProcessLimits(
    @Nullable Duration time,
    @Nullable Duration inactivity,
    int lineBytes,
    int errorTailBytes,
    Duration grace) {

  /** No limit on time, lines of 1 MiB, 64 KiB of stderr and five seconds of grace. */
  public static final ProcessLimits DEFAULTS =
      new ProcessLimits(null, null, 1 << 20, 64 << 10, Duration.ofSeconds(5));

  /** Check that every limit leaves room for something. */
  public ProcessLimits {
    requirePositive(time, "time");
    requirePositive(inactivity, "inactivity");
    Objects.requireNonNull(grace, "grace");
    if (grace.isNegative()) {
      throw new IllegalArgumentException("grace must not be negative: " + grace);
    }
    if (lineBytes < 1 || errorTailBytes < 0) {
      throw new IllegalArgumentException(
          "lineBytes must be at least 1 and errorTailBytes at least 0: %d, %d"
              .formatted(lineBytes, errorTailBytes));
    }
  }

  private static void requirePositive(@Nullable Duration limit, String name) {
    if (limit != null && (limit.isNegative() || limit.isZero())) {
      throw new IllegalArgumentException(name + " must be positive: " + limit);
    }
  }
}
