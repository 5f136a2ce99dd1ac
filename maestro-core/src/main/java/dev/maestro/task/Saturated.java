package dev.maestro.task;

import java.time.Duration;

/** Sums of what is never negative; one that cannot be said any more is the most that can. */
final class Saturated {

  private static final Duration MOST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

  private Saturated() {}

  static long sum(long one, long other) {
    long sum = one + other;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  static int sum(int one, int other) {
    return toInt((long) one + other);
  }

  static int toInt(long number) {
    return (int) Math.min(Integer.MAX_VALUE, number);
  }

  static Duration sum(Duration one, Duration other) {
    return other.compareTo(MOST.minus(one)) > 0 ? MOST : one.plus(other);
  }
}
