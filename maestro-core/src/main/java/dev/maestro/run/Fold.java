package dev.maestro.run;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Answering;
import dev.maestro.approval.Question;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Judgment;
import dev.maestro.task.Actor;
import dev.maestro.task.Amount;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What each event changes in a run's state; what its moves change is told by {@link MoveFold}. */
final class Fold {

  private final RunState state;
  private final SpendFold spends;
  private final WindowFold windows;
  private final StandingFold standing;

  Fold(RunState state) {
    this.state = state;
    this.spends = new SpendFold(state);
    this.windows = new WindowFold(state);
    this.standing = new StandingFold(state);
  }

  void take(RunEvent event) {
    // those of every run first: to ask for a class loads it
    if (event instanceof RunEvent.RunStarted e) {
      start(e);
    } else if (event instanceof RunEvent.Dispatched e) {
      move(e);
      standing.take(e);
      dispatch(state.change(e.task()), e);
    } else if (event instanceof RunEvent.Acted e) {
      act(e);
      move(e);
    } else if (event instanceof RunEvent.RunMoved e) {
      moveRun(e);
    } else if (event instanceof RunEvent.TasksAdded e) {
      add(e);
    } else if (event instanceof RunEvent.Forked e) {
      fork(e);
    } else if (event instanceof RunEvent.Redefined e) {
      move(e);
      new RedefineFold(state, e).take();
    } else if (event instanceof RunEvent.Began e) {
      state.header.began = e.start().id();
    } else if (event instanceof RunEvent.Intent e) {
      standing.begin(e.task(), e.head());
      state.change(e.task(), task -> intend(task, e));
      spends.reserve(state.change(e.task()), e);
    } else if (event instanceof RunEvent.Launched e) {
      state.change(e.task(), task -> launch(task, e));
    } else if (event instanceof RunEvent.SessionStarted e) {
      state.change(e.task(), task -> talk(task, e.session()));
    } else if (event instanceof RunEvent.ConversationKept e) {
      state.change(e.task(), task -> keep(task, e));
    } else if (event instanceof RunEvent.HandedOff e) {
      state.change(e.task(), task -> handOff(task, e));
    } else if (event instanceof RunEvent.Opened e) {
      open(e);
    } else if (event instanceof RunEvent.Verified e) {
      standing.take(e);
      state.change(e.task(), task -> verify(task, e));
      countFailure(e.task(), e.trouble(), e.at());
      move(e);
    } else if (event instanceof RunEvent.Checkpointed e) {
      standing.take(e);
      state.change(e.task(), task -> task.deal().checkpointed = e);
    } else if (event instanceof RunEvent.Scored e) {
      state.change(e.task(), task -> task.deal().scored = e);
    } else if (event instanceof RunEvent.Merging e) {
      state.change(e.task(), task -> task.deal().merging = e);
    } else if (event instanceof RunEvent.Integrated e) {
      standing.take(e);
      state.change(e.task(), task -> integrate(task, e));
      countFailure(e.task(), e.receipts().isEmpty() ? null : e.trouble(), e.at());
      move(e);
    } else if (event instanceof RunEvent.Asked e) {
      move(e);
      ask(e);
    } else if (event instanceof RunEvent.Answered e) {
      answer(e);
      move(e);
    } else if (event instanceof RunEvent.HandedOn e) {
      handOn(e);
    } else if (event instanceof RunEvent.Released e) {
      e.tasks().forEach(id -> state.change(id, task -> release(task, e.again())));
    } else if (event instanceof RunEvent.Granted e) {
      grant(e);
    } else if (event instanceof RunEvent.Reworked e) {
      move(e);
      new ReworkFold(state).take(e);
    } else if (event instanceof RunEvent.Reopened e) {
      new ReopenFold(state).take(e);
    } else if (event instanceof RunEvent.RolledBack e) {
      state.change(e.task(), Fold::rollBack);
    } else if (event instanceof RunEvent.TaskClaimed e) {
      state.change(e.task(), task -> claim(task, e.claim()));
    } else if (event instanceof RunEvent.ClaimReleased e) {
      state.change(e.task(), this::endClaim);
    } else if (event instanceof RunEvent.Delivered e) {
      state.change(e.task(), task -> deliver(task, e));
    } else if (event instanceof RunEvent.Moved e) {
      move(e);
    } else if (event instanceof RunEvent.Judged e) {
      noteDenial(e);
    } else if (!(event instanceof RunEvent.Transcribed)) {
      throw new IllegalArgumentException("unknown event " + event);
    }
    if (event.links() != null) {
      state.header.receipts = event.links();
    }
    state.header.sequence++;
    state.header.updatedAt = event.at();
  }

  private void move(RunEvent event) {
    new MoveFold(state, event).takeAll();
  }

  // ------------------------------------------------------------------ tasks come to be

  private void start(RunEvent.RunStarted event) {
    state.header.started = event;
    state.header.definition = new Definition(event.definition(), event.inputHash(), event.inputs());
    addSteps(null, state.pipeline().steps());
  }

  private void open(RunEvent.Opened event) {
    TaskId id = event.task();
    Step step = state.require(id).step;
    Optional<Action.ForEach> each = step.each();
    if (each.isPresent()) {
      openEach(event, each.get());
    } else {
      List<Step> steps = step.inside().orElseThrow().steps();
      List<TaskId> children = steps.stream().map(one -> id.child(one.id())).toList();
      open(id, Inside.opened(event.inputs(), children, children.size()));
      addSteps(id, steps);
    }
    state.noteStirred(id);
  }

  private void open(TaskId id, Inside inside) {
    state.change(
        id,
        task -> {
          task.active = false;
          task.inside = inside;
        });
  }

  private void openEach(RunEvent.Opened event, Action.ForEach each) {
    TaskId id = event.task();
    List<TaskId> children = new ArrayList<>();
    for (int index = 1; index <= event.elements().size(); index++) {
      children.add(id.child(String.valueOf(index)));
    }
    Integer parallel = each.parallel();
    int letIn = parallel == null ? children.size() : Math.min(parallel, children.size());
    Item item = state.require(id).item;
    Inside.Count count = Inside.Count.NONE;
    for (int i = 0; i < children.size(); i++) {
      Element element = Element.of(each, i + 1, event.elements().get(i).json());
      Task task =
          new Task(children.get(i), each.body(), item, state.tasks.size(), id, List.of(), element);
      task.held = i >= letIn;
      task.counted = Inside.Count.of(task);
      count = count.plus(task.counted);
      state.add(task);
    }
    open(id, new Inside(event.inputs(), children, count, letIn));
  }

  private void addSteps(@Nullable TaskId scope, List<Step> steps) {
    List<Task> added = new ArrayList<>(steps.size());
    for (Step step : steps) {
      TaskId id = RunState.inside(scope, step.id());
      List<TaskId> after = idsOf(scope, step.after());
      Task task = new Task(id, step, null, state.tasks.size(), scope, after);
      state.add(task);
      added.add(task);
    }
    for (Task task : added) {
      lineUpBehind(task);
    }
    // nothing is added to them any more
    for (Task task : added) {
      task.dependents = List.copyOf(task.dependents);
    }
  }

  private void lineUpBehind(Task dependent) {
    for (int i = 0; i < dependent.dependencies.size(); i++) {
      Task before = state.change(dependent.dependencies.get(i));
      before.dependents = Few.plus(before.dependents, dependent.id);
    }
  }

  private static List<TaskId> idsOf(@Nullable TaskId scope, List<String> steps) {
    return switch (steps.size()) {
      case 0 -> List.of();
      case 1 -> List.of(RunState.inside(scope, steps.get(0)));
      default -> steps.stream().distinct().map(on -> RunState.inside(scope, on)).toList();
    };
  }

  private void add(RunEvent.TasksAdded event) {
    Task planner = state.require(event.by());
    Step template =
        state
            .blueprint(planner.parent)
            .template(event.template())
            .orElseThrow(() -> new IllegalArgumentException("no template " + event.template()));
    List<TaskId> waitingForPlan = planner.dependents;
    List<TaskId> added = event.tasks().stream().map(RunEvent.TasksAdded.Added::id).toList();
    if (planner.parent != null) {
      state.change(
          planner.parent, task -> task.inside = RunState.requireOpen(task).withMore(added));
    }
    Map<TaskId, List<TaskId>> behind = new LinkedHashMap<>();
    for (RunEvent.TasksAdded.Added one : event.tasks()) {
      state.add(
          new Task(
              one.id(), template, one.item(), state.tasks.size(), planner.parent, one.after()));
      collectDependents(behind, one.id(), one.after());
    }
    for (TaskId id : waitingForPlan) {
      state.change(id, task -> waitForMore(task, added));
      collectDependents(behind, id, added);
    }
    addDependents(behind);
    state.change(event.by(), task -> task.deal().added = event);
  }

  private void fork(RunEvent.Forked event) {
    state.header.forkedFrom = event.from();
    state.header.base = event.start();
    event.tasks().forEach(this::keep);
    for (RunEvent.Forked.Wanted one : event.wanted()) {
      state.change(one.task()).deal().feedback = new Feedback(one.text(), one.actor(), true);
    }
    for (RunEvent.Forked.Kept kept : event.tasks()) {
      if (state.require(kept.task()).isOpen()) {
        state.letInAnew(kept.task());
      }
    }
  }

  /** A task of a fork that is not done again comes to be where it ended in the other run. */
  private void keep(RunEvent.Forked.Kept kept) {
    if (kept.state() == TaskState.RUNNING) {
      state.change(kept.task(), task -> goOn(task, kept));
      return;
    }
    state.change(kept.task(), task -> keep(task, kept));
    Task task = state.require(kept.task());
    if (task.satisfiesDependents()) {
      state.freeBehind(task);
    }
  }

  /** It has opened already, and waits for what is inside. */
  private static void goOn(Task task, RunEvent.Forked.Kept kept) {
    task.state = kept.state();
    task.reason = kept.reason();
    task.attempt = 1;
    task.delayOver = true;
    task.startedAt = kept.startedAt();
  }

  private void keep(Task task, RunEvent.Forked.Kept kept) {
    task.state = kept.state();
    task.reason = kept.reason();
    task.detail = kept.detail();
    task.held = false;
    task.output = kept.output();
    task.deal().reused = kept.usage();
    task.checkpoint = kept.checkpoint();
    task.carried = kept.carried();
    task.deal().receipts = kept.receipts();
    task.deal().changed = kept.changed();
    task.deal().makers = kept.makers();
    task.evidence = kept.evidence();
    task.startedAt = kept.startedAt();
    task.endedAt = kept.endedAt();
    if (task.state == TaskState.VERIFIED && task.integrates()) {
      task.phase = Phase.INTEGRATE;
      task.released = true;
      state.lineUp(task);
    }
  }

  private static void waitForMore(Task task, List<TaskId> added) {
    task.dependencies = concat(task.dependencies, added);
    task.waitingFor += added.size();
  }

  private static void collectDependents(
      Map<TaskId, List<TaskId>> behind, TaskId dependent, List<TaskId> dependencies) {
    dependencies.forEach(on -> behind.computeIfAbsent(on, id -> new ArrayList<>()).add(dependent));
  }

  private void addDependents(Map<TaskId, List<TaskId>> behind) {
    behind.forEach(
        (on, more) -> state.change(on, task -> task.dependents = concat(task.dependents, more)));
  }

  // ------------------------------------------------------------------ attempts

  private static void dispatch(Task task, RunEvent.Dispatched event) {
    if (task.hasDealings()) {
      dispatch(task.deal(), event, event.attempt() != task.attempt);
    }
    task.attempt = event.attempt();
    task.phase = event.phase();
    task.released = false;
    // earlier versions let an element begin again where there was no room for it
    task.held = false;
    task.active = true;
    if (task.startedAt == null) {
      task.startedAt = event.at();
    }
  }

  private static void dispatch(Dealings dealings, RunEvent.Dispatched event, boolean anew) {
    if (event.phase() == Phase.ACT) {
      dealings.reviewed = false;
      dealings.intended = false;
      dealings.launched = false;
      dealings.failed = false;
      dealings.head = null;
      dealings.checkpointed = null;
      dealings.scored = null;
      dealings.usedNow = Usage.NONE;
      dealings.merging = null;
      dealings.merged = false;
    }
    dealings.denied &= !anew;
    if (anew && !dealings.approved.isEmpty()) {
      dealings.approved = dealings.approved.stream().filter(yes -> !yes.ofWork()).toList();
    }
    dealings.processes = List.of();
    dealings.redo = false;
  }

  private static void intend(Task task, RunEvent.Intent event) {
    task.deal().intended = true;
    task.deal().head = event.head();
    task.deal().model = event.model();
    task.deal().provider = event.provider();
    if (task.dealings.began == null) {
      task.deal().began = event.head();
    }
    if (!event.promptAfterStart()) {
      countLaunch(task);
    }
  }

  private static void launch(Task task, RunEvent.Launched event) {
    if (event.process() != null) {
      task.deal().processes = concat(task.dealings.processes, List.of(event.process()));
    }
    if (event.agent()) {
      task.deal().intended = false;
      countLaunch(task);
    }
  }

  /** One that was handed off stays where it is; any other is begun, and the task's from now on. */
  private static void talk(Task task, SessionId session) {
    if (task.dealings.handedOff != null && task.dealings.handedOff.session().equals(session)) {
      return;
    }
    task.deal().handedOff = null;
    if (task.dealings.kept != null && !task.dealings.kept.session().equals(session)) {
      task.deal().kept = null;
    }
    task.deal().session = session;
    task.deal().talksWith = task.dealings.provider;
  }

  private static void keep(Task task, RunEvent.ConversationKept event) {
    task.deal().handedOff = null;
    task.deal().kept = event;
    task.deal().session = event.session();
    task.deal().talksWith = event.provider();
  }

  private static void handOff(Task task, RunEvent.HandedOff event) {
    task.deal().handedOff = event;
    task.deal().session = null;
  }

  /** A conversation would go on from files that are not there any more. */
  private static void rollBack(Task task) {
    task.deal().rolledBack = true;
    task.deal().lapsed = null;
    task.deal().session = null;
    task.deal().handedOff = null;
  }

  private void noteDenial(RunEvent.Judged event) {
    if (event.judgments().stream().anyMatch(Judgment::deniesTool)) {
      state.change(event.task(), task -> task.deal().denied = true);
    }
  }

  private static void countLaunch(Task task) {
    if (!task.dealings.launched) {
      task.deal().rolledBack = false;
      task.deal().launches++;
      task.deal().launched = true;
    }
  }

  private void act(RunEvent.Acted event) {
    Task task = state.change(event.task());
    boolean late = event.moves().isEmpty();
    Usage used =
        late ? lateUsage(task, event) : SpendFold.used(task.dealings.underWay, event.usage());
    state.header.usage = state.header.usage.plus(used);
    if (late) {
      spends.correct(task, event.attempt(), used);
      settleOwed(task, event, used);
    } else {
      countTurnedAway(task, event);
      spends.settle(task, used, event.at(), event.trouble());
      act(task, event, used);
      countFailure(event.task(), event.trouble(), event.at());
    }
  }

  /** Before the launch is settled: how long it was at work matters. */
  private static void countTurnedAway(Task task, RunEvent.Acted event) {
    int times = pauses(event, Reason.QUOTA_EXHAUSTED) ? TurnedAway.times(task, event.at()) : 0;
    if (times != task.dealings.turnedAway) {
      task.deal().turnedAway = times;
    }
  }

  private void countFailure(TaskId task, @Nullable Trouble trouble, Instant at) {
    if (trouble != null) {
      windows.failed(state.require(task), trouble, at);
    }
  }

  /** What nobody knows even in the end is what it was presumed to be. */
  private static Usage lateUsage(Task task, RunEvent.Acted event) {
    return Optional.ofNullable(event.usage())
        .or(
            () ->
                task.dealings.owed.stream()
                    .filter(one -> one.attempt() == event.attempt())
                    .findFirst()
                    .map(one -> one.presumed().presumed()))
        .orElseGet(Amount.NONE::presumed);
  }

  private static void act(Task task, RunEvent.Acted event, Usage used) {
    task.usage = task.usage.plus(used);
    task.output = event.output();
    if (task.hasDealings() || isNoted(event, used)) {
      Dealings dealings = task.deal();
      dealings.usedNow = used;
      dealings.processes = List.of();
      dealings.trouble = event.trouble();
      dealings.delivered = null;
      dealings.degraded |= event.degraded();
    }
    if (endsSession(event)) {
      task.deal().session = null;
    } else if (event.session() != null && !task.dealings.rolledBack) {
      talk(task, event.session());
    }
    if (pauses(event, Reason.QUOTA_EXHAUSTED)) {
      // a launch that a provider turned away until a known time counts for no attempt
      task.deal().granted++;
    } else if (event.trouble() != null) {
      List<Try> failed = List.of(Try.of(task, event.trouble()));
      if (pauses(event, Reason.BUDGET_EXCEEDED) || pauses(event, Reason.WAITING)) {
        task.deal().cutShort = concat(task.dealings.cutShort, failed);
      } else {
        task.deal().tries = concat(task.dealings.tries, failed);
      }
    }
  }

  /** {@return whether act came to more than its output} */
  private static boolean isNoted(RunEvent.Acted event, Usage used) {
    return event.trouble() != null || event.degraded() || !used.isNothing() || used.presumed();
  }

  /** To go on with a session that is lost, or full, would fail in the same way. */
  private static boolean endsSession(RunEvent.Acted event) {
    ErrorClass error = event.trouble() == null ? null : event.trouble().errorClass();
    return error == ErrorClass.SESSION_LOST || error == ErrorClass.CONTEXT_OVERFLOW;
  }

  private static boolean pauses(RunEvent.Acted event, Reason reason) {
    List<Move> moves = event.moves();
    for (int i = 0; i < moves.size(); i++) {
      if (moves.get(i).to() == TaskState.PAUSED && reason.equals(moves.get(i).reason())) {
        return true;
      }
    }
    return false;
  }

  /** An attempt that had been cut off came to its end after all; another may be at work by now. */
  private static void settleOwed(Task task, RunEvent.Acted event, Usage used) {
    task.usage = task.usage.plus(used);
    if (event.session() != null
        && task.state == TaskState.INTERRUPTED
        && task.attempt == event.attempt()) {
      talk(task, event.session());
    }
  }

  private static void verify(Task task, RunEvent.Verified event) {
    task.deal().processes = List.of();
    task.deal().receipts = event.receipts();
    task.deal().changed = event.changed();
    task.deal().trouble = event.trouble();
    if (event.trouble() != null) {
      Try failed = Try.of(task, event.trouble(), event.changed(), event.checkpoint());
      task.deal().tries = concat(task.dealings.tries, List.of(failed));
    } else {
      task.checkpoint = event.checkpoint();
      task.evidence = event.receipts().isEmpty() ? Evidence.NONE : Evidence.GATES;
    }
  }

  private static void integrate(Task task, RunEvent.Integrated event) {
    task.deal().processes = List.of();
    task.deal().trouble = event.trouble();
    if (event.trouble() != null && !event.receipts().isEmpty()) {
      task.deal().tries = concat(task.dealings.tries, List.of(Try.of(task, event.trouble())));
    }
    if (event.merged() != null) {
      task.checkpoint = event.merged();
      task.deal().merged = true;
    }
    if (!event.receipts().isEmpty()) {
      task.deal().receipts = event.receipts();
    }
  }

  // ------------------------------------------------------------------ people and time

  private void ask(RunEvent.Asked event) {
    int number = ++state.header.questionCount;
    state.change(
        event.question().task(),
        task -> {
          task.deal().question = event.question();
          task.deal().questionNumber = number;
          task.phase = event.phase();
          task.deal().reviewed |= event.question().kind() == Question.Kind.REVIEW;
          if (event.moves().stream().anyMatch(Fold::asksForMoreAfterwards)) {
            // who goes on when there is more has not failed
            int counted = Math.max(0, task.dealings.tries.size() - 1);
            List<Try> last = task.dealings.tries.subList(counted, task.dealings.tries.size());
            task.deal().cutShort = concat(task.dealings.cutShort, last);
            task.deal().tries = task.dealings.tries.subList(0, counted);
          }
          if (event.question().kind() == Question.Kind.APPROVAL) {
            task.deal().agreedMerge = event.merge();
            task.deal().shownAhead = event.ahead();
            task.deal().withdrawn = null;
          } else if (event.question().kind() == Question.Kind.REVIEW) {
            task.deal().shownAhead = event.ahead();
          }
        });
  }

  private void answer(RunEvent.Answered event) {
    Question question = state.tasks.question(event.question()).orElseThrow();
    state.change(question.task(), task -> answer(task, question, event));
  }

  private static boolean asksForMoreAfterwards(Move move) {
    return move.from() == TaskState.FAILED && Reason.BUDGET_EXCEEDED.equals(move.reason());
  }

  private static void answer(Task task, Question question, RunEvent.Answered event) {
    boolean yes = event.answer().isApproval();
    boolean byPerson = !event.actor().equals(Actor.MAESTRO);
    if (yes && byPerson && !question.answering().needsOneMore()) {
      task.deal().question = question.approvedBy(event.actor());
      return;
    }
    task.deal().question = null;
    task.deal().lapsed = lapsed(task, question, event);
    switch (question.kind()) {
      case APPROVAL -> {
        task.evidence = yes ? Evidence.PERSON : Evidence.NONE;
        task.output = new Value.Inline(TextNode.valueOf(outputOf(event)));
      }
      case REVIEW -> task.evidence = yes ? Evidence.PERSON : Evidence.NONE;
      case LAUNCH_AGAIN, POLICY -> noteApproval(task, question, yes);
    }
    if (event.answer().decision() == Answer.Decision.CHANGES && !task.isApproval()) {
      changeWork(task, event);
    }
  }

  private static @Nullable Lapsed lapsed(Task task, Question question, RunEvent.Answered event) {
    boolean late = false;
    for (Move move : event.moves()) {
      late |= Reason.EXPIRED.equals(move.reason());
    }
    boolean ofWork = task.phase != Phase.ACT && question.kind() != Question.Kind.APPROVAL;
    return late && ofWork ? new Lapsed(question, task.phase) : null;
  }

  private static void noteApproval(Task task, Question question, boolean yes) {
    if (yes) {
      String hash = question.shown() == null ? null : question.shown().hash();
      boolean ofWork = task.phase != Phase.ACT;
      Approved approved = new Approved(question.text(), hash, ofWork);
      task.deal().approved = concat(task.dealings.approved, List.of(approved));
    }
  }

  /** Work that is there is done again; an attempt that has not begun its work goes on otherwise. */
  private static void changeWork(Task task, RunEvent.Answered event) {
    task.deal().feedback = new Feedback(event.answer().text(), event.actor());
    task.deal().redo = task.phase != Phase.ACT;
    task.phase = Phase.ACT;
  }

  private void handOn(RunEvent.HandedOn event) {
    Question question = state.tasks.question(event.question()).orElseThrow();
    state.change(question.task(), task -> task.deal().question = question.handedOnTo(event.to()));
  }

  private static String outputOf(RunEvent.Answered event) {
    String word =
        switch (event.answer().decision()) {
          case APPROVE -> "approved";
          case REJECT -> "rejected";
          case CHANGES -> "changes requested";
        };
    return event.answer().text().isBlank() ? word : word + ": " + event.answer().text();
  }

  private void grant(RunEvent.Granted event) {
    if (event.task() == null) {
      state.header.granted = state.header.granted.and(event.more());
    } else {
      state.change(event.task(), task -> grant(task, event));
    }
  }

  /** Releases before this one did not say which, and most tasks have one budget at most. */
  private static void grant(Task task, RunEvent.Granted event) {
    boolean hasNone = task.step.policies().limits().isEmpty();
    if (event.inside() || hasNone) {
      task.deal().grantedInside = task.dealings.grantedInside.and(event.more());
    } else {
      task.deal().grantedCap = task.dealings.grantedCap.and(event.more());
    }
  }

  private void release(Task task, boolean again) {
    task.until = null;
    task.released = true;
    state.lineUp(task);
    if (again) {
      task.deal().granted =
          Math.max(task.dealings.granted, task.attemptInGeneration() + 1 - task.step.attempts());
    }
  }

  private static void claim(Task task, Claimed claim) {
    task.deal().claim = claim;
    task.deal().claims = claim.number();
    task.until = claim.until();
  }

  private void deliver(Task task, RunEvent.Delivered event) {
    if (task.dealings.claim != null
        && !task.dealings.makers.contains(task.dealings.claim.actor())) {
      task.deal().makers = concat(task.dealings.makers, List.of(task.dealings.claim.actor()));
    }
    endClaim(task);
    task.deal().delivered = event;
  }

  private void endClaim(Task task) {
    task.deal().claim = null;
    task.until = null;
    state.lineUp(task);
  }

  // ------------------------------------------------------------------ the run itself

  private void moveRun(RunEvent.RunMoved event) {
    if (state.header.status == RunStatus.PAUSED && event.to() == RunStatus.RUNNING) {
      windows.beginAnew();
      waitLonger(event.at());
    }
    if (event.to() != RunStatus.PAUSED) {
      state.header.pausedAt = null;
    } else if (state.header.status != RunStatus.PAUSED) {
      state.header.pausedAt = event.at();
    }
    state.header.status = event.to();
    state.header.reason = event.reason();
    state.header.detail = event.detail();
    if (event.to().isTerminal()) {
      state
          .tasks
          .notAtRest()
          .forEach(task -> state.change(task.id, one -> layToRest(one, event.at())));
    }
  }

  /**
   * While the run stood still nobody could see an answer through: that time does not count. What
   * had expired before stays so.
   */
  private void waitLonger(Instant now) {
    Instant since = state.header.pausedAt;
    if (since == null || !since.isBefore(now)) {
      return;
    }
    Duration stood = Duration.between(since, now);
    for (Question question : List.copyOf(state.tasks.questions())) {
      if (hasTime(question.answering(), since)) {
        state.change(question.task(), task -> task.deal().question = question.waitingFor(stood));
      }
    }
    for (Task task : List.copyOf(state.tasks.notAtRest())) {
      Answering withdrawn = task.dealings.withdrawn;
      if (withdrawn != null && hasTime(withdrawn, since)) {
        state.change(task.id, one -> one.deal().withdrawn = withdrawn.waitingFor(stood));
      }
    }
  }

  private static boolean hasTime(Answering answering, Instant since) {
    return answering.expiresAt() != null && !answering.isExpired(since);
  }

  /** Nothing of a run that has ended holds a slot, waits for one, or waits for a time. */
  private static void layToRest(Task task, Instant at) {
    task.active = false;
    task.released = false;
    task.until = null;
    task.endedAt = at;
  }

  static <T> List<T> concat(List<T> some, List<T> more) {
    if (some.isEmpty()) {
      return List.copyOf(more);
    }
    List<T> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }
}
