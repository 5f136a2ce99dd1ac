package dev.maestro.hosted;

import dev.maestro.Claim;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunConflictException;
import dev.maestro.RunOptions;
import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import java.util.Optional;

/**
 * What one host may do.
 *
 * <p>Any host may work on any run; the questions of a run are answered by the host that started it,
 * and others may look (M2-05). Whatever a host does wrong is a reply; what is thrown is a store
 * that fails, and an interrupt.
 *
 * <p>Safe for use by any number of threads; holds nothing but its name.
 */
public final class Host {

  private static final int HASH_LENGTH = 12;
  private static final int LONGEST_NAME = 80;
  private static final String PERSON = "/person";

  private final Hosted hosted;
  private final Actor actor;
  private final Actor person;

  Host(Hosted hosted, Actor actor) {
    this.hosted = hosted;
    this.actor = actor.somebody();
    this.person = Actor.of(actor.name() + PERSON);
  }

  /** {@return its name} */
  public Actor actor() {
    return actor;
  }

  // ------------------------------------------------------------------ runs

  /**
   * Start a run of a pipeline, or go on with the one of this name.
   *
   * @return {@link Reply.Started}, or {@link Reply.Refused}
   */
  public Reply start(String pipeline, RunId run, Inputs inputs) {
    Optional<Pipeline> known = hosted.pipeline(pipeline);
    if (known.isEmpty()) {
      return new Reply.Refused(
          "unknown-pipeline",
          "there is no pipeline '" + pipeline + "' here; there is: " + hosted.pipelines());
    }
    RunOptions options =
        RunOptions.of(hosted.maestro().tenant(), actor).owner(actor).openToClaims();
    try {
      hosted.maestro().start(known.get(), run, inputs, options);
      return new Reply.Started(run, pipeline);
    } catch (RunConflictException e) {
      return refused("run-conflict", e);
    } catch (InvalidDefinitionException e) {
      return refused("invalid", e);
    }
  }

  /**
   * Start a run whose name is made from the pipeline and the inputs: started again with the same,
   * it is the same run.
   */
  public Reply start(String pipeline, Inputs inputs) {
    String safe = pipeline.replaceAll("[^A-Za-z0-9._-]", "-");
    String name = safe.substring(0, Math.min(safe.length(), LONGEST_NAME));
    String hash = inputs.hash().hex().substring(0, HASH_LENGTH);
    return start(pipeline, RunId.of("run-" + name + "-" + hash), inputs);
  }

  /** {@return {@link Reply.Status} of a run, or {@link Reply.Refused}} */
  public Reply status(RunId run) {
    return find(run)
        .<Reply>map(found -> new Reply.Status(found.snapshot()))
        .orElseGet(() -> unknown(run));
  }

  // ------------------------------------------------------------------ steps

  /**
   * Ask for work.
   *
   * <p>What the host has in hand is handed to it again, for as long as from the start, so that an
   * answer that was lost is asked for again; then further steps that are ready, the urgent first.
   * Where there are none, this waits a while for what Maestro is at.
   *
   * @param most how many steps the host wants to have in hand; at least 1
   * @return {@link Reply.Work}, {@link Reply.Waiting}, {@link Reply.Ended} or {@link Reply.Refused}
   */
  public Reply next(RunId run, int most) throws InterruptedException {
    if (most < 1) {
      return new Reply.Refused("malformed", "a host asks for at least one step, not " + most);
    }
    Optional<Run> found = find(run);
    return found.isEmpty() ? unknown(run) : new NextStep(hosted, found.get(), actor, most).ask();
  }

  /**
   * Hand in a step; waits a while for what Maestro says of it.
   *
   * <p>Handed in again under the same number, because the answer was lost, it is the same.
   *
   * @return {@link Reply.Accepted}, {@link Reply.Declined}, {@link Reply.Checking}, {@link
   *     Reply.Waiting} when people have to say more, or {@link Reply.Refused}
   */
  public Reply submit(Submission submission) throws InterruptedException {
    Optional<Run> run = find(submission.run());
    return run.isEmpty()
        ? unknown(submission.run())
        : new HandIn(hosted, run.get(), actor, submission).bring();
  }

  /**
   * Give a step back, without anything done.
   *
   * @return {@link Reply.Released} or {@link Reply.Refused}
   */
  public Reply release(RunId run, TaskId task) {
    return find(run).map(found -> release(found, run, task)).orElseGet(() -> unknown(run));
  }

  private Reply release(Run found, RunId run, TaskId task) {
    Optional<Claim> claim = found.claimed(task, actor);
    if (claim.isEmpty()) {
      return new Reply.Refused("not-yours", "step " + task + " is not in your hands");
    }
    try {
      claim.get().release();
      return new Reply.Released(run, task);
    } catch (RefusedException e) {
      return refused(e.code(), e);
    }
  }

  // ------------------------------------------------------------------ people

  /**
   * Hand on what a person has answered, who is recorded as {@code <host>/person}: whoever has done
   * the work does not accept it.
   *
   * @param answer says what it is about, see {@link Answer#to} and {@link Answer#hash()}
   * @return {@link Reply.Answered}; {@link Reply.Refused} also when the run is another host's, or
   *     the question shows something else by now
   */
  public Reply approve(RunId run, QuestionId question, Answer answer) {
    if (answer.hash() == null) {
      return new Reply.Refused(
          "unbound",
          "an answer says what it is about: give the hash that question " + question + " shows");
    }
    if (!Words.isClean(answer.text())) {
      return Words.unclean();
    }
    return find(run)
        .map(found -> approve(found, run, question, answer))
        .orElseGet(() -> unknown(run));
  }

  private Reply approve(Run found, RunId run, QuestionId question, Answer answer) {
    try {
      found.answer(question, answer, person);
      return new Reply.Answered(run, question, answer.decision());
    } catch (RefusedException e) {
      return refused(e.code(), e);
    }
  }

  // ------------------------------------------------------------------ text

  /**
   * Do what a line of text says, such as {@code wf tdd Add rate limiting}; {@code help} says what
   * there is.
   *
   * @return what the method that it stands for answers; {@link Reply.Refused} when it cannot be
   *     understood
   */
  public Reply dispatch(String command) throws InterruptedException {
    return TextCommand.of(command).on(this);
  }

  // ------------------------------------------------------------------ for commands

  Hosted hosted() {
    return hosted;
  }

  /** {@return the run, which goes on now if it did not} */
  private Optional<Run> find(RunId run) {
    return hosted.maestro().recover(run);
  }

  private static Reply unknown(RunId run) {
    return new Reply.Refused("unknown-run", "there is no run " + run);
  }

  private static Reply refused(String code, RuntimeException e) {
    return new Reply.Refused(code, String.valueOf(e.getMessage()));
  }
}
