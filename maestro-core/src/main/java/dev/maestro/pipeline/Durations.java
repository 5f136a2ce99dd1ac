package dev.maestro.pipeline;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 90s}, {@code 5m}, {@code 1h}, ISO-8601. */
final class Durations {

  private static final Pattern SHORT = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
  private static final long LONGEST_SHORT = 999_999_999_999L;
  private static final int NANOS_OF_MILLI = 1_000_000;

  private Durations() {}

  static Duration read(String text) {
    Matcher matcher = SHORT.matcher(text);
    if (!matcher.matches()) {
      return readIso(text);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static Duration readIso(String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "a duration is written 500ms, 90s, 5m, 1h, 2d or as ISO-8601, not '" + text + "'", e);
    }
  }

  static String write(Duration duration) {
    long seconds = duration.getSeconds();
    if (seconds < 0 || seconds > LONGEST_SHORT / 1000) {
      return duration.toString();
    }
    if (duration.getNano() != 0) {
      return duration.getNano() % NANOS_OF_MILLI == 0
          ? duration.toMillis() + "ms"
          : duration.toString();
    }
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3600 != 0 ? seconds / 60 + "m" : seconds / 3600 + "h";
  }
}
