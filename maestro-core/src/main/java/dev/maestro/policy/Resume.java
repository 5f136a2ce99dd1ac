package dev.maestro.policy;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * When tasks of a provider go on whose quota is back.
 *
 * @param asks whether a person is asked first; silence is no
 * @param from from which time of the day on they may; the same as {@code to} for at any time
 * @param to until when; earlier than {@code from} for a night
 * @param zone where that time holds
 */
public record Resume(boolean asks, LocalTime from, LocalTime to, ZoneId zone) {

  /** No zone leaves out the same hours, or a day, on so many days in a row. */
  private static final int DAYS = 7;

  /** At once, and without asking. */
  public static final Resume AUTOMATIC =
      new Resume(false, LocalTime.MIDNIGHT, LocalTime.MIDNIGHT, ZoneOffset.UTC);

  /** When a person has said yes. */
  public static final Resume ASKING =
      new Resume(true, LocalTime.MIDNIGHT, LocalTime.MIDNIGHT, ZoneOffset.UTC);

  /** Check that nothing is missing; where any time will do, it is the same everywhere. */
  public Resume {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(zone, "zone");
    if (from.equals(to)) {
      from = LocalTime.MIDNIGHT;
      to = LocalTime.MIDNIGHT;
      zone = ZoneOffset.UTC;
    }
  }

  /** {@return without asking, but only between these times of the day} */
  public static Resume between(LocalTime from, LocalTime to, ZoneId zone) {
    return new Resume(false, from, to, zone);
  }

  /** {@return whether any time of the day will do} */
  public boolean isAtAnyTime() {
    return from.equals(to);
  }

  /**
   * {@return the first moment from this one on at which tasks may go on}
   *
   * <p>Hours that a day does not have, because clocks are set forward over them, are left out:
   * times that lie in them altogether come on the next day. Hours that it has twice count twice.
   */
  public Instant notBefore(Instant back) {
    if (isWithin(back)) {
      return back;
    }
    return Stream.concat(begins(back), changes(back))
        .filter(begin -> !begin.isBefore(back) && isWithin(begin))
        .min(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** {@return when the times begin by the clock on the days that follow} */
  private Stream<Instant> begins(Instant back) {
    LocalDate today = back.atZone(zone).toLocalDate();
    return IntStream.rangeClosed(0, DAYS)
        .mapToObj(today::plusDays)
        .map(day -> day.atTime(from))
        .flatMap(begin -> zone.getRules().getValidOffsets(begin).stream().map(begin::toInstant));
  }

  /** {@return when clocks are changed on those days, which may lead into the times, too} */
  private Stream<Instant> changes(Instant back) {
    Instant end = back.plus(Duration.ofDays(DAYS));
    return Stream.iterate(
            zone.getRules().nextTransition(back),
            change -> change != null && change.getInstant().isBefore(end),
            change -> zone.getRules().nextTransition(change.getInstant()))
        .map(ZoneOffsetTransition::getInstant);
  }

  private boolean isWithin(Instant moment) {
    return isWithin(moment.atZone(zone).toLocalTime());
  }

  private boolean isWithin(LocalTime time) {
    if (isAtAnyTime()) {
      return true;
    }
    boolean late = !time.isBefore(from);
    boolean early = time.isBefore(to);
    return from.isBefore(to) ? late && early : late || early;
  }
}
