package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.gate.Receipt;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.task.Amount;
import dev.maestro.task.Reason;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step's live instance in a run.
 *
 * <p>What anybody outside of a decision has seen does not change: the state makes a copy first.
 */
public final class Task {

  final TaskId id;
  Step step;
  final @Nullable Item item;
  final int ordinal;
  // what it is inside of
  final @Nullable TaskId parent;
  // what of a list it is made for
  final @Nullable Element element;
  // the trial or event that made this copy and may change it
  long round;
  // whether it is out of what is derived from all tasks
  boolean changing;
  List<TaskId> dependencies;
  List<TaskId> dependents = List.of();

  TaskState state = TaskState.PENDING;
  @Nullable Reason reason;
  @Nullable String detail;
  @Nullable Instant until;

  int waitingFor;
  // whether others have to come to their end first, so that not too many are at work
  boolean held;
  int skippedDependencies;
  long readySequence;
  boolean released;
  boolean active;
  // whether its step's delay has been waited out
  boolean delayOver;
  Phase phase = Phase.ACT;

  int attempt;

  @Nullable Value output;
  Usage usage = Usage.NONE;
  @Nullable Checkpoint checkpoint;
  List<Checkpoint> carried = List.of();
  Evidence evidence = Evidence.NONE;
  @Nullable Instant startedAt;
  @Nullable Instant endedAt;
  // how it counts for what it is inside of
  Inside.Count counted = Inside.Count.NONE;
  // what is inside of it, once it is open
  @Nullable Inside inside;
  // to be read only; changed by deal()
  Dealings dealings = Dealings.NONE;
  // whether that is of this copy alone
  private boolean ownsDealings;

  Task(
      TaskId id,
      Step step,
      @Nullable Item item,
      int ordinal,
      @Nullable TaskId parent,
      List<TaskId> dependencies) {
    this(id, step, item, ordinal, parent, dependencies, null);
  }

  Task(
      TaskId id,
      Step step,
      @Nullable Item item,
      int ordinal,
      @Nullable TaskId parent,
      List<TaskId> dependencies,
      @Nullable Element element) {
    this.id = id;
    this.step = step;
    this.item = item;
    this.ordinal = ordinal;
    this.parent = parent;
    this.dependencies = dependencies;
    this.element = element;
    this.waitingFor = dependencies.size();
  }

  private Task(Task other) {
    id = other.id;
    step = other.step;
    item = other.item;
    ordinal = other.ordinal;
    parent = other.parent;
    element = other.element;
    dependencies = other.dependencies;
    dependents = other.dependents;
    state = other.state;
    reason = other.reason;
    detail = other.detail;
    until = other.until;
    waitingFor = other.waitingFor;
    held = other.held;
    skippedDependencies = other.skippedDependencies;
    readySequence = other.readySequence;
    released = other.released;
    active = other.active;
    delayOver = other.delayOver;
    phase = other.phase;
    attempt = other.attempt;
    output = other.output;
    usage = other.usage;
    checkpoint = other.checkpoint;
    carried = other.carried;
    evidence = other.evidence;
    startedAt = other.startedAt;
    endedAt = other.endedAt;
    counted = other.counted;
    inside = other.inside;
    dealings = other.dealings;
  }

  Task copy() {
    return new Task(this);
  }

  /** {@return its dealings, for the event at hand to change; a copy changes them for itself} */
  Dealings deal() {
    if (!ownsDealings) {
      dealings = new Dealings(dealings);
      ownsDealings = true;
    }
    return dealings;
  }

  /** {@return whether anything of its dealings may differ from what they are at first} */
  boolean hasDealings() {
    return dealings != Dealings.NONE;
  }

  /** {@return its name} */
  public TaskId id() {
    return id;
  }

  /** {@return the step it is an instance of} */
  public Step step() {
    return step;
  }

  /** {@return whether the pipeline that the run goes on with has no place for it any more} */
  public boolean isRetired() {
    return dealings.retired;
  }

  /** {@return the plan's line it was made from, if it was} */
  public Optional<Item> item() {
    return Optional.ofNullable(item);
  }

  /** {@return the element of a list that it is made for, if it is} */
  public Optional<Element> element() {
    return Optional.ofNullable(element);
  }

  /** {@return the task that it is inside of, if there is one} */
  public Optional<TaskId> parent() {
    return Optional.ofNullable(parent);
  }

  /** {@return what it waits for, in declaration order} */
  public List<TaskId> dependencies() {
    return dependencies;
  }

  /** {@return where it is in its lifecycle} */
  public TaskState state() {
    return state;
  }

  /** {@return why it is there; empty before its first move} */
  public Optional<Reason> reason() {
    return Optional.ofNullable(reason);
  }

  /** {@return more about why, for people} */
  public Optional<String> detail() {
    return Optional.ofNullable(detail);
  }

  /** {@return when it goes on by itself, if it does} */
  public Optional<Instant> until() {
    return Optional.ofNullable(until);
  }

  /** {@return whether it has to wait its step's delay out before anything else} */
  public boolean isDelayAhead() {
    return step.delay() != null && !delayOver && state == TaskState.PENDING;
  }

  /** {@return whether its step's delay has been waited out} */
  public boolean isDelayOver() {
    return delayOver;
  }

  /** {@return which part of an attempt it is in, or goes on with} */
  public Phase phase() {
    return phase;
  }

  /** {@return whether something has to be asked of its step before it is dispatched} */
  public boolean asksFirst() {
    return state == TaskState.PENDING
        && phase == Phase.ACT
        && (isApproval() || step.when() instanceof Condition.Predicate && !delayOver);
  }

  /** {@return whether whoever works at it, as it is now, does so in a workspace} */
  public boolean usesWorkspace() {
    return step.action().usesWorkspace() || phase == Phase.INTEGRATE;
  }

  /** {@return whether it is more urgent, or has been ready for longer, than another ready one} */
  public boolean goesBefore(Task other) {
    return Tasks.READY_ORDER.compare(this, other) < 0;
  }

  /** {@return whether it holds a slot and is being worked at} */
  public boolean isActive() {
    return active;
  }

  /** {@return whether it may start or go on as soon as there is a slot} */
  public boolean isReady() {
    return mayBegin() && dealings.claim == null && !waitsForClaim();
  }

  /** {@return whether only somebody who claims it can begin it} */
  private boolean waitsForClaim() {
    return phase == Phase.ACT
        && dealings.delivered == null
        && step.policies().oversight().claimed()
        && canBeClaimed();
  }

  private boolean mayBegin() {
    return !active && !held && (released || state == TaskState.PENDING && isFree());
  }

  /** {@return whether somebody has claimed it, and has neither brought anything nor lost it} */
  boolean isClaimed() {
    return dealings.claim != null;
  }

  /** {@return whether it could be somebody's who does it instead of Maestro} */
  boolean isClaimable() {
    boolean asked = step.when() instanceof Condition.Predicate && state == TaskState.PENDING;
    boolean begins =
        phase == Phase.ACT && mayBegin() && dealings.claim == null && dealings.delivered == null;
    return canBeClaimed()
        && begins
        && !asked
        && !isDelayAhead()
        && nextAttempt() <= allowedAttempts();
  }

  /** {@return whether it waits for somebody who claims it, and could be claimed now} */
  public boolean awaitsClaim() {
    return waitsForClaim() && isClaimable();
  }

  private boolean canBeClaimed() {
    return switch (step.action().kind()) {
      case AGENT, PLAN, COMMAND, CODE -> true;
      default -> false;
    };
  }

  /** {@return whose it is for a while, if somebody has claimed it} */
  public Optional<Claimed> claim() {
    return Optional.ofNullable(dealings.claim);
  }

  /** {@return what whoever had claimed it has brought, while no attempt has taken that up} */
  public Optional<RunEvent.Delivered> delivered() {
    return Optional.ofNullable(dealings.delivered);
  }

  /** {@return whether nothing holds it back} */
  boolean isFree() {
    return waitingFor == 0 && !held;
  }

  /** {@return the number of the present or last attempt; 0 before the first} */
  public int attempt() {
    return attempt;
  }

  /** {@return the number of the attempt that begins, or goes on, when it is dispatched} */
  public int nextAttempt() {
    // what a person accepts, and is then merged, has had no attempt before
    return startsNewAttempt() ? attempt + 1 : Math.max(dealings.attemptsBefore + 1, attempt);
  }

  /** A failed attempt and one whose launch is spent are over; anything else goes on as it is. */
  private boolean startsNewAttempt() {
    return phase == Phase.ACT && (!hasBegun() || isSpent());
  }

  /**
   * {@return how often it began: 1, and one more each time it or what it builds on was reworked}
   */
  public int generation() {
    return dealings.generation;
  }

  /** {@return what somebody wants to be different in this generation, if it was asked for} */
  public Optional<Feedback> feedback() {
    return Optional.ofNullable(dealings.feedback);
  }

  /** {@return the number of the present or last attempt, counted from this generation's first} */
  int attemptInGeneration() {
    return attempt - dealings.attemptsBefore;
  }

  /** {@return whether it has had an attempt in this generation} */
  boolean hasBegun() {
    return attempt > dealings.attemptsBefore;
  }

  /** {@return how many launches of an agent were spent on it} */
  public int launches() {
    return dealings.launches;
  }

  /** {@return the number of the last attempt it may have} */
  public int allowedAttempts() {
    return dealings.attemptsBefore + step.attempts() + dealings.granted;
  }

  /** {@return processes that were started for the phase it is in} */
  public List<ProcessIdentity> processes() {
    return dealings.processes;
  }

  /** {@return what it returned, if anything} */
  public Optional<Value> output() {
    return Optional.ofNullable(output);
  }

  /** {@return everything it has used up so far; presumed while it is not known of every launch} */
  public Usage usage() {
    return dealings.owed.isEmpty() ? usage : usage.plus(presumed().presumed());
  }

  private Amount presumed() {
    return dealings.owed.stream().map(Owed::presumed).reduce(Amount.NONE, Amount::plus);
  }

  /** {@return whether the last launch of it was cut off, and its usage has not come in} */
  boolean owes(int number) {
    return dealings.owed.stream().anyMatch(one -> one.attempt() == number);
  }

  /**
   * {@return what launches of it, and of what is inside it, have used up; what cannot be known is
   * presumed}
   */
  public Amount spent() {
    return dealings.spent;
  }

  /** {@return what launches of it, and of what is inside it, may still use up now} */
  public Amount reserved() {
    return dealings.reserved;
  }

  /** {@return what was put aside for the launch that is under way, if a budget is around it} */
  public Optional<RunEvent.Intent.Reserved> reservation() {
    return Optional.ofNullable(dealings.underWay)
        .flatMap(intent -> Optional.ofNullable(intent.reserved()));
  }

  /** {@return the launch that is under way, from its intent to its end} */
  public Optional<RunEvent.Intent> launchUnderWay() {
    return Optional.ofNullable(dealings.underWay);
  }

  /**
   * {@return whether an agent was not let use a tool in its present or last attempt, and went on
   * without it}
   */
  public boolean isDeniedTools() {
    return dealings.denied;
  }

  /** {@return whether its present or last launch went on with less, or its output was cut} */
  public boolean isDegraded() {
    return dealings.degraded;
  }

  /** {@return whether it waits for what others have put aside} */
  boolean waitsForRoom() {
    return state == TaskState.PAUSED && Reason.WAITING.equals(reason) && !released;
  }

  /** {@return whether it stands still because a budget is used up} */
  boolean isOutOfBudget() {
    return state == TaskState.PAUSED && Reason.BUDGET_EXCEEDED.equals(reason) && !released;
  }

  /** {@return whether it stands still because of a budget, used up or put aside} */
  boolean waitsForBudget() {
    return waitsForRoom() || isOutOfBudget();
  }

  /**
   * {@return what another run used up for it, when its outcome is that run's; not counted in this
   * one}
   */
  public Optional<Usage> reusedUsage() {
    return Optional.ofNullable(dealings.reused);
  }

  /** {@return the conversation to go on with, if there is one} */
  public Optional<SessionId> session() {
    return Optional.ofNullable(dealings.session);
  }

  /** {@return the conversation that belongs to it, open or at its end, if there is one} */
  public Optional<Talk> talk() {
    if (dealings.handedOff != null) {
      return Optional.of(
          new Talk(dealings.handedOff.session(), whose(), dealings.kept, dealings.handedOff));
    }
    return dealings.session == null
        ? Optional.empty()
        : Optional.of(new Talk(dealings.session, whose(), dealings.kept, null));
  }

  private String whose() {
    return dealings.talksWith == null ? "" : dealings.talksWith;
  }

  /** {@return what it made, once that is accepted and where such things are kept} */
  public Optional<Checkpoint> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  /** {@return the checkpoints that tasks behind it start from} */
  public List<Checkpoint> carried() {
    return carried;
  }

  /** {@return the receipts of the last verify, or of a merge that did not pass} */
  public List<Receipt> receipts() {
    return dealings.receipts;
  }

  /** {@return how many files the last verify found changed} */
  public int changed() {
    return dealings.changed;
  }

  /** {@return why the last attempt failed, if it did} */
  public Optional<Trouble> trouble() {
    return Optional.ofNullable(dealings.trouble);
  }

  /** {@return what its acceptance rests on} */
  public Evidence evidence() {
    return evidence;
  }

  /** {@return the question it waits on, if any} */
  public Optional<QuestionId> question() {
    return Optional.ofNullable(dealings.question).map(Question::id);
  }

  /** {@return texts of questions that a person said yes to} */
  public List<String> approvedQuestions() {
    return dealings.approved.stream().map(Approved::text).toList();
  }

  /** {@return the hash of the merge that a yes to this approval step is about, if it shows one} */
  public Optional<String> agreedMerge() {
    return Optional.ofNullable(dealings.agreedMerge);
  }

  /** {@return whether people have said yes to this question of a rule, and to what it shows now} */
  public boolean isApproved(Verdict.Ask ask) {
    return dealings.approved.stream().anyMatch(one -> one.isAbout(ask.question(), ask.shown()));
  }

  /** {@return whether its files were put back to what was accepted, since its last launch} */
  public boolean isRolledBack() {
    return dealings.rolledBack;
  }

  /** {@return the id of the checkpoint its agent was launched on; empty without a launch} */
  public Optional<String> launchedOn() {
    return Optional.ofNullable(dealings.head);
  }

  /**
   * {@return the id of the checkpoint that the first agent of this generation was launched on;
   * empty without a launch}
   */
  public Optional<String> beganOn() {
    return Optional.ofNullable(dealings.began);
  }

  /** {@return the attempts of this generation that failed, in order} */
  public List<Try> tries() {
    return dealings.tries;
  }

  /** {@return how many of the attempts of this generation did not pass a check} */
  public int failedChecks() {
    return (int) dealings.tries.stream().filter(Try::check).count();
  }

  /** {@return what the attempt before the present one left, as far as that is known} */
  @Nullable String leftBefore() {
    for (int i = dealings.tries.size() - 1; i >= 0; i--) {
      if (dealings.tries.get(i).tree() != null) {
        return dealings.tries.get(i).tree();
      }
    }
    return dealings.began;
  }

  /** {@return what the present attempt keeps for its gates, once it has been kept} */
  public Optional<RunEvent.Checkpointed> checkpointed() {
    return Optional.ofNullable(dealings.checkpointed);
  }

  /**
   * {@return what the work of the present attempt scored, and what came of it, if it was judged}
   */
  public Optional<RunEvent.Scored> scored() {
    return Optional.ofNullable(dealings.scored);
  }

  /** {@return the merge that is ready or done, if there is one} */
  public Optional<RunEvent.Merging> merging() {
    return Optional.ofNullable(dealings.merging);
  }

  /** {@return when it was first dispatched} */
  public Optional<Instant> startedAt() {
    return Optional.ofNullable(startedAt);
  }

  /** {@return when it came to its present rest} */
  public Optional<Instant> endedAt() {
    return Optional.ofNullable(endedAt);
  }

  /**
   * {@return whether no other attempt would follow its present one, if that failed a check so}
   *
   * @param policies what is switched on for it
   * @param changed how many files differ from the beginning
   * @param left what it leaves, or null when it leaves nothing
   */
  public boolean wouldBeItsLast(
      Policies policies, Verdict.Refuse refused, int changed, @Nullable Checkpoint left) {
    Try now = Try.of(this, Trouble.of(refused.reason(), refused.why()), changed, left);
    return attempt >= allowedAttempts() || AgainRules.of(policies, this, now).stop() != null;
  }

  /** {@return whether its present attempt cannot be gone on with, only followed by another} */
  boolean isSpent() {
    return phase == Phase.ACT
        && !isMovingInside()
        && (dealings.launched || dealings.redo || dealings.failed || state == TaskState.FAILED);
  }

  /** What is inside it moves or has ended, maybe opened again after it had failed. */
  private boolean isMovingInside() {
    return isOpen() && (state == TaskState.RUNNING || state == TaskState.RETRYING);
  }

  /** {@return whether it goes on only when somebody grants one more launch} */
  boolean hasSpentItsLast() {
    return isSpent() && attempt >= allowedAttempts();
  }

  boolean isAgent() {
    return step.action().isAgents();
  }

  /** {@return whether it waits its step's delay out} */
  boolean isDelayed() {
    return state == TaskState.PAUSED && Reason.DELAYED.equals(reason);
  }

  boolean isApproval() {
    return step.action().kind() == Action.Kind.APPROVAL;
  }

  /** {@return whether the tasks inside it are there} */
  public boolean isOpen() {
    return inside != null;
  }

  /** {@return what the tasks inside it are given, by name; nothing before it opens} */
  public Map<String, Value> inputsInside() {
    return inside == null ? Map.of() : inside.inputs();
  }

  /** {@return whether other tasks run inside it} */
  boolean isContainer() {
    return switch (step.action().kind()) {
      case PIPELINE, FOR_EACH -> true;
      default -> false;
    };
  }

  /**
   * {@return whether its work has been accepted and is to be merged, whatever has come between: a
   * conflict, a question, or the end of the run}
   */
  boolean waitsForItsMerge() {
    boolean accepted = !dealings.reviewed || evidence == Evidence.PERSON;
    boolean stopped = state != TaskState.FAILED && !satisfiesDependents();
    return phase == Phase.INTEGRATE
        && step.mergeInto() != null
        && !isApproval()
        && accepted
        && stopped;
  }

  /** {@return whether it is open, and goes on when what is inside is at rest} */
  boolean waitsForInside() {
    boolean open = state == TaskState.RUNNING || state == TaskState.RETRYING;
    return inside != null && open && !active && !released;
  }

  boolean integrates() {
    return step.mergeInto() != null || dealings.reviewed;
  }

  /** {@return whether somebody looks, or has looked, at its work before it is accepted} */
  public boolean isReviewed() {
    return dealings.reviewed;
  }

  /** {@return whether tasks that depend on it may start; one that merges has to be merged first} */
  public boolean satisfiesDependents() {
    return state == TaskState.VERIFIED ? !integrates() : state.satisfiesDependents();
  }

  boolean hasFailedForGood() {
    return state == TaskState.FAILED && until == null && !released;
  }

  boolean isBehindFailure() {
    return state == TaskState.BLOCKED && Reason.DEPENDENCY_FAILED.equals(reason);
  }

  /** {@return whether it stays where it is until somebody tries it again} */
  boolean isStuck() {
    return state == TaskState.BLOCKED && !isBehindFailure() && !released || hasFailedForGood();
  }

  /** {@return whether it waits for a quota that is used up} */
  public boolean waitsForQuota() {
    return state == TaskState.PAUSED
        && Reason.QUOTA_EXHAUSTED.equals(reason)
        && until != null
        && !released;
  }

  /** {@return whether it goes on when others have come to their end, and needs no answer first} */
  boolean waitsToBeLetIn() {
    return held && isLive() && dealings.question == null;
  }

  /** {@return whether anything but the end of the run can still move it} */
  boolean isLive() {
    return switch (state) {
      case COMPLETED, SKIPPED, CANCELLED -> false;
      case FAILED -> !hasFailedForGood();
      case VERIFIED -> integrates();
      case BLOCKED -> !isBehindFailure();
      default -> true;
    };
  }

  /** {@return whether it goes on without a person, a host or a timer} */
  boolean isMoving() {
    return active || isReady() || (state == TaskState.INTERRUPTED && dealings.question == null);
  }

  /** {@return what the engine has to do about it now, if anything} */
  Optional<RunCommand> openCommand() {
    return Optional.ofNullable(command());
  }

  /** {@return the same, or null for nothing} */
  @Nullable RunCommand command() {
    if (active) {
      return switch (phase) {
        case ACT -> new RunCommand.Act(id, attempt);
        case VERIFY -> new RunCommand.Verify(id, attempt);
        case INTEGRATE -> new RunCommand.Integrate(id, attempt);
      };
    } else if (dealings.question != null) {
      return new RunCommand.Ask(dealings.question);
    }
    return until == null ? null : new RunCommand.Wait(id, until);
  }

  @Override
  public String toString() {
    return id + " " + state;
  }
}
