package dev.maestro.policy;

import dev.maestro.failure.ErrorClass;
import dev.maestro.task.Reason;
import dev.maestro.task.TimeBound;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Pauses a run when failures come too fast: so many within so long, or a single one that says that
 * nothing will go for a while. The requirement M4-19.
 *
 * <p>Of a pipeline, it counts the failed attempts of all its tasks; of a step, those of that step
 * and of what is inside it, which then do not count for what is around. Where it closes, the run is
 * paused, with the reason {@code circuit-open}, {@code quota-exhausted} or {@code rate-limited}:
 * what is at work may finish, nothing new starts, and nothing goes on by itself until somebody
 * resumes the run. Every window begins anew then. Attempts, back-off and ladders are as without it.
 *
 * <p>What was seen so far is a {@link Seen}, folded from the run's events.
 *
 * @param failures how many pause; at least 1, 3 by default
 * @param within in how long; a minute by default
 */
public record FailureWindow(int failures, Duration within) {

  /** The name of the rule in the chain of a run. */
  public static final String RULE = "failure-window";

  /** Three failures in a minute. */
  public static final FailureWindow DEFAULT = new FailureWindow(3, Duration.ofMinutes(1));

  /** Check the limits. */
  public FailureWindow {
    if (failures < 1) {
      throw new IllegalArgumentException(
          "a failure window needs at least 1 failure, not " + failures);
    }
    TimeBound.check("the length of a failure window", within);
  }

  /** {@return a window without failures} */
  public Seen nothing() {
    return new Seen(List.of(), List.of(), Optional.empty());
  }

  /**
   * {@return what has been seen after one more failure} A window that has closed stays closed.
   *
   * <p>Clocks are set. What was seen in the future of this failure was told by a clock that ran
   * ahead: the newest of that counts as of now, and the others keep their distance from it. What
   * such a clock has made look old counts again when it is right.
   *
   * @param seen what had been seen before
   * @param at when it failed
   * @param what what kind of error it was, or null for work that did not pass a check
   */
  public Seen after(Seen seen, Instant at, @Nullable ErrorClass what) {
    if (seen.isPaused()) {
      return seen;
    }
    List<Instant> all = seen.asOf(at);
    all.add(at);
    List<Instant> last = all.subList(Math.max(0, all.size() - failures), all.size());
    List<Instant> recent = last.stream().filter(one -> one.isAfter(at.minus(within))).toList();
    List<Instant> past = last.stream().filter(one -> !one.isAfter(at.minus(within))).toList();
    return new Seen(past, recent, paused(recent.size(), what));
  }

  private Optional<Reason> paused(int recent, @Nullable ErrorClass what) {
    if (what == ErrorClass.QUOTA_EXHAUSTED) {
      return Optional.of(Reason.QUOTA_EXHAUSTED);
    } else if (what == ErrorClass.RATE_LIMITED) {
      return Optional.of(Reason.RATE_LIMITED);
    }
    return recent >= failures ? Optional.of(Reason.CIRCUIT_OPEN) : Optional.empty();
  }

  /**
   * {@return what the chain of a run says of a window that has closed}
   *
   * @throws java.util.NoSuchElementException when it has not
   */
  public Judgment judgment(Seen seen) {
    Reason why = seen.paused().orElseThrow();
    Numbers numbers =
        Numbers.of("failures", seen.recent().size())
            .with("limit", failures)
            .with("seconds", within.toMillis() / 1000.0);
    return new Judgment(RULE, Place.RETRY, Judgment.Answer.WAIT, why, sentence(seen, why), numbers);
  }

  private String sentence(Seen seen, Reason why) {
    String what =
        why.equals(Reason.CIRCUIT_OPEN)
            ? seen.recent().size() + " attempts failed within " + within
            : "an attempt failed with " + why;
    return what + "; nothing new starts until somebody resumes the run";
  }

  /**
   * What a window has seen.
   *
   * @param past when failures were that do not count, unless a clock had run ahead
   * @param recent when the failures were that still count
   * @param paused why nothing may start
   */
  public record Seen(List<Instant> past, List<Instant> recent, Optional<Reason> paused) {

    /** Check that nothing is missing. */
    public Seen {
      past = List.copyOf(past);
      recent = List.copyOf(recent);
      Objects.requireNonNull(paused, "paused");
    }

    /** {@return whether nothing may start} */
    public boolean isPaused() {
      return paused.isPresent();
    }

    /** {@return all of them, none in the future of now} */
    private List<Instant> asOf(Instant now) {
      List<Instant> all = new ArrayList<>(past);
      all.addAll(recent);
      Instant newest = all.stream().max(Comparator.naturalOrder()).orElse(now);
      Duration ahead = Duration.between(now, newest);
      all.replaceAll(one -> one.isAfter(now) ? one.minus(ahead) : one);
      all.sort(Comparator.naturalOrder());
      return all;
    }
  }
}
