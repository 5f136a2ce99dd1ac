package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ResumeTest {

  private static final LocalTime EVENING = LocalTime.of(22, 0);
  private static final LocalTime MORNING = LocalTime.of(6, 0);

  @Test
  void atOnceUnlessToldOtherwise() {
    Instant back = Instant.parse("2026-01-01T12:00:00Z");

    assertThat(Resume.AUTOMATIC.notBefore(back)).isEqualTo(back);
    assertThat(Resume.ASKING.notBefore(back)).isEqualTo(back);
  }

  @Test
  void whatComesBackByDayWaitsForTheNight() {
    Resume nights = Resume.between(EVENING, MORNING, ZoneId.of("Europe/Berlin"));

    assertThat(nights.notBefore(Instant.parse("2026-01-01T12:00:00Z")))
        .isEqualTo(Instant.parse("2026-01-01T21:00:00Z"));
    assertThat(nights.notBefore(Instant.parse("2026-01-01T23:00:00Z")))
        .isEqualTo(Instant.parse("2026-01-01T23:00:00Z"));
    assertThat(nights.notBefore(Instant.parse("2026-01-01T04:59:00Z")))
        .isEqualTo(Instant.parse("2026-01-01T04:59:00Z"));
  }

  @Test
  void whatComesBackInTheEveningWaitsForTheNextDay() {
    Resume days = Resume.between(MORNING, EVENING, ZoneOffset.UTC);

    assertThat(days.notBefore(Instant.parse("2026-01-01T22:00:00Z")))
        .isEqualTo(Instant.parse("2026-01-02T06:00:00Z"));
  }

  @Test
  void whereTheHourComesTwiceTheSecondWillDo() {
    Resume early = Resume.between(LocalTime.of(2, 30), MORNING, ZoneId.of("Europe/Berlin"));
    // the second 02:10 of that night; 02:30 is still to come once more
    Instant back = Instant.parse("2026-10-25T01:10:00Z");

    assertThat(early.notBefore(back)).isEqualTo(Instant.parse("2026-10-25T01:30:00Z"));
  }

  @Test
  void timesThatADayDoesNotHaveComeOnTheNext() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    // in that night 02:00 is followed by 03:00
    Instant back = Instant.parse("2026-03-29T00:00:00Z");

    assertThat(Resume.between(LocalTime.of(2, 10), LocalTime.of(2, 50), berlin).notBefore(back))
        .as("02:10 of the day after")
        .isEqualTo(Instant.parse("2026-03-30T00:10:00Z"));
    assertThat(Resume.between(LocalTime.of(2, 30), LocalTime.of(3, 15), berlin).notBefore(back))
        .as("03:00, with which the hour ends that is not there")
        .isEqualTo(Instant.parse("2026-03-29T01:00:00Z"));
  }

  @Test
  void timesThatClocksAreSetBackIntoComeAgain() {
    Resume early =
        Resume.between(LocalTime.of(1, 30), LocalTime.of(2, 30), ZoneId.of("Europe/Berlin"));
    // the first 02:45 of that night; after 03:00 comes 02:00
    Instant back = Instant.parse("2026-10-25T00:45:00Z");

    assertThat(early.notBefore(back)).isEqualTo(Instant.parse("2026-10-25T01:00:00Z"));
  }

  @Property(tries = 500)
  void isAlwaysWithinTheTimes(
      @ForAll @IntRange(max = 366 * 24 * 60) int minute,
      @ForAll @IntRange(max = 1439) int from,
      @ForAll @IntRange(max = 1439) int to,
      @ForAll("zones") ZoneId zone) {
    Resume resume =
        Resume.between(
            LocalTime.ofSecondOfDay(from * 60L), LocalTime.ofSecondOfDay(to * 60L), zone);
    Instant back = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(minute * 60L);

    Instant at = resume.notBefore(back);

    assertThat(at).isBetween(back, back.plus(Duration.ofDays(2)));
    assertThat(resume.notBefore(at)).isEqualTo(at);
  }

  @Provide
  static Arbitrary<ZoneId> zones() {
    // an hour, half an hour, and an hour at midnight
    return Arbitraries.of("Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo").map(ZoneId::of);
  }

  @Property(tries = 200)
  void neverGoesBackNorWaitsMoreThanADay(
      @ForAll @IntRange(max = 1_000_000) int second,
      @ForAll @IntRange(max = 1439) int from,
      @ForAll @IntRange(max = 1439) int to) {
    Instant back = Instant.EPOCH.plusSeconds(second);
    Resume resume =
        Resume.between(
            LocalTime.ofSecondOfDay(from * 60L), LocalTime.ofSecondOfDay(to * 60L), ZoneOffset.UTC);

    Instant at = resume.notBefore(back);

    assertThat(at).isBetween(back, back.plusSeconds(86_400));
    assertThat(resume.notBefore(at)).isEqualTo(at);
  }
}
