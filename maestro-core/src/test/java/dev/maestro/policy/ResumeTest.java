package dev.maestro.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
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
