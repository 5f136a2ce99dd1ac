package dev.maestro;

import dev.maestro.attempt.Handout;
import dev.maestro.failure.PermanentException;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Claimed;
import dev.maestro.run.Trouble;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A task that is somebody's for a while: a person's or a program's, who does it instead of Maestro.
 *
 * <p>Nobody else begins it. What is brought in time is taken up by an attempt, which launches
 * nothing, and then checked by the step's gates like any other work. When the time is over the task
 * goes back, and whatever is still brought is refused: the claim is fenced off by its number. All
 * of it is in the journal, so that a claim outlives a restart.
 *
 * <p>Immutable; safe for use by any number of threads.
 */
public final class Claim {

  private final Run run;
  private final TaskId task;
  private final Claimed claimed;

  Claim(Run run, TaskId task, Claimed claimed) {
    this.run = run;
    this.task = task;
    this.claimed = claimed;
  }

  /** {@return which task} */
  public TaskId task() {
    return task;
  }

  /** {@return whose it is} */
  public Actor actor() {
    return claimed.actor();
  }

  /**
   * {@return its number among the claims of the task, from 1; what an earlier one brings is
   * refused}
   */
  public int number() {
    return claimed.number();
  }

  /** {@return when it goes back, unless it is renewed or over by then} */
  public Instant until() {
    return claimed.until();
  }

  /**
   * {@return where the task works; made on first call}
   *
   * @throws RefusedException {@code stale} when the claim is over
   * @throws PermanentException when the step works nowhere, or its workspace cannot be opened
   */
  public Path directory() {
    return run.directory(task, claimed.number());
  }

  /**
   * Ask the rules around an agent or plan step whether it may begin, and write what its agent is
   * told.
   *
   * <p>When a rule does not let it begin, the claim is over. Where it says to wait, the task is
   * given back and nothing is recorded; otherwise an attempt says what the rule says, which may be
   * a question to people: after a yes the task can be claimed again.
   *
   * @return empty when it may not begin, and the claim is over
   * @throws RefusedException {@code stale} when the claim is over already
   * @throws IllegalStateException when the task is no agent's
   */
  public Optional<Handout.Brief> brief() {
    Handout handout = run.handOut(task, claimed.number());
    if (handout instanceof Handout.Brief brief) {
      return Optional.of(brief);
    }
    withhold(((Handout.Withheld) handout).verdict());
    return Optional.empty();
  }

  private void withhold(Verdict verdict) {
    if (verdict instanceof Verdict.Refuse refuse) {
      deliver("", Usage.NONE, Trouble.of(refuse.reason(), refuse.why()));
    } else if (verdict instanceof Verdict.Ask ask) {
      deliver("", Usage.NONE, Trouble.of(ask.reason(), ask.question()));
    } else {
      release();
    }
  }

  /**
   * {@return the same claim, for so long from now}
   *
   * @throws RefusedException {@code stale} when it is over
   */
  public Claim renew(Duration length) {
    Instant until = run.renewClaim(task, claimed.number(), length);
    return new Claim(run, task, new Claimed(claimed.number(), claimed.actor(), until));
  }

  /**
   * Give the task back, without anything done.
   *
   * @throws RefusedException {@code stale} when the claim is over
   */
  public void release() {
    run.releaseClaim(task, claimed.number());
  }

  /**
   * Bring what came of it; the files are as they stand in {@link #directory()}.
   *
   * @param output what the step returns, as text; JSON where it returns JSON
   * @throws RefusedException {@code stale} when the claim is over
   */
  public void complete(String output) {
    complete(output, Usage.NONE);
  }

  /** Bring what came of it, and what that used up. */
  public void complete(String output, Usage usage) {
    deliver(output, usage, null);
  }

  /**
   * Say that it cannot be done; the attempt fails, and the step's attempts say what follows.
   *
   * @throws RefusedException {@code stale} when the claim is over
   */
  public void fail(String why) {
    deliver("", Usage.NONE, Trouble.of(Reason.ERROR, why));
  }

  private void deliver(String output, Usage usage, @Nullable Trouble trouble) {
    run.deliver(task, claimed.number(), output, usage, trouble);
  }

  @Override
  public String toString() {
    return "Claim[" + run.key() + "/" + task + " by " + actor() + " until " + until() + "]";
  }
}
