package dev.maestro.failure;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads when an error is over, in the forms in which that is told: as a moment, as a time from now,
 * as a time of the day.
 *
 * <p>What lies more than a year ahead, or more than a minute back, is no such time.
 */
final class ResetTimes {

  private static final Duration FARTHEST = Duration.ofDays(366);
  private static final Duration SLACK = Duration.ofMinutes(1);
  private static final long LEAST_MILLIS = 100_000_000_000L;

  /** {@code "resets_at": 1795212000}, {@code usage limit reached|1795212000}. */
  private static final Pattern MOMENT =
      Pattern.compile(
          "(?:resets?_?at|reset_?time|limit reached ?\\|)[\"']?[ :=]{0,3}[\"']?(\\d{10,13})\\b");

  /** {@code "retryDelay": "5400s"}, {@code retry-after: 17}, {@code resets_in_seconds: 30}. */
  private static final Pattern FIELD =
      Pattern.compile(
          "(?:retry_?delay|retry-after|resets_in_seconds|retry_after)(?:_?seconds)?[\"']?[ :=]{0,3}"
              + "[\"']?(\\d{1,9}(?:\\.\\d{1,9})?)s?\\b(?! ?(?:ms|m\\b|min|h\\b|hour))");

  private static final Pattern FIELD_MILLIS =
      Pattern.compile("(?:retry_?delay|retry_?after)_?ms[\"']?[ :=]{0,3}(\\d{1,12})\\b");

  /** What stands before a time from now; which units follow, {@link #AMOUNT} reads. */
  private static final Pattern FROM_NOW =
      Pattern.compile(
          "(?:try again|retry|retrying|reset|resets|available again|wait)(?: after| in| for| again"
              + " in)?:? (?=\\d)");

  private static final Pattern AMOUNT =
      Pattern.compile(
          "\\G(?:,? ?(?:and )?)(\\d{1,9}(?:\\.\\d{1,9})?) ?"
              + "(ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])");

  /** {@code "resets_at": "2026-11-27t03:00:00z"}, {@code try again after 2026-11-27 03:00 utc}. */
  private static final Pattern DATE_AND_TIME =
      Pattern.compile(
          "(?:resets?(?:_?at)?|reset_?time|retry[-_ ]?after|again|until)[\"']?"
              + "(?: at| on| after| until)?[ :=]{0,3}[\"']?(\\d{4}-\\d\\d-\\d\\d)[t ]"
              + "(\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)?) ?"
              + "(z\\b|utc\\b|gmt\\b|[+-]\\d\\d(?::?\\d\\d)?\\b)?");

  /**
   * {@code resets nov 28, 3:05 pm (america/new_york)}, {@code try again at 10:17 pm}, {@code resets
   * mon 12:00 am}.
   */
  private static final Pattern OF_THE_DAY =
      Pattern.compile(
          "(?:resets?|try again|available again|until|again)(?: at| on)? "
              + "(?:(tomorrow|mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?(?: at)? )?"
              + "(?:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} (\\d{1,2})"
              + "(?:st|nd|rd|th)?,?(?: (\\d{4}),?)?(?: at)? )?"
              + "(\\d{1,2})(?::(\\d\\d))?(?::\\d\\d)?(?: ?([ap]\\.?m))?\\b\\.?"
              + "(?: ?\\(([a-z0-9/_+: -]{1,40})\\)"
              + "| ((?:utc|gmt)(?:[+-]\\d{1,2}(?::?\\d\\d)?)?|[pme][sd]t|cdt)\\b)?");

  /** What people write for zones, as far as it means one only. */
  private static final Map<String, ZoneId> SHORT_ZONES =
      Map.ofEntries(
          zone("pst", "America/Los_Angeles"),
          zone("pdt", "America/Los_Angeles"),
          zone("pt", "America/Los_Angeles"),
          zone("mst", "America/Denver"),
          zone("mdt", "America/Denver"),
          zone("cdt", "America/Chicago"),
          zone("est", "America/New_York"),
          zone("edt", "America/New_York"),
          zone("et", "America/New_York"));

  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private static final List<String> WEEKDAYS =
      List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

  private static Map.Entry<String, ZoneId> zone(String name, String id) {
    return Map.entry(name, ZoneId.of(id));
  }

  private final Instant now;
  private final ZoneId zone;

  ResetTimes(Instant now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  /** {@return the moment, if it can be one at which an error of now is over} */
  Optional<Instant> plausible(@Nullable Instant moment) {
    return Optional.ofNullable(moment)
        .filter(each -> !each.isBefore(now.minus(SLACK)) && !each.isAfter(now.plus(FARTHEST)));
  }

  /** {@return what a header {@code Retry-After} says: seconds, or a date} */
  Optional<Instant> inHeader(@Nullable String value) {
    if (value == null) {
      return Optional.empty();
    }
    String text = value.strip();
    if (text.matches("\\d{1,9}(?:\\.\\d{1,9})?")) {
      return after(seconds(text, 1_000));
    }
    try {
      return plausible(
          DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, ZonedDateTime::from).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** {@return when a text says that it is over; it must be in lower case} */
  Optional<Instant> in(String text) {
    return moment(text)
        .or(() -> dateAndTime(text))
        .or(() -> field(text))
        .or(() -> fromNow(text))
        .or(() -> ofTheDay(text));
  }

  private Optional<Instant> moment(String text) {
    Matcher found = MOMENT.matcher(text);
    if (!found.find()) {
      return Optional.empty();
    }
    long number = Long.parseLong(found.group(1));
    return plausible(
        number >= LEAST_MILLIS ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number));
  }

  private Optional<Instant> dateAndTime(String text) {
    Matcher found = DATE_AND_TIME.matcher(text);
    if (!found.find()) {
      return Optional.empty();
    }
    try {
      LocalDateTime then = LocalDateTime.parse(found.group(1) + "T" + found.group(2));
      return plausible(then.atZone(offset(found.group(3))).toInstant());
    } catch (DateTimeException e) {
      // There is no such day, time or offset, so nothing is known.
      return Optional.empty();
    }
  }

  private ZoneId offset(@Nullable String told) {
    if (told == null) {
      return zone;
    }
    return Character.isLetter(told.charAt(0)) ? ZoneOffset.UTC : ZoneOffset.of(told);
  }

  private Optional<Instant> field(String text) {
    Matcher millis = FIELD_MILLIS.matcher(text);
    if (millis.find()) {
      return after(Duration.ofMillis(Long.parseLong(millis.group(1))));
    }
    Matcher found = FIELD.matcher(text);
    return found.find() ? after(seconds(found.group(1), 1_000)) : Optional.empty();
  }

  private Optional<Instant> fromNow(String text) {
    Matcher begin = FROM_NOW.matcher(text);
    while (begin.find()) {
      Optional<Instant> end = amounts(text, begin.end());
      if (end.isPresent()) {
        return end;
      }
    }
    return Optional.empty();
  }

  private Optional<Instant> amounts(String text, int from) {
    Matcher amount = AMOUNT.matcher(text);
    Duration sum = Duration.ZERO;
    boolean any = false;
    for (int at = from; amount.find(at); at = amount.end()) {
      sum = sum.plus(seconds(amount.group(1), millisIn(amount.group(2))));
      any = true;
    }
    return any ? after(sum) : Optional.empty();
  }

  private static long millisIn(String unit) {
    if (unit.startsWith("ms") || unit.startsWith("milli")) {
      return 1;
    }
    return switch (unit.charAt(0)) {
      case 's' -> 1_000;
      case 'm' -> 60_000;
      case 'h' -> 3_600_000;
      default -> 86_400_000;
    };
  }

  private static Duration seconds(String number, long millisEach) {
    return Duration.ofMillis((long) Math.ceil(Double.parseDouble(number) * millisEach));
  }

  private Optional<Instant> after(Duration wait) {
    return wait.compareTo(FARTHEST) > 0 ? Optional.empty() : Optional.of(now.plus(wait));
  }

  private Optional<Instant> ofTheDay(String text) {
    Matcher found = OF_THE_DAY.matcher(text);
    try {
      while (found.find()) {
        boolean isTime = found.group(6) != null || found.group(7) != null;
        if (isTime) {
          return plausible(ofTheDay(found));
        }
      }
    } catch (DateTimeException e) {
      // There is no such time, day or zone, so nothing is known.
    }
    return Optional.empty();
  }

  private Instant ofTheDay(Matcher found) {
    ZoneId where = zone(found);
    LocalTime time = time(found);
    LocalDate today = now.atZone(where).toLocalDate();
    String weekday = found.group(1);
    if (found.group(2) == null) {
      return weekday == null
          ? nextOf(today, Period.ofDays(1), time, where)
          : onThatDay(weekday, today, time, where);
    }
    MonthDay day =
        MonthDay.of(MONTHS.indexOf(found.group(2)) + 1, Integer.parseInt(found.group(3)));
    int year = found.group(4) == null ? today.getYear() : Integer.parseInt(found.group(4));
    Instant then = day.atYear(year).atTime(time).atZone(where).toInstant();
    return found.group(4) == null && then.isBefore(now.minus(SLACK))
        ? day.atYear(year + 1).atTime(time).atZone(where).toInstant()
        : then;
  }

  private Instant onThatDay(String name, LocalDate today, LocalTime time, ZoneId where) {
    if (name.equals("tomorrow")) {
      return today.plusDays(1).atTime(time).atZone(where).toInstant();
    }
    DayOfWeek day = DayOfWeek.of(WEEKDAYS.indexOf(name) + 1);
    LocalDate next = today.with(TemporalAdjusters.nextOrSame(day));
    return nextOf(next, Period.ofWeeks(1), time, where);
  }

  /** {@return that time on the first day, or a period later where it is over there} */
  private Instant nextOf(LocalDate first, Period later, LocalTime time, ZoneId where) {
    Instant next = first.atTime(time).atZone(where).toInstant();
    return next.isBefore(now.minus(SLACK))
        ? first.plus(later).atTime(time).atZone(where).toInstant()
        : next;
  }

  private static LocalTime time(Matcher found) {
    int hour = Integer.parseInt(found.group(5));
    int minute = found.group(6) == null ? 0 : Integer.parseInt(found.group(6));
    if (found.group(7) == null) {
      return LocalTime.of(hour, minute);
    }
    if (hour < 1 || hour > 12) {
      throw new DateTimeException("no hour of half a day: " + hour);
    }
    return LocalTime.of(hour % 12 + (found.group(7).startsWith("p") ? 12 : 0), minute);
  }

  /** {@return the zone that is named; its letters have lost their case, so it is looked up} */
  private ZoneId zone(Matcher found) {
    String name = found.group(8) == null ? found.group(9) : found.group(8).strip();
    if (name == null) {
      return zone;
    }
    ZoneId known = SHORT_ZONES.get(name);
    if (known != null) {
      return known;
    }
    return ZoneId.getAvailableZoneIds().stream()
        .filter(each -> each.toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .map(ZoneId::of)
        .orElseGet(() -> ZoneId.of(name.toUpperCase(Locale.ROOT)));
  }
}
