package dev.maestro.run;

import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answering;
import dev.maestro.approval.Question;
import dev.maestro.gate.Receipt;
import dev.maestro.policy.FailureWindow;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task has to do with agents, people, budgets and branches. A step that only runs code or a
 * program mostly has nothing to do with any of them, and there are very many of those.
 *
 * <p>Copies of a task share it until one of them changes it; see {@link Task#deal}.
 */
final class Dealings {

  /** What a task has that nothing has been noted of; never changed. */
  static final Dealings NONE = new Dealings();

  // what nobody answered in time, where it was about work that is there
  @Nullable Lapsed lapsed;
  int generation = 1;
  // attempts of the generations before this one
  int attemptsBefore;
  // the generation whose workspace it works in
  int place = 1;
  @Nullable Feedback feedback;
  int launches;
  int granted;
  // how often in a row a provider has turned it away for want of a quota
  int turnedAway;
  boolean intended;
  boolean launched;
  // attempts that were cut off in a launch, and whose usage has not come in
  List<Owed> owed = List.of();
  // the intent of the launch that is under way, from INTENT to its end
  RunEvent.@Nullable Intent underWay;
  // what its last launch had, when it was ended for having used up that
  @Nullable Capped capped;
  // what launches of it, and of what is inside, have used up or are presumed to have
  Amount spent = Amount.NONE;
  // what launches of it, and of what is inside, may still use up that are under way
  Amount reserved = Amount.NONE;
  // what was granted on top of its budget
  Cap grantedCap = Cap.NONE;
  // what was granted on top of that of the pipeline inside it
  Cap grantedInside = Cap.NONE;
  // whether it went on with less than it should have
  boolean degraded;
  List<ProcessIdentity> processes = List.of();
  @Nullable SessionId session;
  // whose session that is
  @Nullable String talksWith;
  // what the store has of it
  RunEvent.@Nullable ConversationKept kept;
  // how the session before came to its end, until there is another
  RunEvent.@Nullable HandedOff handedOff;
  List<Receipt> receipts = List.of();
  int changed;
  @Nullable Trouble trouble;
  @Nullable Question question;
  int questionNumber;
  List<Approved> approved = List.of();
  // the merge that a yes to an approval step is about
  @Nullable String agreedMerge;
  // what an approval step has said to follow a yes
  @Nullable String shownAhead;
  // who was to answer its question, and until when, that was withdrawn to be asked anew
  @Nullable Answering withdrawn;
  // whether its present attempt has failed, also when somebody is asked whether it may go on
  boolean failed;
  // whether somebody wants the work that is there to be done again, and otherwise
  boolean redo;
  // whether the work of the present attempt is accepted only after somebody has looked at it
  boolean reviewed;
  // whose it is for a while, before an attempt
  @Nullable Claimed claim;
  int claims;
  // what came of a claim, for the next attempt to take up
  RunEvent.@Nullable Delivered delivered;
  // who has delivered work into it; what later attempts leave of that is theirs still
  List<Actor> makers = List.of();
  // whether its attempt was denied the use of a tool
  boolean denied;
  // whether its files were put back since its last launch
  boolean rolledBack;
  @Nullable String head;
  // on which model the present attempt is
  @Nullable String model;
  // and of which provider
  @Nullable String provider;
  // what the first agent of this generation was launched on
  @Nullable String began;
  // the id of the last accepted checkpoint in the workspace that is its own, once work has begun
  @Nullable String standsOn;
  // of one that may be accepted there already, though no event says so yet
  @Nullable String mayStandOn;
  // whether that was being checked when something was cut off, so that nobody knows how far it came
  boolean checkCutOff;
  // the attempts of this generation that failed
  List<Try> tries = List.of();
  // those of it that ended at a budget, which no rule counts: another launch follows when there is
  // more
  List<Try> cutShort = List.of();
  // what the present attempt has used up
  Usage usedNow = Usage.NONE;
  // what its failure window has seen, of it and of what is inside, once it has seen something
  FailureWindow.@Nullable Seen failures;
  RunEvent.@Nullable Checkpointed checkpointed;
  // what the work of the present attempt scored, once it is judged
  RunEvent.@Nullable Scored scored;
  RunEvent.@Nullable Merging merging;
  // whether its end, too, is recorded: the branch has moved
  boolean merged;
  // what another run used up for it, when its outcome is that run's
  @Nullable Usage reused;
  // whether the pipeline has no place for it any more
  boolean retired;
  // the tasks it added, if it did
  RunEvent.@Nullable TasksAdded added;

  private Dealings() {}

  /** Make a copy, to be changed. */
  Dealings(Dealings other) {
    lapsed = other.lapsed;
    generation = other.generation;
    attemptsBefore = other.attemptsBefore;
    place = other.place;
    feedback = other.feedback;
    launches = other.launches;
    granted = other.granted;
    turnedAway = other.turnedAway;
    intended = other.intended;
    launched = other.launched;
    owed = other.owed;
    underWay = other.underWay;
    capped = other.capped;
    spent = other.spent;
    reserved = other.reserved;
    grantedCap = other.grantedCap;
    degraded = other.degraded;
    processes = other.processes;
    session = other.session;
    talksWith = other.talksWith;
    kept = other.kept;
    handedOff = other.handedOff;
    receipts = other.receipts;
    changed = other.changed;
    trouble = other.trouble;
    question = other.question;
    questionNumber = other.questionNumber;
    approved = other.approved;
    agreedMerge = other.agreedMerge;
    shownAhead = other.shownAhead;
    withdrawn = other.withdrawn;
    redo = other.redo;
    reviewed = other.reviewed;
    claim = other.claim;
    claims = other.claims;
    delivered = other.delivered;
    makers = other.makers;
    denied = other.denied;
    rolledBack = other.rolledBack;
    head = other.head;
    model = other.model;
    provider = other.provider;
    began = other.began;
    standsOn = other.standsOn;
    mayStandOn = other.mayStandOn;
    checkCutOff = other.checkCutOff;
    tries = other.tries;
    cutShort = other.cutShort;
    usedNow = other.usedNow;
    failures = other.failures;
    checkpointed = other.checkpointed;
    scored = other.scored;
    merging = other.merging;
    merged = other.merged;
    reused = other.reused;
    retired = other.retired;
    added = other.added;
    failed = other.failed;
    grantedInside = other.grantedInside;
  }
}
