package dev.maestro.run;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a task waits that its provider turns away for want of a quota.
 *
 * <p>It costs no attempt, so the attempts do not bound it. A provider whose word is good is
 * believed: the first {@value #BELIEVED} times in a row, on each of the routes there are, the task
 * waits as long as it is told. After that it waits a minute at least, then two, four and so on up
 * to an hour, and longer where it is told so. A launch that was at work for a minute was not turned
 * away at the door, and begins the row anew.
 */
final class TurnedAway {

  /** How often in a row, on each route, a provider is believed. */
  static final int BELIEVED = 2;

  /** The least that a task waits then, doubled each time. */
  static final Duration LEAST = Duration.ofMinutes(1);

  /** What that grows to. */
  static final Duration MOST = Duration.ofHours(1);

  private TurnedAway() {}

  /** {@return how often in a row the task is turned away, if it is so now} */
  static int times(Task task, Instant now) {
    RunEvent.Intent launch = task.dealings.underWay;
    boolean wasAtWork = launch != null && !now.isBefore(launch.at().plus(LEAST));
    return wasAtWork ? 1 : task.dealings.turnedAway + 1;
  }

  /** {@return whether that is so often that the task waits for longer than it is told} */
  static boolean isTooOften(int times, int routes) {
    return times > BELIEVED * routes;
  }

  /**
   * {@return when the task goes on}
   *
   * @param times how often in a row it has been turned away, this time included
   * @param routes on how many routes it may be launched
   * @param told when it would go on by what it was told
   */
  static Instant until(int times, int routes, Instant told, Instant now) {
    if (!isTooOften(times, routes)) {
      return told;
    }
    int doubled = times - BELIEVED * routes - 1;
    Duration least = LEAST;
    for (int i = 0; i < doubled && least.compareTo(MOST) < 0; i++) {
      least = least.multipliedBy(2);
    }
    Instant soonest = now.plus(least.compareTo(MOST) < 0 ? least : MOST);
    return told.isAfter(soonest) ? told : soonest;
  }
}
