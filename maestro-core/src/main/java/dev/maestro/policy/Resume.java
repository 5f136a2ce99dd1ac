package dev.maestro.policy;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
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

  /** {@return the first moment from this one on at which tasks may go on} */
  public Instant notBefore(Instant back) {
    ZonedDateTime there = back.atZone(zone);
    if (isWithin(there.toLocalTime())) {
      return back;
    }
    ZonedDateTime today = there.toLocalDate().atTime(from).atZone(zone);
    // where clocks are set back, the hour comes twice
    return Stream.of(
            today,
            today.withLaterOffsetAtOverlap(),
            there.toLocalDate().plusDays(1).atTime(from).atZone(zone))
        .filter(begin -> !begin.isBefore(there))
        .findFirst()
        .orElseThrow()
        .toInstant();
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
