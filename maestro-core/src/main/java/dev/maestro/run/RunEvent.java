package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.gate.Receipt;
import dev.maestro.policy.EvalDecision;
import dev.maestro.policy.Judgment;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.store.BlobId;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A recorded fact of a run's history; the state of a run is folded from these and nothing else. */
public sealed interface RunEvent {

  /** {@return when it happened; informative, the order is the journal's} */
  Instant at();

  /** {@return the transitions it carries; may be empty} */
  default List<Move> moves() {
    return List.of();
  }

  /** {@return receipts of gates that it holds; may be empty} */
  default List<Receipt> receipts() {
    return List.of();
  }

  /**
   * {@return where its receipts stand in the chain of the run; null for an event that can hold none
   * or that an earlier version wrote}
   */
  default @Nullable ReceiptLinks links() {
    return null;
  }

  /**
   * The run exists.
   *
   * @param at when
   * @param key which run
   * @param actor who started it
   * @param pipeline the pipeline's name
   * @param definition the blob that holds the pipeline's JSON
   * @param inputHash what tells one set of inputs from another
   * @param inputs by name
   * @param labels whatever the application hangs on it
   * @param rules the version of the rules it keeps
   * @param terms how urgent it is and how long it may take
   */
  record RunStarted(
      Instant at,
      RunKey key,
      Actor actor,
      String pipeline,
      BlobId definition,
      String inputHash,
      Map<String, Value> inputs,
      Map<String, String> labels,
      int rules,
      Terms terms)
      implements RunEvent {

    /** Copy the maps, keeping their order. */
    public RunStarted {
      inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
      labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
      Objects.requireNonNull(terms, "terms");
    }

    /** {@return when the run ends if it has not ended by then; empty without a time limit} */
    public Optional<Instant> deadline() {
      return terms.timeLimit() == null ? Optional.empty() : Optional.of(at.plus(terms.timeLimit()));
    }
  }

  /**
   * A plan added tasks.
   *
   * @param at when
   * @param by the plan step's task; what waits for it now waits for these too
   * @param template the step they are made from
   * @param tasks in the plan's order
   */
  record TasksAdded(Instant at, TaskId by, String template, List<Added> tasks) implements RunEvent {

    /** Copy the list. */
    public TasksAdded {
      tasks = List.copyOf(tasks);
    }

    /**
     * One of them.
     *
     * @param id its name
     * @param item the plan's line
     * @param after what it waits for
     */
    public record Added(TaskId id, Item item, List<TaskId> after) {

      /** Copy the list. */
      public Added {
        after = List.copyOf(after);
      }
    }
  }

  /**
   * The run is a fork: these tasks have the outcomes that another run recorded, and are not done
   * again.
   *
   * <p>Everything is recorded in full; the other run may be gone.
   *
   * @param at when
   * @param from the run it was forked from
   * @param sequence the number of that run's last event then
   * @param start what tasks start from that wait for no other, or null for the present state of the
   *     place
   * @param tasks which, and what became of them
   * @param links where their receipts stand in the chain of this run, or null
   * @param wanted what somebody had wanted to be different about tasks that are done again
   */
  record Forked(
      Instant at,
      RunKey from,
      long sequence,
      @Nullable Checkpoint start,
      List<Kept> tasks,
      @Nullable ReceiptLinks links,
      List<Wanted> wanted)
      implements RunEvent {

    /** Copy the lists. */
    public Forked {
      tasks = List.copyOf(tasks);
      wanted = List.copyOf(wanted);
    }

    /** Be forked, where nothing is wanted to be different. */
    public Forked(
        Instant at,
        RunKey from,
        long sequence,
        @Nullable Checkpoint start,
        List<Kept> tasks,
        @Nullable ReceiptLinks links) {
      this(at, from, sequence, start, tasks, links, List.of());
    }

    /** The same, with receipts that are not chained. */
    public Forked(
        Instant at, RunKey from, long sequence, @Nullable Checkpoint start, List<Kept> tasks) {
      this(at, from, sequence, start, tasks, null);
    }

    /**
     * What somebody had asked for, and nobody has done.
     *
     * @param task of which
     * @param text what
     * @param actor who
     */
    public record Wanted(TaskId task, String text, Actor actor) {}

    @Override
    public List<Receipt> receipts() {
      return tasks.stream().flatMap(task -> task.receipts().stream()).toList();
    }

    /**
     * One of them.
     *
     * @param task which
     * @param state COMPLETED, SKIPPED or VERIFIED; RUNNING for one that is open and goes on with
     *     what is inside of it, of which it keeps nothing but its beginning
     * @param reason why it was there
     * @param output what it returned, or null for nothing
     * @param usage what it used up there; not counted here
     * @param checkpoint what it made, or null
     * @param carried the checkpoints that tasks behind it start from
     * @param receipts of its gates
     * @param changed how many files its work changed
     * @param evidence what its acceptance rests on
     * @param startedAt when it was first dispatched, or null
     * @param endedAt when it ended, or null
     * @param detail what was to be known of its end, or null
     * @param makers who had claimed it and brought what it made
     */
    public record Kept(
        TaskId task,
        TaskState state,
        Reason reason,
        @Nullable Value output,
        Usage usage,
        @Nullable Checkpoint checkpoint,
        List<Checkpoint> carried,
        List<Receipt> receipts,
        int changed,
        Evidence evidence,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String detail,
        List<Actor> makers) {

      /** Copy the lists. */
      public Kept {
        makers = List.copyOf(makers);
        carried = List.copyOf(carried);
        receipts = List.copyOf(receipts);
      }
    }
  }

  /**
   * The run goes on with another pipeline or other inputs: somebody accepted what that means for
   * each of its tasks.
   *
   * @param at when
   * @param actor who accepted it
   * @param definition what it is made from now
   * @param rerun tasks that begin anew, as a new generation each
   * @param orphaned tasks that the pipeline has no place for any more
   * @param added tasks that are there for the first time, or again
   * @param moves what those leave that are not at their end
   */
  record Redefined(
      Instant at,
      Actor actor,
      Definition definition,
      List<TaskId> rerun,
      List<TaskId> orphaned,
      List<TaskId> added,
      List<Move> moves)
      implements RunEvent {

    /** Copy the lists. */
    public Redefined {
      rerun = List.copyOf(rerun);
      orphaned = List.copyOf(orphaned);
      added = List.copyOf(added);
      moves = List.copyOf(moves);
    }
  }

  /**
   * It is fixed what tasks start from that wait for no other; before the first of them works, so
   * that nobody who works can say otherwise.
   *
   * <p>Not recorded where the place keeps no checkpoints, nor of a fork that was given it.
   *
   * @param at when
   * @param start what they start from
   */
  record Began(Instant at, Checkpoint start) implements RunEvent {}

  /**
   * A task got a slot and goes on.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param phase where it goes on
   * @param moves the transition to that phase
   */
  record Dispatched(Instant at, TaskId task, int attempt, Phase phase, List<Move> moves)
      implements RunEvent {

    /** Copy the list. */
    public Dispatched {
      moves = List.copyOf(moves);
    }
  }

  /**
   * Rules were asked about an attempt; what they led to comes next, in the same append.
   *
   * <p>Recorded only of steps for which something is switched on, and of agents that were denied
   * the use of a tool.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param phase which part of it
   * @param judgments what they said, in the order in which they were asked
   */
  record Judged(Instant at, TaskId task, int attempt, Phase phase, List<Judgment> judgments)
      implements RunEvent {

    /** Copy the list. */
    public Judged {
      judgments = List.copyOf(judgments);
    }
  }

  /**
   * An agent is about to be launched.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param provider who
   * @param model on which model, or null for the provider's default
   * @param head the workspace's checkpoint
   * @param promptHash SHA-256 of the prompt, under which the store keeps it
   * @param resumes the session it goes on with, or null
   * @param promptAfterStart whether nothing is paid for before LAUNCHED; if not, this counts as the
   *     launch
   * @param reserved what is put aside for it, or null when no budget is around it
   */
  record Intent(
      Instant at,
      TaskId task,
      int attempt,
      String provider,
      @Nullable String model,
      String head,
      String promptHash,
      @Nullable SessionId resumes,
      boolean promptAfterStart,
      @Nullable Reserved reserved)
      implements RunEvent {

    /** Intend to launch an agent that no budget is around. */
    public Intent(
        Instant at,
        TaskId task,
        int attempt,
        String provider,
        @Nullable String model,
        String head,
        String promptHash,
        @Nullable SessionId resumes,
        boolean promptAfterStart) {
      this(at, task, attempt, provider, model, head, promptHash, resumes, promptAfterStart, null);
    }

    Intent reserving(@Nullable Reserved cap) {
      return new Intent(
          at, task, attempt, provider, model, head, promptHash, resumes, promptAfterStart, cap);
    }

    /**
     * What is put aside for a launch on every budget around it.
     *
     * @param cap the most it may use up
     * @param accounts the names of those budgets that are above the run
     * @param degraded whether it goes on with less than it should have
     */
    public record Reserved(Cap cap, List<String> accounts, boolean degraded) {

      /** Copy the list. */
      public Reserved {
        Objects.requireNonNull(cap, "cap");
        accounts = List.copyOf(accounts);
      }
    }
  }

  /**
   * A process runs for a task, and has not been given its input yet.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param process its identity, or null when it is none of this machine
   * @param agent whether it is an agent, and so counts as a launch, or a command or gate
   */
  record Launched(
      Instant at, TaskId task, int attempt, @Nullable ProcessIdentity process, boolean agent)
      implements RunEvent {}

  /**
   * An agent's conversation has a name.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param session for resuming it
   */
  record SessionStarted(Instant at, TaskId task, int attempt, SessionId session)
      implements RunEvent {}

  /**
   * A conversation was put into the store as it was then.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param session its name
   * @param provider whose it is
   * @param model the full id of the model it was held with, or null
   * @param manual whether somebody wanted it kept, or has gone back to it; otherwise its provider
   *     keeps it after each turn
   * @param parts the blobs that hold its messages, one after the other
   */
  record ConversationKept(
      Instant at,
      TaskId task,
      int attempt,
      SessionId session,
      String provider,
      @Nullable String model,
      boolean manual,
      List<Part> parts)
      implements RunEvent {

    /** Copy the list. */
    public ConversationKept {
      Objects.requireNonNull(session, "session");
      Objects.requireNonNull(provider, "provider");
      parts = List.copyOf(parts);
    }

    /** {@return how many messages it has} */
    public int messages() {
      return parts.stream().mapToInt(Part::messages).sum();
    }

    /** {@return the same, kept again at this moment because somebody wants to} */
    public ConversationKept again(Instant now) {
      return new ConversationKept(now, task, attempt, session, provider, model, true, parts);
    }

    /**
     * Some of its messages.
     *
     * @param blob which blob holds them
     * @param messages how many
     */
    public record Part(BlobId blob, int messages) {}
  }

  /**
   * A conversation has become too full: the next launch begins another.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param session the name of the one that has ended
   * @param used how many tokens it had filled
   * @param window how many fit
   * @param said the last words of the agent in it, shortened
   */
  record HandedOff(
      Instant at, TaskId task, int attempt, SessionId session, long used, long window, String said)
      implements RunEvent {

    /** Check that nothing is missing. */
    public HandedOff {
      Objects.requireNonNull(session, "session");
      Objects.requireNonNull(said, "said");
    }
  }

  /**
   * What an agent does was written down so far.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param blob the part that came to what was written down before, as Markdown
   * @param bytes how long it is
   */
  record Transcribed(Instant at, TaskId task, int attempt, BlobId blob, long bytes)
      implements RunEvent {}

  /**
   * Act came to its end.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param output what it returned, or null for nothing
   * @param usage what it used up, or null when that cannot be known
   * @param session for resuming it, or null
   * @param trouble why it failed, or null when it succeeded
   * @param moves what follows; nothing for an attempt that had been cut off
   * @param degraded whether its output was cut, because it had used more than its cap
   */
  record Acted(
      Instant at,
      TaskId task,
      int attempt,
      @Nullable Value output,
      @Nullable Usage usage,
      @Nullable SessionId session,
      @Nullable Trouble trouble,
      List<Move> moves,
      boolean degraded)
      implements RunEvent {

    /** Copy the list. */
    public Acted {
      moves = List.copyOf(moves);
    }

    /** Come to the end with all of the output. */
    public Acted(
        Instant at,
        TaskId task,
        int attempt,
        @Nullable Value output,
        @Nullable Usage usage,
        @Nullable SessionId session,
        @Nullable Trouble trouble,
        List<Move> moves) {
      this(at, task, attempt, output, usage, session, trouble, moves, false);
    }
  }

  /**
   * A task opened: the steps inside it are tasks from now on.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param inputs what is known inside, by name
   * @param elements what a list has that the task goes over; otherwise nothing
   */
  record Opened(
      Instant at, TaskId task, int attempt, Map<String, Value> inputs, List<Value.Inline> elements)
      implements RunEvent {

    /** Copy the map, keeping its order, and the list. */
    public Opened {
      inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
      elements = List.copyOf(elements);
    }
  }

  /**
   * What is to be checked has been kept; the gates are about to run on it.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param start what the work is compared with
   * @param checkpoint what is to be checked
   * @param changed how many files differ between the two
   * @param restored protected files that were put back
   */
  record Checkpointed(
      Instant at,
      TaskId task,
      int attempt,
      Checkpoint start,
      Checkpoint checkpoint,
      int changed,
      List<String> restored)
      implements RunEvent {

    /** Copy the list. */
    public Checkpointed {
      restored = List.copyOf(restored);
    }
  }

  /**
   * Work was scored, and compared with what its step scored in earlier runs.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param step the step, with those it is inside of before it
   * @param scoredBy which judge said the score
   * @param score from 0 to 1
   * @param decision what came of it
   */
  record Scored(
      Instant at,
      TaskId task,
      int attempt,
      String step,
      String scoredBy,
      double score,
      EvalDecision decision)
      implements RunEvent {

    /** Check that nothing is missing. */
    public Scored {
      Objects.requireNonNull(step, "step");
      Objects.requireNonNull(scoredBy, "scoredBy");
      Objects.requireNonNull(decision, "decision");
    }
  }

  /**
   * Verify came to its end.
   *
   * @param at when
   * @param task which
   * @param attempt the number of the attempt
   * @param checkpoint what was checked, or null where nothing is kept
   * @param changed how many files differ from what the task started from
   * @param restored protected files that were put back
   * @param receipts of the gates that ran
   * @param trouble why it did not pass, or null when it did
   * @param moves what follows
   * @param links where the receipts stand in the chain of the run, or null
   */
  record Verified(
      Instant at,
      TaskId task,
      int attempt,
      @Nullable Checkpoint checkpoint,
      int changed,
      List<String> restored,
      List<Receipt> receipts,
      @Nullable Trouble trouble,
      List<Move> moves,
      @Nullable ReceiptLinks links)
      implements RunEvent {

    /** Copy the lists. */
    public Verified {
      restored = List.copyOf(restored);
      receipts = List.copyOf(receipts);
      moves = List.copyOf(moves);
    }

    /** Come to the end with receipts that are not chained yet. */
    public Verified(
        Instant at,
        TaskId task,
        int attempt,
        @Nullable Checkpoint checkpoint,
        int changed,
        List<String> restored,
        List<Receipt> receipts,
        @Nullable Trouble trouble,
        List<Move> moves) {
      this(at, task, attempt, checkpoint, changed, restored, receipts, trouble, moves, null);
    }
  }

  /**
   * The merge is ready, and the branch is about to be moved.
   *
   * @param at when
   * @param task which
   * @param branch which branch
   * @param before where it stands
   * @param merged where it is to go
   * @param receipts of the gates that ran on the merged files
   * @param links where they stand in the chain of the run, or null
   */
  record Merging(
      Instant at,
      TaskId task,
      String branch,
      Checkpoint before,
      Checkpoint merged,
      List<Receipt> receipts,
      @Nullable ReceiptLinks links)
      implements RunEvent {

    /** Copy the list. */
    public Merging {
      receipts = List.copyOf(receipts);
    }

    /** Be ready, with receipts that are not chained yet. */
    public Merging(
        Instant at,
        TaskId task,
        String branch,
        Checkpoint before,
        Checkpoint merged,
        List<Receipt> receipts) {
      this(at, task, branch, before, merged, receipts, null);
    }
  }

  /**
   * Integrate came to its end.
   *
   * @param at when
   * @param task which
   * @param merged where the branch stands now, or null when it was not moved
   * @param receipts of gates that did not pass on the merged files
   * @param trouble why it was not moved, or null when it was
   * @param moves what follows; nothing when the run had ended meanwhile
   * @param links where the receipts stand in the chain of the run, or null
   */
  record Integrated(
      Instant at,
      TaskId task,
      @Nullable Checkpoint merged,
      List<Receipt> receipts,
      @Nullable Trouble trouble,
      List<Move> moves,
      @Nullable ReceiptLinks links)
      implements RunEvent {

    /** Copy the lists. */
    public Integrated {
      receipts = List.copyOf(receipts);
      moves = List.copyOf(moves);
    }

    /** Come to the end with receipts that are not chained yet. */
    public Integrated(
        Instant at,
        TaskId task,
        @Nullable Checkpoint merged,
        List<Receipt> receipts,
        @Nullable Trouble trouble,
        List<Move> moves) {
      this(at, task, merged, receipts, trouble, moves, null);
    }
  }

  /**
   * A person is asked.
   *
   * @param question what
   * @param phase where the task goes on after a yes
   * @param moves the transition
   * @param merge the hash of the merge that a yes is about, or null where it is about none
   * @param ahead the hash of what was said to follow a yes, or null where nothing was
   */
  record Asked(
      Question question,
      Phase phase,
      List<Move> moves,
      @Nullable String merge,
      @Nullable String ahead)
      implements RunEvent {

    /** Copy the list. */
    public Asked {
      moves = List.copyOf(moves);
    }

    /** Ask about something that is not merged, and that nothing is said to follow. */
    public Asked(Question question, Phase phase, List<Move> moves) {
      this(question, phase, moves, null, null);
    }

    @Override
    public Instant at() {
      return question.askedAt();
    }
  }

  /**
   * A person has answered, or time has: a question that has expired is answered with a no by {@link
   * Actor#MAESTRO}. A yes that is not the last which the question needs leaves it open.
   *
   * @param at when
   * @param question which
   * @param answer what
   * @param actor who
   * @param moves what follows at once
   */
  record Answered(Instant at, QuestionId question, Answer answer, Actor actor, List<Move> moves)
      implements RunEvent {

    /** Copy the list. */
    public Answered {
      moves = List.copyOf(moves);
    }
  }

  /**
   * A question was handed on to somebody who may answer it too from now on.
   *
   * @param at when
   * @param question which
   * @param to to whom
   * @param actor who did so
   */
  record HandedOn(Instant at, QuestionId question, Actor to, Actor actor) implements RunEvent {}

  /**
   * Tasks may go on: a back-off or a pause is over, or somebody unblocked them.
   *
   * @param at when
   * @param tasks which
   * @param again whether each is granted one launch above its attempts
   */
  record Released(Instant at, List<TaskId> tasks, boolean again) implements RunEvent {

    /** Copy the list. */
    public Released {
      tasks = List.copyOf(tasks);
    }
  }

  /**
   * Somebody granted more than a budget allows.
   *
   * @param at when
   * @param task whose budget, or null for the run's
   * @param inside whether it is that of the pipeline inside the task, and not that of its step
   * @param more what is added to its limits
   * @param actor who granted it
   */
  record Granted(Instant at, @Nullable TaskId task, boolean inside, Cap more, Actor actor)
      implements RunEvent {}

  /**
   * A task and all that was built on it begin again, each as a new generation.
   *
   * @param at when
   * @param task which somebody asked for
   * @param feedback what is to be different
   * @param actor who wants it
   * @param tasks which begin again, the one that was asked for first
   * @param moves the end of those that had not come to theirs
   */
  record Reworked(
      Instant at, TaskId task, String feedback, Actor actor, List<TaskId> tasks, List<Move> moves)
      implements RunEvent {

    /** Copy the lists. */
    public Reworked {
      tasks = List.copyOf(tasks);
      moves = List.copyOf(moves);
    }
  }

  /**
   * What a failure around it had cancelled, or has no work to go on with, is brought back, because
   * somebody tries again what failed.
   *
   * @param at when
   * @param tasks which; what others are inside of waits for them again, work that was accepted is
   *     merged, and everything else begins anew, as a new generation
   */
  record Reopened(Instant at, List<TaskId> tasks) implements RunEvent {

    /** Copy the list. */
    public Reopened {
      tasks = List.copyOf(tasks);
    }
  }

  /**
   * The files of a task that nobody was at were put back to what was accepted of it last.
   *
   * @param at when
   * @param task which
   * @param to what they are now
   * @param kept what they were, which can be come back to
   * @param changed how many files differed
   * @param actor who wanted it
   */
  record RolledBack(
      Instant at, TaskId task, Checkpoint to, Checkpoint kept, int changed, Actor actor)
      implements RunEvent {}

  /**
   * A task is somebody's for a while, or for longer than it was.
   *
   * @param at when
   * @param task which
   * @param claim whose, and until when
   */
  record TaskClaimed(Instant at, TaskId task, Claimed claim) implements RunEvent {}

  /**
   * A task is nobody's any more: its claim was given back, or its time was over.
   *
   * @param at when
   * @param task which
   * @param number the number of the claim
   * @param actor whoever gave it back; {@link Actor#MAESTRO} when its time was over
   */
  record ClaimReleased(Instant at, TaskId task, int number, Actor actor) implements RunEvent {}

  /**
   * Whoever has claimed a task has brought what came of it; an attempt takes it up.
   *
   * @param at when
   * @param task which
   * @param number the number of the claim
   * @param output what it returned, a text, or null for nothing
   * @param usage what it used up
   * @param trouble why it failed, or null when it succeeded
   */
  record Delivered(
      Instant at,
      TaskId task,
      int number,
      @Nullable Value output,
      Usage usage,
      @Nullable Trouble trouble)
      implements RunEvent {}

  /**
   * Tasks moved for reasons of the run's own.
   *
   * @param at when
   * @param moves which and where
   */
  record Moved(Instant at, List<Move> moves) implements RunEvent {

    /** Copy the list. */
    public Moved {
      moves = List.copyOf(moves);
    }
  }

  /**
   * The run itself moved.
   *
   * @param at when
   * @param to where
   * @param reason why
   * @param detail more about why, or null
   * @param actor who wanted it
   * @param links how many receipts the run has, where it has ended and has any; otherwise null
   */
  record RunMoved(
      Instant at,
      RunStatus to,
      Reason reason,
      @Nullable String detail,
      Actor actor,
      @Nullable ReceiptLinks links)
      implements RunEvent {

    /** Move a run that has no receipts, or that has not ended. */
    public RunMoved(Instant at, RunStatus to, Reason reason, @Nullable String detail, Actor actor) {
      this(at, to, reason, detail, actor, null);
    }
  }
}
