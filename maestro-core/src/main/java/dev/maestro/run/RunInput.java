package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.QuestionId;
import dev.maestro.approval.Shown;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened outside and that the rules have to decide on; one input is one append.
 */
public sealed interface RunInput {

  /** {@return when it happened} */
  Instant at();

  /**
   * Begin.
   *
   * @param at when
   * @param key which run
   * @param actor who
   * @param definition the blob that holds the pipeline's JSON
   * @param inputHash what tells one set of inputs from another
   * @param inputs by name
   * @param labels whatever the application hangs on it
   * @param terms how urgent it is and how long it may take; without a time limit, the pipeline's
   *     holds
   */
  record Start(
      Instant at,
      RunKey key,
      Actor actor,
      BlobId definition,
      String inputHash,
      Map<String, Value> inputs,
      Map<String, String> labels,
      Terms terms)
      implements RunInput {

    /** Begin a run on the default terms. */
    public Start(
        Instant at,
        RunKey key,
        Actor actor,
        BlobId definition,
        String inputHash,
        Map<String, Value> inputs,
        Map<String, String> labels) {
      this(at, key, actor, definition, inputHash, inputs, labels, Terms.DEFAULT);
    }
  }

  /**
   * Begin a fork of another run.
   *
   * @param start as of any run
   * @param taken what it takes along from the other
   * @param base what tasks start from that wait for no other, or null for the present state of the
   *     place
   */
  record Fork(Start start, Taken taken, @Nullable Checkpoint base) implements RunInput {
    @Override
    public Instant at() {
      return start.at();
    }
  }

  /**
   * Go on with another pipeline or other inputs.
   *
   * @param at when
   * @param plan what was accepted; refused when the run would give another one now
   * @param actor who accepted it
   */
  record Redefine(Instant at, ResumePlan plan, Actor actor) implements RunInput {}

  /**
   * There is a slot for a ready task.
   *
   * @param at when
   * @param task which
   */
  record Dispatch(Instant at, TaskId task) implements RunInput {}

  /**
   * A ready task's own predicate said no.
   *
   * @param at when
   * @param task which
   */
  record Skip(Instant at, TaskId task) implements RunInput {}

  /**
   * A ready task's own predicate said yes, and its step has a delay, which begins now.
   *
   * @param at when
   * @param task which
   */
  record Delay(Instant at, TaskId task) implements RunInput {}

  /**
   * A ready task cannot start, because something it names is not there.
   *
   * @param at when
   * @param task which
   * @param refusal why
   */
  record Block(Instant at, TaskId task, Verdict.Refuse refusal) implements RunInput {}

  /**
   * A ready approval step's question is written.
   *
   * @param at when
   * @param task which
   * @param text what to ask
   * @param diff what the tasks before it have changed, or what merging that would change where the
   *     step merges; null where nothing can tell
   */
  record Ask(Instant at, TaskId task, String text, @Nullable Shown diff) implements RunInput {

    /** Ask without a diff. */
    public Ask(Instant at, TaskId task, String text) {
      this(at, task, text, null);
    }
  }

  /**
   * An agent is about to be launched.
   *
   * @param intent what is to be recorded
   * @param judgments what rules have said on the way to it
   * @param degraded whether it goes on with less, having been told so
   * @param above the budgets above the run, from the innermost to the outermost, as they stand
   * @param held what keeps its provider from being launched just now, or null
   */
  record Intend(
      RunEvent.Intent intent,
      List<Judgment> judgments,
      boolean degraded,
      List<BudgetAbove> above,
      @Nullable Held held)
      implements RunInput {

    /** Copy the lists. */
    public Intend {
      judgments = List.copyOf(judgments);
      above = List.copyOf(above);
    }

    /** Be about to launch an agent that nothing above the run has a say in. */
    public Intend(RunEvent.Intent intent, List<Judgment> judgments) {
      this(intent, judgments, false, List.of(), null);
    }

    /** Be about to launch an agent without any rule that was asked. */
    public Intend(RunEvent.Intent intent) {
      this(intent, List.of());
    }

    /** {@return the same launch, with less} */
    public Intend withLess() {
      return new Intend(intent, judgments, true, above, held);
    }

    /** {@return the same launch, with what is above the run} */
    public Intend under(List<BudgetAbove> budgets, @Nullable Held limits) {
      return new Intend(intent, judgments, degraded, budgets, limits);
    }

    @Override
    public Instant at() {
      return intent.at();
    }
  }

  /**
   * Why a provider is not to be launched just now.
   *
   * @param verdict what follows
   * @param judgments which rules said so
   */
  record Held(Verdict verdict, List<Judgment> judgments) {

    /** Copy the list. */
    public Held {
      judgments = List.copyOf(judgments);
    }
  }

  /**
   * Grant more than a budget allows.
   *
   * @param at when
   * @param task whose budget, or null for the run's
   * @param inside whether it is that of the pipeline inside the task; else it is that of its step,
   *     and of the pipeline where the step has none
   * @param more what is added to its limits
   * @param actor who grants it
   */
  record Grant(Instant at, @Nullable TaskId task, boolean inside, Cap more, Actor actor)
      implements RunInput {

    /** Grant the run more, or a task as a whole. */
    public Grant(Instant at, @Nullable TaskId task, Cap more, Actor actor) {
      this(at, task, false, more, actor);
    }
  }

  /**
   * Something above the run may have room again: let those try that wait for it.
   *
   * @param at when
   * @param above the budgets above the run, as they stand
   */
  record MadeRoom(Instant at, List<BudgetAbove> above) implements RunInput {

    /** Copy the list. */
    public MadeRoom {
      above = List.copyOf(above);
    }

    /** Say so of a run that nothing is above. */
    public MadeRoom(Instant at) {
      this(at, List.of());
    }
  }

  /**
   * A process was started for a task.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param process its identity, or null when it is none of this machine
   * @param agent whether it is the agent
   */
  record Launch(
      Instant at, TaskId task, int attempt, @Nullable ProcessIdentity process, boolean agent)
      implements RunInput {}

  /**
   * An agent named its conversation.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param session its name
   */
  record NameSession(Instant at, TaskId task, int attempt, SessionId session) implements RunInput {}

  /**
   * Act ended.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param result how
   * @param draw a random number from 0 (inclusive) to 1 (exclusive), for the back-off
   * @param judgments what rules have said since the intent, or since the beginning
   * @param above the budgets above the run, as they stand with its launch still under way
   */
  record ActEnded(
      Instant at,
      TaskId task,
      int attempt,
      ActResult result,
      double draw,
      List<Judgment> judgments,
      List<BudgetAbove> above)
      implements RunInput {

    /** Copy the lists. */
    public ActEnded {
      judgments = List.copyOf(judgments);
      above = List.copyOf(above);
    }

    /** End act without any rule that was asked. */
    public ActEnded(Instant at, TaskId task, int attempt, ActResult result, double draw) {
      this(at, task, attempt, result, draw, List.of(), List.of());
    }

    /** {@return the same, with what is above the run} */
    public ActEnded under(List<BudgetAbove> budgets) {
      if (budgets.equals(above)) {
        return this;
      }
      return new ActEnded(at, task, attempt, result, draw, judgments, budgets);
    }
  }

  /**
   * The first task is about to work that waits for no other; changes nothing where it is known what
   * those start from.
   *
   * @param at when
   * @param start what they start from
   */
  record Begin(Instant at, Checkpoint start) implements RunInput {}

  /**
   * Something about an attempt that is to be known even if it never comes to its end.
   *
   * @param task which
   * @param attempt the number of the attempt
   * @param event what is to be recorded; it moves nothing
   */
  record Note(TaskId task, int attempt, RunEvent event) implements RunInput {

    /** Note something about the conversation of an attempt. */
    public static Note of(RunEvent.ConversationKept event) {
      return new Note(event.task(), event.attempt(), event);
    }

    /** Note that the conversation of an attempt has come to its end. */
    public static Note of(RunEvent.HandedOff event) {
      return new Note(event.task(), event.attempt(), event);
    }

    /** Note what was written down of an attempt. */
    public static Note of(RunEvent.Transcribed event) {
      return new Note(event.task(), event.attempt(), event);
    }

    @Override
    public Instant at() {
      return event.at();
    }
  }

  /**
   * Somebody has a conversation kept, or goes back to one that was.
   *
   * @param event what is to be recorded
   */
  record PutConversation(RunEvent.ConversationKept event) implements RunInput {
    @Override
    public Instant at() {
      return event.at();
    }
  }

  /**
   * What is to be checked has been kept.
   *
   * @param checkpointed what is to be recorded
   */
  record KeepCheckpoint(RunEvent.Checkpointed checkpointed) implements RunInput {
    @Override
    public Instant at() {
      return checkpointed.at();
    }
  }

  /**
   * Work was scored, and is to be compared with what its step scored in earlier runs.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param scoredBy which judge said the score
   * @param score from 0 to 1
   * @param earlier what it is compared with, oldest first
   */
  record Score(
      Instant at, TaskId task, int attempt, String scoredBy, double score, List<Double> earlier)
      implements RunInput {

    /** Check the score, and copy the list. */
    public Score {
      EvalGate.requireScore(score);
      earlier = List.copyOf(earlier);
    }

    /** Have a score that is not compared with anything yet. */
    public Score(Instant at, TaskId task, int attempt, String scoredBy, double score) {
      this(at, task, attempt, scoredBy, score, List.of());
    }

    /** {@return the same, compared with these} */
    public Score against(List<Double> others) {
      return new Score(at, task, attempt, scoredBy, score, others);
    }
  }

  /**
   * Verify ended.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param result how
   * @param draw a random number from 0 (inclusive) to 1 (exclusive), for the back-off
   * @param judgments what rules have said meanwhile
   */
  record VerifyEnded(
      Instant at,
      TaskId task,
      int attempt,
      VerifyResult result,
      double draw,
      List<Judgment> judgments)
      implements RunInput {

    /** Copy the list. */
    public VerifyEnded {
      judgments = List.copyOf(judgments);
    }

    /** End verify without any rule that was asked. */
    public VerifyEnded(Instant at, TaskId task, int attempt, VerifyResult result, double draw) {
      this(at, task, attempt, result, draw, List.of());
    }
  }

  /**
   * A merge is ready, and the branch is about to be moved.
   *
   * @param merging what is to be recorded
   * @param judgments what rules have said on the way to it
   */
  record PrepareMerge(RunEvent.Merging merging, List<Judgment> judgments) implements RunInput {

    /** Copy the list. */
    public PrepareMerge {
      judgments = List.copyOf(judgments);
    }

    /** Be about to move a branch without any rule that was asked. */
    public PrepareMerge(RunEvent.Merging merging) {
      this(merging, List.of());
    }

    @Override
    public Instant at() {
      return merging.at();
    }
  }

  /**
   * Integrate ended.
   *
   * @param at when
   * @param task which
   * @param result how
   * @param draw a random number from 0 (inclusive) to 1 (exclusive), for the back-off
   * @param judgments what rules have said and was not recorded with the merge
   */
  record IntegrateEnded(
      Instant at, TaskId task, IntegrateResult result, double draw, List<Judgment> judgments)
      implements RunInput {

    /** Copy the list. */
    public IntegrateEnded {
      judgments = List.copyOf(judgments);
    }

    /** End integrate without any rule that was asked. */
    public IntegrateEnded(Instant at, TaskId task, IntegrateResult result, double draw) {
      this(at, task, result, draw, List.of());
    }
  }

  /**
   * A person answered.
   *
   * @param at when
   * @param question which
   * @param answer what
   * @param actor who
   */
  record GiveAnswer(Instant at, QuestionId question, Answer answer, Actor actor)
      implements RunInput {}

  /**
   * Somebody who may answer a question hands it on to somebody else, who may answer it too then.
   *
   * @param at when
   * @param question which
   * @param to to whom
   * @param actor who
   */
  record HandOn(Instant at, QuestionId question, Actor to, Actor actor) implements RunInput {}

  /**
   * Time has come for everything that waited until now.
   *
   * @param at now
   */
  record TimeCame(Instant at) implements RunInput {}

  /**
   * Let a blocked or failed task go on.
   *
   * @param at when
   * @param task which
   * @param actor who wants it
   */
  record Retry(Instant at, TaskId task, Actor actor) implements RunInput {}

  /**
   * Let a task that stands still fail.
   *
   * @param at when
   * @param task which
   * @param why for people; may be empty
   * @param actor who gives it up
   */
  record GiveUp(Instant at, TaskId task, String why, Actor actor) implements RunInput {

    /** Check that nothing is missing. */
    public GiveUp {
      Objects.requireNonNull(why, "why");
    }
  }

  /**
   * Somebody wants a task for a while.
   *
   * @param at when
   * @param task which
   * @param actor who
   * @param until when it goes back
   * @param above the budgets above the run, as they stand
   */
  record Claim(Instant at, TaskId task, Actor actor, Instant until, List<BudgetAbove> above)
      implements RunInput {

    /** Copy the list. */
    public Claim {
      above = List.copyOf(above);
    }

    /** Claim it where nothing is above the run. */
    public Claim(Instant at, TaskId task, Actor actor, Instant until) {
      this(at, task, actor, until, List.of());
    }

    /** {@return the same, with what is above the run} */
    public Claim under(List<BudgetAbove> budgets) {
      return new Claim(at, task, actor, until, budgets);
    }
  }

  /**
   * Whoever has claimed a task needs longer.
   *
   * @param at when
   * @param task which
   * @param number the number of the claim
   * @param until when it goes back now
   */
  record RenewClaim(Instant at, TaskId task, int number, Instant until) implements RunInput {}

  /**
   * Whoever has claimed a task gives it back.
   *
   * @param at when
   * @param task which
   * @param number the number of the claim
   */
  record ReleaseClaim(Instant at, TaskId task, int number) implements RunInput {}

  /**
   * Whoever has claimed a task brings what came of it.
   *
   * @param delivered what is to be recorded
   */
  record Deliver(RunEvent.Delivered delivered) implements RunInput {
    @Override
    public Instant at() {
      return delivered.at();
    }
  }

  /**
   * Have a task done again, and with it all that was built on it: a new generation.
   *
   * @param at when
   * @param task which
   * @param feedback what is to be different
   * @param actor who wants it
   */
  record Rework(Instant at, TaskId task, String feedback, Actor actor) implements RunInput {}

  /**
   * The files of a task were put back to what was accepted of it last.
   *
   * @param rolledBack what is to be recorded
   */
  record RollBack(RunEvent.RolledBack rolledBack) implements RunInput {
    @Override
    public Instant at() {
      return rolledBack.at();
    }
  }

  /**
   * Start nothing new; what runs may finish.
   *
   * @param at when
   * @param reason why, for people
   * @param actor who wants it
   */
  record Pause(Instant at, String reason, Actor actor) implements RunInput {}

  /**
   * Emergency stop: everything that runs has been told to stop at once.
   *
   * @param at when
   * @param reason why, for people
   * @param actor who wants it
   */
  record Stop(Instant at, String reason, Actor actor) implements RunInput {}

  /**
   * Say why a run was stopped of which that could not be said at once; nothing when it has gone on
   * since.
   *
   * @param at when
   * @param reason for people
   * @param actor who stopped it
   */
  record Explain(Instant at, String reason, Actor actor) implements RunInput {}

  /**
   * Go on after a pause or a stop.
   *
   * @param at when
   * @param actor who wants it
   */
  record Resume(Instant at, Actor actor) implements RunInput {}

  /**
   * End the run.
   *
   * @param at when
   * @param reason why, for people
   * @param actor who wants it
   */
  record Cancel(Instant at, String reason, Actor actor) implements RunInput {}

  /**
   * What was at work no longer is: the engine closes, or found this run open after a crash.
   *
   * @param at when
   */
  record Interrupt(Instant at) implements RunInput {}

  /**
   * Go on with what was interrupted.
   *
   * @param at when
   */
  record Recover(Instant at) implements RunInput {}
}
