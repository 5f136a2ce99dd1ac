package dev.maestro;

import dev.maestro.agent.Conversation;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.attempt.Handout;
import dev.maestro.engine.Settled;
import dev.maestro.failure.ClosedException;
import dev.maestro.insight.RecordedRun;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.ConversationSnapshot;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.TimeBound;
import dev.maestro.task.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A run: one durable execution of a pipeline.
 *
 * <p>Safe for use by any number of threads; holds nothing but its name. Every change is durable
 * when the method returns.
 */
public final class Run {

  private final Maestro maestro;
  private final RunKey key;

  Run(Maestro maestro, RunKey key) {
    this.maestro = maestro;
    this.key = key;
  }

  /** {@return which run this is} */
  public RunKey key() {
    return key;
  }

  /** {@return the run as it is now} */
  public RunSnapshot snapshot() {
    return maestro.snapshot(key);
  }

  /** {@return the run as it is now, with the outputs that there are} */
  public RunResult result() {
    return maestro.result(snapshot());
  }

  /**
   * {@return what has happened to it, in order, from this number on; numbers begin at 1}
   *
   * <p>For looking back; {@link Maestro#listen} tells what happens from now on.
   */
  public List<RunRecord> journal(long fromSequence) {
    return maestro.journal(key, fromSequence);
  }

  /**
   * {@return what policies and other rules have said, in order: which rule, where, with which
   * numbers and what followed}
   *
   * <p>Of steps for which nothing is switched on, there is nothing.
   */
  public List<RunEvent.Judged> judgments() {
    return recorded(RunEvent.Judged.class);
  }

  /**
   * {@return what the work of its tasks scored, against what, and what came of it, in order}
   *
   * <p>Of steps without an {@link dev.maestro.policy.EvalGate}, there is nothing.
   */
  public List<RunEvent.Scored> evaluations() {
    return recorded(RunEvent.Scored.class);
  }

  private <T extends RunEvent> List<T> recorded(Class<T> kind) {
    return journal(1).stream()
        .map(RunRecord::event)
        .filter(kind::isInstance)
        .map(kind::cast)
        .toList();
  }

  /**
   * {@return what an agent did in an attempt, as Markdown, as far as it has come; empty when
   * nothing was written down of it}
   *
   * <p>Declared secrets read {@code ***}, and what is longer than 10,000 characters is cut, with a
   * note. See {@link MaestroBuilder#transcripts}.
   *
   * @param attempt its number, 1 for the first
   */
  public Optional<String> transcript(TaskId task, int attempt) {
    return maestro.transcript(key, task, attempt);
  }

  /**
   * {@return the conversations of a task as its provider, or somebody, had them kept, in order}
   *
   * <p>Of providers that keep their conversations themselves there is nothing.
   */
  public List<ConversationSnapshot> conversations(TaskId task) {
    return ConversationSnapshot.of(task, journal(1).stream().map(RunRecord::event).toList());
  }

  /** {@return all that was said up to that moment; secrets that are declared read {@code ***}} */
  public Conversation conversation(ConversationSnapshot snapshot) {
    return maestro.conversation(snapshot);
  }

  /**
   * Keep the conversation of a task as it is now, so that it can be gone back to.
   *
   * @return what was kept; empty when nothing is in the store of it
   * @throws RefusedException when the run has ended, or somebody is at work on the task
   */
  public Optional<ConversationSnapshot> keepConversation(TaskId task) {
    List<ConversationSnapshot> all = conversations(task);
    return all.isEmpty() ? Optional.empty() : Optional.of(goBackTo(all.get(all.size() - 1)));
  }

  /**
   * Let the next launch of a task go on from there, with all that was said up to that moment and
   * nothing that came after it. The files stay as they are.
   *
   * @return what was recorded
   * @throws RefusedException when the run has ended, or somebody is at work on the task
   */
  public ConversationSnapshot goBackTo(ConversationSnapshot snapshot) {
    RunEvent.ConversationKept again = snapshot.kept().again(maestro.now());
    maestro.submit(key, new RunInput.PutConversation(again));
    return new ConversationSnapshot(ConversationSnapshot.Kind.MANUAL, again, snapshot.checkpoint());
  }

  /**
   * {@return the run as it is recorded, for looking at it under other policies or by what its
   * routes came to; see {@link dev.maestro.insight.BackTest} and {@link
   * dev.maestro.insight.ShadowRouting}}
   */
  public RecordedRun recorded() {
    return maestro.recorded(key);
  }

  /**
   * Wait until the run has ended, or can only go on through a person or a host.
   *
   * <p>A run that an engine before this one left open does not move until {@link Maestro#recover}
   * or {@link Maestro#start} takes it up; whoever waits for one is told so by a warning in the log.
   *
   * @throws InterruptedException when this thread is interrupted; the run goes on
   * @throws ClosedException when Maestro is closed meanwhile
   * @throws dev.maestro.store.StoreException when another engine has taken the run over; where
   *     nothing of it was at work here, that is noticed within a minute after its lease, a day, is
   *     over
   */
  public RunResult await() throws InterruptedException {
    CompletableFuture<Settled> settled = maestro.settled(key);
    try {
      return maestro.result(settled.get().run());
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      settled.cancel(false);
    }
  }

  /** Wait as {@link #await()} does, but no longer than this; empty when the time is over. */
  public Optional<RunResult> await(Duration patience) throws InterruptedException {
    CompletableFuture<Settled> settled = maestro.settled(key);
    try {
      Settled how = settled.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return Optional.of(maestro.result(how.run()));
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw rethrown(e);
    } finally {
      // nobody waits for it any more
      settled.cancel(false);
    }
  }

  /**
   * {@return what becomes of its tasks when it goes on with these; changes nothing}
   *
   * <p>Accept it with {@link Maestro#resume(ResumePlan)}, or with {@link Maestro#fork(ResumePlan,
   * dev.maestro.task.RunId)} when the run has ended.
   *
   * @throws dev.maestro.failure.InvalidDefinitionException when the two do not fit
   */
  public ResumePlan plan(Pipeline pipeline, Inputs inputs) {
    return maestro.plan(key, null, pipeline, inputs);
  }

  /**
   * {@return what a fork that begins at this task keeps and does again; changes nothing}
   *
   * <p>A task with others inside that is not done goes on in the fork with what is done inside of
   * it, and so does one that this task is inside of, done or not; a list of which so many elements
   * are enough is then done again as a whole.
   */
  public ResumePlan planFork(TaskId at) {
    return maestro.planFork(key, at);
  }

  /** {@return the same of a fork with another pipeline or other inputs} */
  public ResumePlan planFork(TaskId at, Pipeline pipeline, Inputs inputs) {
    return maestro.plan(key, at, pipeline, inputs);
  }

  /**
   * {@return completes as {@link #await()} does}
   *
   * <p>Dependents run on a thread of Maestro's own unless they name an executor, or on the one that
   * adds them when it is complete already; they may start and answer runs, but {@link
   * Maestro#close} does not wait for them.
   */
  public CompletionStage<RunResult> completion() {
    return maestro
        .settled(key)
        .thenApply(how -> maestro.result(how.run()))
        .minimalCompletionStage();
  }

  private static RuntimeException rethrown(ExecutionException e) {
    return e.getCause() instanceof RuntimeException cause
        ? cause
        : new IllegalStateException("waiting for a run failed", e.getCause());
  }

  /**
   * Answer a question: yes, no, or not like this.
   *
   * <p>A yes that is not the last which the question needs leaves it open. Changes that are
   * requested reach the next attempt of the task that asks; those of an approval step have done
   * again what it approves, as {@link #rework} does. Either costs an attempt of the task that does
   * it, and is granted one when none is left.
   *
   * @param answer made with {@link Answer#to(Question)}, it holds for what that question shows, and
   *     is refused as stale when another is open by then
   * @throws RefusedException {@code unknown-question} when nobody waits for this answer, {@code
   *     stale} when it is about something else than what is asked now, or comes when the time of
   *     the question is over, and {@code not-allowed} when it is not this actor's to answer, or has
   *     said yes already; nothing is changed then
   */
  public void answer(QuestionId question, Answer answer, Actor actor) {
    Answer hidden = new Answer(answer.decision(), told(answer.text()), answer.hash());
    maestro.submit(key, new RunInput.GiveAnswer(maestro.now(), question, hidden, actor.somebody()));
  }

  /** What a person says, at most 8 KiB, is stored and told to agents without secrets. */
  private String told(String text) {
    return maestro.told(key, text);
  }

  /**
   * Hand a question on to somebody, who may answer it too from now on.
   *
   * @throws RefusedException when nobody waits for an answer to it, or when this actor may not
   *     answer it either
   */
  public void handOn(QuestionId question, Actor to, Actor actor) {
    maestro.submit(key, new RunInput.HandOn(maestro.now(), question, to, actor.somebody()));
  }

  /**
   * Start nothing new until {@link #resume}; what is at work may finish, and the deadline of the
   * run, if it has one, stays where it is.
   */
  public void pause(String reason, Actor actor) {
    maestro.submit(key, new RunInput.Pause(maestro.now(), told(reason), actor.somebody()));
  }

  /**
   * Stop everything that is at work at once; {@link #resume} goes on with what launches are left.
   *
   * <p>Whoever works for the run is told to end when this returns: child processes get TERM at
   * once, and KILL half a second after it. After that its journal tells of nothing but what that
   * work cost.
   */
  public void stop(String reason, Actor actor) {
    maestro.stop(key, reason, actor.somebody());
  }

  /**
   * Go on after {@link #pause} or {@link #stop}.
   *
   * @throws RefusedException when the run is not paused
   */
  public void resume(Actor actor) {
    maestro.submit(key, new RunInput.Resume(maestro.now(), actor.somebody()));
  }

  /**
   * Grant the run more than its budget allows: what stands still because the budget is used up goes
   * on, with all that it had done.
   *
   * @throws RefusedException when its pipeline has no budget, or one that limits nothing of this,
   *     or the run has ended
   */
  public void grant(Cap more, Actor actor) {
    maestro.submit(key, new RunInput.Grant(maestro.now(), null, more, actor.somebody()));
  }

  /**
   * Grant a task, and all that is inside it, more than the budget of its step allows; where only
   * the pipeline inside it has a budget, more than that.
   *
   * @throws RefusedException when neither has a budget, or it limits nothing of this, or the run
   *     has ended
   */
  public void grant(TaskId task, Cap more, Actor actor) {
    maestro.submit(key, new RunInput.Grant(maestro.now(), task, more, actor.somebody()));
  }

  /**
   * Grant the pipeline inside a task more than its own budget allows; the budget of the step around
   * it stays as it is.
   *
   * @throws RefusedException when no pipeline with a budget is inside it, or it limits nothing of
   *     this, or the run has ended
   */
  public void grantInside(TaskId task, Cap more, Actor actor) {
    maestro.submit(key, new RunInput.Grant(maestro.now(), task, true, more, actor.somebody()));
  }

  /** End the run; what is at work is told to stop. */
  public void cancel(String reason, Actor actor) {
    maestro.submit(key, new RunInput.Cancel(maestro.now(), told(reason), actor.somebody()));
  }

  /**
   * Let a blocked or failed task go on, once what held it back has been mended; or one that waits
   * until a quota is back, for somebody has bought more: then all providers of the tenant are tried
   * before their time, and one that still takes nothing says so without costing an attempt.
   *
   * @throws RefusedException when there is nothing to retry
   */
  public void retry(TaskId task, Actor actor) {
    maestro.submit(key, new RunInput.Retry(maestro.now(), task, actor.somebody()));
  }

  /**
   * Give up a task that stands still, because it is paused, blocked or interrupted: it fails, and
   * with it what waits for it; everything else goes on. {@link #retry} takes it up again while the
   * run lasts.
   *
   * @param why for people; may be empty
   * @throws RefusedException when it does not stand still, has others inside, or may have been
   *     merged; a question is answered with no instead
   */
  public void giveUp(TaskId task, String why, Actor actor) {
    maestro.submit(key, new RunInput.GiveUp(maestro.now(), task, told(why), actor.somebody()));
  }

  /**
   * Have a task done again because something about it should be different, and with it everything
   * that was built on it: a new generation of each.
   *
   * <p>The task goes on with the files it has left and, where it has one, with its conversation. An
   * agent is told the feedback, a code step finds it in its context, and a command in {@code
   * MAESTRO_FEEDBACK}. What stands behind it begins anew on the new work, its conditions and
   * approvals too. What of that is at work is told to stop. Each may have its step's attempts
   * again; what was spent stays counted, and earlier outcomes stay in the journal. What was merged
   * stays merged: the new work is merged on top of it.
   *
   * @param feedback what is to be different; not blank, at most 8 KiB
   * @throws RefusedException when the run has ended, when the task has not begun, or when something
   *     is being merged or has added tasks to the run that would have to be done again; nothing is
   *     changed then
   */
  public void rework(TaskId task, String feedback, Actor actor) {
    maestro.submit(key, new RunInput.Rework(maestro.now(), task, told(feedback), actor.somebody()));
  }

  /**
   * Put the files of a task back to what was accepted of it last, which is what it started from
   * until something is.
   *
   * <p>For a task that nobody is at and of which nothing waits to be checked: one that has failed,
   * say, or was stopped. What stood there is kept, with git under a local ref. The next attempt, if
   * there is one, is told, and begins a conversation of its own.
   *
   * @return what was recorded, with the checkpoint of what stood there
   * @throws RefusedException when the run has ended, or the task is not at rest
   * @throws dev.maestro.failure.PermanentException where nothing keeps what files were, such as in
   *     a plain directory
   */
  public RunEvent.RolledBack rollbackToCheckpoint(TaskId task, Actor actor) {
    return maestro.rollBack(key, task, actor.somebody());
  }

  /**
   * Claim a task that waits to be begun, for so long: whoever has it does it instead of Maestro.
   *
   * <p>One of any number who try gets it. A task that waits for a slot is begun by Maestro as soon
   * as there is one, unless it is claimed first.
   *
   * @return empty while somebody else has it
   * @throws RefusedException {@code unknown-task}, {@code budget-exceeded} when a budget around an
   *     agent's step is used up, {@code place-taken} while another actor is at work in the same
   *     plain directory, or {@code not-allowed} when the run is paused, or its tasks are for the
   *     side that owns it ({@link RunOptions#openToClaims}), or the task is none that can be
   *     claimed now: it waits for others, is at work or done, or is no agent, plan, command or code
   *     step
   */
  public Optional<Claim> claim(TaskId task, Actor actor, Duration length) {
    TimeBound.check("a claim", length);
    Instant now = maestro.now();
    return maestro
        .claim(key, new RunInput.Claim(now, task, actor.somebody(), now.plus(length)))
        .map(claimed -> new Claim(this, task, claimed));
  }

  /**
   * {@return the claim on a task that this actor has, if it has one}
   *
   * <p>For a program that was started anew since: the claim is in the journal. When its time is
   * over, what is asked of it is refused as {@code stale}.
   */
  public Optional<Claim> claimed(TaskId task, Actor actor) {
    return snapshot()
        .task(task)
        .flatMap(Task::claim)
        .filter(claimed -> claimed.actor().equals(actor))
        .map(claimed -> new Claim(this, task, claimed));
  }

  /**
   * {@return the text as it would be recorded of what somebody brings: without the secrets that the
   * run's pipeline declares, and without what looks like one where its rules hide that}
   */
  public String withoutSecrets(String text) {
    return maestro.withoutSecrets(key, text);
  }

  // ------------------------------------------------------------------ for claims

  Handout handOut(TaskId task, int number) {
    return maestro.handOut(key, task, number);
  }

  Instant renewClaim(TaskId task, int number, Duration length) {
    TimeBound.check("a claim", length);
    Instant now = maestro.now();
    Instant until = now.plus(length);
    maestro.submit(key, new RunInput.RenewClaim(now, task, number, until));
    return until;
  }

  void releaseClaim(TaskId task, int number) {
    maestro.submit(key, new RunInput.ReleaseClaim(maestro.now(), task, number));
  }

  void deliver(TaskId task, int number, String output, Usage usage, @Nullable Trouble trouble) {
    maestro.deliver(key, task, number, output, usage, trouble);
  }

  Path directory(TaskId task, int number) {
    return maestro.directory(key, task, number);
  }

  @Override
  public String toString() {
    return "Run[" + key + "]";
  }
}
