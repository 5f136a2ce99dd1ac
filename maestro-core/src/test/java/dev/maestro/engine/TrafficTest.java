package dev.maestro.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.failure.ErrorClass;
import dev.maestro.policy.Breaker;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Verdict;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.store.Commit;
import dev.maestro.store.InMemoryStore;
import dev.maestro.store.Store;
import dev.maestro.task.Amount;
import dev.maestro.task.Reason;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrafficTest {

  private static final RunKey ONE = new RunKey(Tenant.DEFAULT, RunId.of("one"));
  private static final RunKey TWO = new RunKey(Tenant.DEFAULT, RunId.of("two"));
  private static final Breaker BREAKER = new Breaker(1, 1, 1, Duration.ofMinutes(5), 1);

  private Instant now = Instant.parse("2026-01-01T10:00:00Z");

  private final Waiters waiters = new Waiters();

  private Traffic with(ProviderLimits limits) {
    Store store = InMemoryStore.create().open(InstantSource.system());
    return new Traffic(store, Map.of("p", limits), waiters);
  }

  private RunEvent.Intent launch(String task) {
    return new RunEvent.Intent(now, TaskId.of(task), 1, "p", null, "head", "prompt", null, true);
  }

  private Batch.Part take(
      Traffic traffic, RunKey run, LedgerLine.Kind kind, String task, @Nullable Trouble trouble) {
    Batch.Part part = Begun.part();
    LedgerLine line = new LedgerLine(kind, launch(task), Amount.NONE, trouble);
    traffic.take(run, part, List.of(line), now);
    return part;
  }

  private Batch.Part take(Traffic traffic, RunKey run, LedgerLine.Kind kind, String task) {
    return take(traffic, run, kind, task, null);
  }

  private Optional<String> held(Traffic traffic) {
    return held(traffic, new Traffic.Own(Optional.empty(), now));
  }

  private Optional<String> held(Traffic traffic, Traffic.Own own) {
    Optional<RunInput.Held> held = traffic.held(ONE, launch("next"), own, question -> false, now);
    return held.map(RunInput.Held::judgments).map(all -> all.get(0)).map(Judgment::rule);
  }

  // ------------------------------------------------------------------ how many at once

  @Test
  void aLaunchOfADeadEngineThatEndsHereMakesNoRoom() {
    Traffic traffic = with(ProviderLimits.NONE.atOnce(1));
    take(traffic, ONE, LedgerLine.Kind.PRESUMED, "cut-off");

    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");

    assertThat(held(traffic)).contains("at-once");
  }

  @Test
  void norDoesItWhileAnotherIsAtWork() {
    Traffic traffic = with(ProviderLimits.NONE.atOnce(1));
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");

    take(traffic, TWO, LedgerLine.Kind.PRESUMED, "a");
    traffic.waits(TWO, launch("next"));

    assertThat(held(traffic)).contains("at-once");
    assertThat(waiters.take()).isEmpty();
    take(traffic, ONE, LedgerLine.Kind.SETTLED, "a");
    assertThat(held(traffic)).isEmpty();
    assertThat(waiters.take()).containsExactly(TWO);
  }

  @Test
  void whatWasNotWrittenIsNotUnderWay() {
    Traffic traffic = with(ProviderLimits.NONE.atOnce(1));
    Batch.Part refused = take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");

    traffic.waits(TWO, launch("next"));
    traffic.forget(ONE, refused.traffic());

    assertThat(held(traffic)).isEmpty();
    assertThat(waiters.take()).containsExactly(TWO);
  }

  @Test
  void whatIsUnderWayInOtherRunsStaysSo() {
    Traffic traffic = with(ProviderLimits.NONE.atOnce(1));
    take(traffic, TWO, LedgerLine.Kind.RESERVED, "a");

    traffic.forget(ONE, List.of());

    assertThat(held(traffic)).contains("at-once");
  }

  // ------------------------------------------------------------------ how many in a time

  /** Until when a task is told to wait; empty when it is launched. */
  private Optional<Instant> tries(Traffic traffic, String task) {
    Traffic.Own own = new Traffic.Own(Optional.empty(), now);
    Optional<RunInput.Held> held = traffic.held(ONE, launch(task), own, question -> false, now);
    held.ifPresentOrElse(
        why -> traffic.promise(ONE, new RunInput.Intend(launch(task), List.of()), why),
        () -> take(traffic, ONE, LedgerLine.Kind.RESERVED, task));
    return held.map(why -> ((Verdict.Wait) why.verdict()).until());
  }

  @Test
  void whoWaitsForItsTurnIsToldItsOwn() {
    Traffic traffic = with(ProviderLimits.NONE.rate(2, Duration.ofMinutes(1)));
    Instant begin = now;
    List<String> tasks = List.of("a", "b", "c", "d", "e", "f");
    List<Long> told = new ArrayList<>();
    for (String task : tasks) {
      Optional<Instant> until = tries(traffic, task);
      told.add(until.map(at -> Duration.between(begin, at).toMinutes()).orElse(0L));
    }
    assertThat(told).containsExactly(0L, 0L, 1L, 1L, 2L, 2L);

    now = begin.plus(Duration.ofMinutes(1));
    assertThat(tries(traffic, "c")).isEmpty();
    assertThat(tries(traffic, "new"))
        .as("comes behind all who wait")
        .contains(begin.plus(Duration.ofMinutes(3)));
    assertThat(tries(traffic, "d")).isEmpty();
    now = begin.plus(Duration.ofMinutes(2));
    assertThat(tries(traffic, "f")).isEmpty();
    assertThat(tries(traffic, "e")).isEmpty();
  }

  @Test
  void whoNeverComesKeepsNobodyWaitingForEver() {
    Traffic traffic = with(ProviderLimits.NONE.rate(1, Duration.ofMinutes(1)));
    tries(traffic, "a");
    tries(traffic, "cancelled");
    now = now.plus(Duration.ofMinutes(3));

    assertThat(tries(traffic, "b")).isEmpty();
  }

  // ------------------------------------------------------------------ quotas

  @Test
  void aMomentThatIsMoreThanAYearAwayClosesNothing() {
    Traffic traffic = with(ProviderLimits.NONE.rate(9, Duration.ofHours(1)));
    Instant back = now.plus(Trouble.LONGEST).plusSeconds(1);
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");
    take(
        traffic,
        ONE,
        LedgerLine.Kind.SETTLED,
        "a",
        new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "used up", "", back));

    assertThat(held(traffic)).isEmpty();
  }

  @Test
  void whoIsLaunchedWhileItIsUsedUpHasNotKnownOfItAndOpensNothing() {
    Traffic traffic = with(ProviderLimits.NONE);
    Instant back = now.plus(Duration.ofHours(5));
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");
    take(
        traffic,
        ONE,
        LedgerLine.Kind.SETTLED,
        "a",
        new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "used up", "", back));

    take(traffic, TWO, LedgerLine.Kind.RESERVED, "at-the-same-moment");

    assertThat(held(traffic)).contains("quota");
    now = back;
    assertThat(held(traffic)).isEmpty();
  }

  @Test
  void whoHasWaitedForAQuotaIsAskedThoughAnotherHasGoneOn() {
    Traffic traffic = with(ProviderLimits.NONE);
    Traffic.Own asking = new Traffic.Own(Optional.of(Resume.ASKING), now);
    Instant back = now.plus(Duration.ofHours(5));
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");
    take(
        traffic,
        ONE,
        LedgerLine.Kind.SETTLED,
        "a",
        new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "used up", "", back));
    assertThat(held(traffic, asking)).contains("quota");
    now = back;
    assertThat(held(traffic)).as("who says nothing goes on").isEmpty();
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");

    assertThat(held(traffic, asking)).as("who has waited is asked").contains("quota");
    assertThat(held(traffic, new Traffic.Own(Optional.of(Resume.ASKING), now)))
        .as("who comes later has nothing to wait for")
        .isEmpty();
  }

  @Test
  void aProviderThatTellsTheSameTimeOnceMoreIsHeldAgain() {
    Traffic traffic = with(ProviderLimits.NONE);
    Instant back = now.plus(Duration.ofHours(1));
    Trouble usedUp =
        new Trouble(Reason.QUOTA_EXHAUSTED, ErrorClass.QUOTA_EXHAUSTED, "used up", "", back);
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");
    take(traffic, ONE, LedgerLine.Kind.SETTLED, "a", usedUp);
    now = back;
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "b");
    // the clock had been ahead
    now = back.minus(Duration.ofMinutes(30));

    take(traffic, ONE, LedgerLine.Kind.SETTLED, "b", usedUp);

    assertThat(held(traffic)).contains("quota");
  }

  // ------------------------------------------------------------------ several engines

  private void write(Store store, Traffic traffic, Batch.Part part) {
    store.commit(List.of(Commit.ofRecords(traffic.writes(part.traffic()))));
    traffic.written(part.traffic());
  }

  @Test
  void whatAnotherEngineHasSeenFailIsHeededAndOwnTrialsAreKept() {
    Store store = InMemoryStore.create().open(InstantSource.system());
    Map<String, ProviderLimits> limits = Map.of("p", ProviderLimits.NONE.breaker(BREAKER));
    Traffic here = new Traffic(store, limits, waiters);
    Traffic there = new Traffic(store, limits, waiters);
    assertThat(held(here)).isEmpty();
    Trouble failed = new Trouble(Reason.ERROR, ErrorClass.PERMANENT, "no", "", null);
    take(there, TWO, LedgerLine.Kind.RESERVED, "x");
    write(store, there, take(there, TWO, LedgerLine.Kind.SETTLED, "x", failed));

    here.heed(ONE, launch("next"));
    assertThat(held(here)).contains("breaker");

    now = now.plus(Duration.ofMinutes(5));
    write(store, here, take(here, ONE, LedgerLine.Kind.RESERVED, "tries"));
    there.heed(TWO, launch("x"));
    write(store, there, take(there, TWO, LedgerLine.Kind.RESERVED, "tries-there"));
    here.heed(ONE, launch("next"));
    assertThat(held(here)).as("one tries it here").contains("breaker");
  }

  // ------------------------------------------------------------------ breakers

  private Traffic halfOpen() {
    Traffic traffic = with(ProviderLimits.NONE.breaker(BREAKER));
    Trouble down = new Trouble(Reason.ERROR, ErrorClass.TRANSIENT, "down", "", null);
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "a");
    take(traffic, ONE, LedgerLine.Kind.SETTLED, "a", down);
    assertThat(held(traffic)).contains("breaker");
    now = now.plus(BREAKER.open());
    assertThat(held(traffic)).isEmpty();
    return traffic;
  }

  @Test
  void aTrialThatNeverBeganClosesNoBreaker() {
    Traffic traffic = halfOpen();
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "trial");

    take(traffic, ONE, LedgerLine.Kind.GIVEN_BACK, "trial");

    take(traffic, ONE, LedgerLine.Kind.RESERVED, "second");
    assertThat(held(traffic)).as("still only one may try").contains("breaker");
  }

  @Test
  void aTrialThatSucceedsClosesIt() {
    Traffic traffic = halfOpen();
    take(traffic, ONE, LedgerLine.Kind.RESERVED, "trial");

    take(traffic, ONE, LedgerLine.Kind.SETTLED, "trial");

    take(traffic, ONE, LedgerLine.Kind.RESERVED, "second");
    assertThat(held(traffic)).isEmpty();
  }
}
