package dev.maestro.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.agent.AgentRequest;
import dev.maestro.approval.QuestionId;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.task.Amount;
import dev.maestro.task.Reason;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A run that is fed inputs and checks, at every one of them, whatever must hold at all times.
 *
 * <p>Each accepted event goes through the codec's bytes before it is applied.
 */
class RunUnderTest {

  private final RunEventCodec codec = new RunEventCodec();
  private final Pipeline pipeline;
  private final List<Pipeline> learned = new ArrayList<>();
  private final List<RunEvent> journal = new ArrayList<>();
  private final Map<TaskId, RunCommand> open = new HashMap<>();
  private final Set<Transition> taken = new HashSet<>();
  // completed, and nobody has asked for it again since
  private final Set<TaskId> completed = new HashSet<>();
  private final Map<TaskId, RunEvent.Intent> underWay = new HashMap<>();
  private final Map<TaskId, Boolean> isLaunched = new HashMap<>();
  private final Map<TaskId, Amount> spentBy = new HashMap<>();
  private final Map<TaskId, RunEvent.Delivered> brought = new HashMap<>();
  private final Map<String, Amount> owed = new HashMap<>();
  private int fed;
  private RunState state;
  // is not given events, but advances with each decision
  private RunState advanced;

  /** A move without the rest. */
  record Transition(TaskState from, TaskState to) {}

  RunUnderTest(Pipeline pipeline) {
    this.pipeline = pipeline;
    this.state = RunState.before(pipeline);
    this.advanced = RunState.before(pipeline);
  }

  RunState state() {
    return state;
  }

  List<RunEvent> journal() {
    return journal;
  }

  Set<Transition> taken() {
    return taken;
  }

  Task task(String id) {
    return state.require(TaskId.of(id));
  }

  /** The commands that the rules have opened and nothing has closed. */
  List<RunCommand> open() {
    return List.copyOf(open.values());
  }

  Decision feed(RunInput input) {
    if (input instanceof RunInput.Redefine redefine) {
      learned.add(redefine.plan().pipeline());
    }
    // field by field costs more than all the rest: every sixteenth time
    boolean compares = fed++ % 16 == 0;
    String before = compares ? Dump.of(state) : "";
    Decision decision = RunRules.decide(state, input);
    if (compares) {
      assertThat(Dump.of(state)).as("state after deciding on %s", input).isEqualTo(before);
    }
    assertThat(RunRules.decide(state, input)).as("the same again").isEqualTo(decision);
    assertThat(RunRules.advance(advanced, input)).as("and the same again").isEqualTo(decision);
    if (decision instanceof Decision.Accepted accepted) {
      if (input instanceof RunInput.Intend intend) {
        checkStays(intend.intent().task(), accepted.events());
      }
      take(accepted);
      checkModel();
    }
    if (compares && state.exists() && state.status() != RunStatus.PAUSED) {
      checkReady(input.at());
    }
    return decision;
  }

  /** Whoever hands out slots would offer one to a task that cannot take it again and again. */
  private void checkReady(Instant now) {
    List<Task> ready = new ArrayList<>();
    state.ready().forEach(ready::add);
    for (Task task : ready) {
      assertThat(RunRules.decide(state, begin(now, task)))
          .as("a slot for %s, which is %s", task.id, task.state)
          .isInstanceOf(Decision.Accepted.class);
    }
  }

  private static RunInput begin(Instant now, Task task) {
    if (task.isDelayAhead()) {
      return new RunInput.Delay(now, task.id);
    }
    boolean asks = task.asksFirst() && task.isApproval();
    return asks ? new RunInput.Ask(now, task.id, "on?") : new RunInput.Dispatch(now, task.id);
  }

  /** What is not to be launched now is not let go in the very decision that says so. */
  private static void checkStays(TaskId task, List<RunEvent> events) {
    assertThat(events)
        .filteredOn(RunEvent.Released.class::isInstance)
        .noneMatch(event -> ((RunEvent.Released) event).tasks().contains(task));
  }

  private void take(Decision.Accepted accepted) {
    boolean over = state.exists() && state.status().isTerminal();
    Map<TaskId, RunCommand> wasOpen = Map.copyOf(open);
    for (RunEvent event : accepted.events()) {
      RunEvent read = codec.decode(codec.encode(event));
      assertThat(read).isEqualTo(event);
      checkEvent(read, over);
      state.apply(read);
      journal.add(read);
      close(read);
      count(read);
    }
    wasOpen.forEach((task, command) -> keepOpen(task, command, accepted));
    for (RunCommand command : accepted.commands()) {
      assertThat(open.put(command.task(), command)).as("open already").isNull();
    }
  }

  /** What one decision closes and opens again just as it was is not announced anew. */
  private void keepOpen(TaskId task, RunCommand command, Decision.Accepted accepted) {
    boolean isOpen = state.task(task).flatMap(Task::openCommand).equals(Optional.of(command));
    if (isOpen && !accepted.commands().contains(command)) {
      open.put(task, command);
    }
  }

  private void checkEvent(RunEvent event, boolean over) {
    if (over) {
      assertThat(event)
          .as("after the end")
          .isInstanceOfAny(RunEvent.Acted.class, RunEvent.Integrated.class);
      assertThat(event.moves()).as("moves after the end").isEmpty();
    }
    if (event instanceof RunEvent.Dispatched dispatched) {
      assertThat(state.require(dispatched.task()).state).isNotEqualTo(TaskState.COMPLETED);
      assertThat(completed).as("is executed once").doesNotContain(dispatched.task());
    } else if (event instanceof RunEvent.Reworked reworked) {
      completed.removeAll(reworked.tasks());
    } else if (event instanceof RunEvent.Redefined redefined) {
      completed.removeAll(redefined.rerun());
      completed.removeAll(redefined.added());
    }
    event.moves().stream()
        .filter(move -> move.to() == TaskState.COMPLETED)
        .forEach(move -> completed.add(move.task()));
    event.moves().forEach(move -> taken.add(new Transition(move.from(), move.to())));
  }

  private boolean isAsked(RunCommand.Ask ask) {
    return state.questions().contains(ask.question());
  }

  private void close(RunEvent event) {
    event.moves().forEach(move -> open.remove(move.task()));
    if (event instanceof RunEvent.Opened opened) {
      open.remove(opened.task());
    } else if (event instanceof RunEvent.Released released) {
      released.tasks().forEach(open::remove);
    } else if (event instanceof RunEvent.Answered) {
      open.values().removeIf(c -> c instanceof RunCommand.Ask ask && isAnswered(ask, event));
    } else if (event instanceof RunEvent.Asked asked) {
      // in the place of what showed something else
      open.remove(asked.question().task());
    } else if (event instanceof RunEvent.HandedOn handed) {
      open.values().removeIf(c -> c instanceof RunCommand.Ask ask && isOf(ask, handed.question()));
    } else if (event instanceof RunEvent.TaskClaimed claimed) {
      open.remove(claimed.task());
    } else if (event instanceof RunEvent.ClaimReleased released) {
      open.remove(released.task());
    } else if (event instanceof RunEvent.Delivered delivered) {
      open.remove(delivered.task());
    } else if (event instanceof RunEvent.RunMoved moved && moved.to().isTerminal()) {
      open.clear();
    } else if (event instanceof RunEvent.RunMoved) {
      // whoever resumes a run gives its questions more time
      open.values().removeIf(c -> c instanceof RunCommand.Ask ask && !isAsked(ask));
    }
  }

  private static boolean isAnswered(RunCommand.Ask ask, RunEvent event) {
    return isOf(ask, ((RunEvent.Answered) event).question());
  }

  private static boolean isOf(RunCommand.Ask ask, QuestionId question) {
    return ask.question().id().equals(question);
  }

  /** Crash: forget the state and fold it anew from what was recorded. */
  void foldAnew() {
    RunState anew = RunState.before(pipeline);
    learned.forEach(anew::learn);
    journal.forEach(event -> anew.apply(codec.decode(codec.encode(event))));
    assertThat(Dump.of(anew)).as("folded anew").isEqualTo(Dump.of(state));
    assertThat(Dump.of(advanced)).as("advanced by decisions").isEqualTo(Dump.of(state));
    state = anew;
    advanced = RunState.before(pipeline);
    learned.forEach(advanced::learn);
    journal.forEach(advanced::apply);
    checkReceipts();
  }

  /** A walk says of any work that it was accepted; that its receipts are whole must hold. */
  private void checkReceipts() {
    if (!journal.isEmpty()) {
      assertThat(ReceiptChain.check(records()).findings())
          .filteredOn(finding -> finding.kind() != ReceiptChain.Kind.UNPROVEN)
          .isEmpty();
    }
  }

  /** The journal as a store would number it. */
  List<RunRecord> records() {
    List<RunRecord> records = new ArrayList<>();
    for (RunEvent event : journal) {
      records.add(new RunRecord(state.key(), records.size() + 1, event));
    }
    return records;
  }

  private void checkModel() {
    assertThat(state.outstanding()).containsExactlyInAnyOrderElementsOf(open.values());
    List<Task> all = List.copyOf(state.tasks());
    List<Task> ready =
        all.stream()
            .filter(Task::isReady)
            .sorted(
                Comparator.comparing((Task task) -> task.step.priority())
                    .thenComparing(task -> task.readySequence)
                    .thenComparing(task -> task.ordinal))
            .toList();
    RunStatus status = state.status();
    assertThat(state.ready()).containsExactlyElementsOf(ready);
    for (boolean inWorkspace : List.of(true, false)) {
      assertThat(state.unasked(inWorkspace))
          .containsExactlyElementsOf(
              ready.stream()
                  .filter(one -> !one.asksFirst() && one.usesWorkspace() == inWorkspace)
                  .toList());
      assertThat(state.predicates(inWorkspace))
          .containsExactlyElementsOf(
              ready.stream()
                  .filter(one -> one.asksFirst() && !one.isApproval())
                  .filter(one -> one.usesWorkspace() == inWorkspace)
                  .toList());
    }
    assertThat(state.approvals())
        .containsExactlyElementsOf(
            ready.stream().filter(one -> one.asksFirst() && one.isApproval()).toList());
    assertThat(state.hasReady()).isEqualTo(!ready.isEmpty());
    assertThat(state.hasAsking()).isEqualTo(ready.stream().anyMatch(Task::asksFirst));
    assertThat(state.hasUnasked()).isEqualTo(ready.stream().anyMatch(one -> !one.asksFirst()));
    if (status.isTerminal()) {
      assertThat(state.ready()).isEmpty();
      assertThat(state.questions()).isEmpty();
      assertThat(state.nextWake()).isEmpty();
      assertThat(state.active()).isEmpty();
      assertThat(state.outstanding()).isEmpty();
    }
    assertThat(ready.stream().map(task -> task.readySequence)).doesNotHaveDuplicates();
    assertThat(state.active())
        .containsExactlyElementsOf(all.stream().filter(Task::isActive).toList());
    assertThat(state.nextWake())
        .isEqualTo(
            Stream.of(
                    all.stream().flatMap(t -> t.until().stream()),
                    state.questions().stream()
                        .filter(q -> status != RunStatus.PAUSED)
                        .flatMap(q -> Optional.ofNullable(q.answering().expiresAt()).stream()),
                    state.deadline().stream())
                .flatMap(times -> times)
                .min(Comparator.naturalOrder()));
    assertThat(state.questions().stream().map(q -> q.id()))
        .containsExactlyInAnyOrderElementsOf(
            all.stream().flatMap(task -> task.question().stream()).toList());
    assertThat(state.tasks.hasLive()).isEqualTo(all.stream().anyMatch(Task::isLive));
    assertThat(state.tasks.hasMoving()).isEqualTo(all.stream().anyMatch(Task::isMoving));
    assertThat(state.tasks.hasFailed())
        .isEqualTo(all.stream().anyMatch(t -> t.parent == null && t.hasFailedForGood()));
    if (!status.isTerminal() && status != RunStatus.PAUSED) {
      boolean moves = all.stream().anyMatch(this::goesOnByItself);
      assertThat(status).isEqualTo(moves ? RunStatus.RUNNING : RunStatus.WAITING);
      assertThat(all).as("an open run has something left to do").anyMatch(Task::isLive);
    }
    all.forEach(this::checkTask);
    assertThat(all.stream().map(task -> task.usage).reduce(Usage.NONE, Usage::plus))
        .as("what all tasks have used up")
        .isEqualTo(state.header.usage);
    if (fed % 4 == 1) {
      checkSpending(all);
    }
    checkEnd();
  }

  /** What launches put aside and use up is counted everywhere at once. */
  private void checkSpending(List<Task> all) {
    Map<TaskId, Amount> spent = new HashMap<>();
    Map<TaskId, Amount> reserved = new HashMap<>();
    Amount spentInAll = Amount.NONE;
    Amount reservedInAll = Amount.NONE;
    for (Task task : all) {
      Amount used = spentBy.getOrDefault(task.id, Amount.NONE);
      Amount put = task.reservation().map(one -> one.cap().amount()).orElse(Amount.NONE);
      spentInAll = spentInAll.plus(used);
      reservedInAll = reservedInAll.plus(put);
      for (Task one = task; one != null; one = around(one)) {
        spent.merge(one.id, used, Amount::plus);
        reserved.merge(one.id, put, Amount::plus);
      }
    }
    for (Task task : all) {
      assertThat(task.spent()).as("spent in %s", task).isEqualTo(spent.get(task.id));
      assertThat(task.reserved()).as("reserved in %s", task).isEqualTo(reserved.get(task.id));
    }
    assertThat(state.header.spent).as("spent in the run").isEqualTo(spentInAll);
    assertThat(state.header.reserved).as("reserved in the run").isEqualTo(reservedInAll);
    if (state.status().isTerminal()) {
      assertThat(reservedInAll).as("reserved in the end").isEqualTo(Amount.NONE);
    }
    assertThat(state.waitsForBudget())
        .isEqualTo(all.stream().anyMatch(task -> task.waitsForRoom() || task.isOutOfBudget()));
  }

  private Task around(Task task) {
    return task.parent == null ? null : state.require(task.parent);
  }

  /** Told from the journal alone, launch by launch. */
  private void count(RunEvent event) {
    if (event instanceof RunEvent.Delivered delivered) {
      brought.put(delivered.task(), delivered);
    } else if (event instanceof RunEvent.Reworked reworked) {
      reworked.tasks().forEach(brought::remove);
    }
    if (event instanceof RunEvent.Intent intent) {
      underWay.put(intent.task(), intent);
      isLaunched.put(intent.task(), !intent.promptAfterStart());
    } else if (event instanceof RunEvent.Launched launched && launched.agent()) {
      isLaunched.put(launched.task(), true);
    } else if (event instanceof RunEvent.Acted acted && acted.moves().isEmpty()) {
      late(acted);
    } else if (event instanceof RunEvent.Acted acted) {
      boolean counts = !isTurnedAway(acted);
      settle(acted.task(), acted.usage(), event.at(), false, counts);
    } else {
      event.moves().forEach(move -> settle(move.task(), null, event.at(), true, true));
      event.moves().forEach(this::forgetRefusal);
    }
  }

  /** A rule that stops the attempt again has said for itself why nothing was brought. */
  private void forgetRefusal(Move move) {
    boolean stopped = move.to() == TaskState.AWAITING_APPROVAL || move.to() == TaskState.BLOCKED;
    if (stopped && brought.containsKey(move.task()) && brought.get(move.task()).trouble() != null) {
      brought.remove(move.task());
    }
  }

  private static boolean isTurnedAway(RunEvent.Acted acted) {
    Trouble trouble = acted.trouble();
    return trouble != null
        && trouble.reason().equals(Reason.QUOTA_EXHAUSTED)
        && trouble.until() != null
        && trouble.until().isAfter(acted.at())
        && !trouble.until().isAfter(acted.at().plus(Duration.ofDays(366)));
  }

  private void settle(TaskId task, Usage told, Instant at, boolean cutOff, boolean counts) {
    RunEvent.Intent launch = underWay.remove(task);
    if (launch == null) {
      settleBrought(task, told, cutOff);
      return;
    }
    boolean launched = isLaunched.get(task);
    Usage used = told != null || launch.reserved() == null ? told : presumed(launch);
    Amount spent = Amount.of(used == null ? Usage.NONE : used, elapsed(launch, at));
    if (cutOff && !launched) {
      return;
    } else if (!launched) {
      spent =
          new Amount(
              spent.tokens(), spent.money(), Duration.ZERO, spent.turns(), spent.toolCalls(), 0);
    }
    if (!counts) {
      spent =
          new Amount(
              spent.tokens(), spent.money(), spent.time(), spent.turns(), spent.toolCalls(), 0);
    }
    if (cutOff) {
      owed.put(task + "#" + launch.attempt(), spent);
    }
    spentBy.merge(task, spent, Amount::plus);
  }

  /** What somebody else says that it used up counts, and is no launch. */
  private void settleBrought(TaskId task, Usage told, boolean cutOff) {
    if (!cutOff && brought.remove(task) != null && told != null) {
      Amount used = Amount.of(told, Duration.ZERO);
      spentBy.merge(
          task,
          new Amount(used.tokens(), used.money(), Duration.ZERO, used.turns(), used.toolCalls(), 0),
          Amount::plus);
    }
  }

  /** Never longer than it might; all steps of these walks have the limits of {@link Steps}. */
  private static Duration elapsed(RunEvent.Intent launch, Instant to) {
    Duration elapsed = Duration.between(launch.at(), to);
    Duration most = AgentRequest.Limits.DEFAULT.total();
    if (launch.reserved() != null && launch.reserved().cap().time() != null) {
      most = least(most, launch.reserved().cap().time());
    }
    return elapsed.isNegative() ? Duration.ZERO : least(elapsed, most);
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  private static Usage presumed(RunEvent.Intent launch) {
    return launch.reserved().cap().amount().presumed();
  }

  private void late(RunEvent.Acted acted) {
    Amount presumed = owed.remove(acted.task() + "#" + acted.attempt());
    assertThat(presumed).as("owed by %s", acted).isNotNull();
    Amount real = acted.usage() == null ? presumed : Amount.of(acted.usage(), presumed.time());
    spentBy.merge(acted.task(), real, (all, one) -> all.minus(presumed).plus(one));
  }

  private boolean goesOnByItself(Task task) {
    return task.active || task.isReady() || task.state == TaskState.INTERRUPTED;
  }

  private void checkTask(Task task) {
    long unsatisfied =
        task.dependencies.stream().filter(on -> !state.require(on).satisfiesDependents()).count();
    assertThat(task.waitingFor).as("open dependencies of %s", task).isEqualTo((int) unsatisfied);
    assertThat(task.skippedDependencies)
        .isEqualTo(
            (int)
                task.dependencies.stream()
                    .filter(on -> state.require(on).state == TaskState.SKIPPED)
                    .count());
    task.dependencies.forEach(
        on -> assertThat(state.require(on).dependents).as("behind %s", on).contains(task.id));
    task.dependents.forEach(
        by -> assertThat(state.require(by).dependencies).as("before %s", by).contains(task.id));
    assertThat(task.dealings.launches)
        .as("launches of %s", task)
        .isLessThanOrEqualTo(task.allowedAttempts());
    assertThat(task.attempt).as("attempts of %s", task).isLessThanOrEqualTo(task.allowedAttempts());
    checkInside(task);
    if (task.released) {
      assertThat(task.hasSpentItsLast()).as("%s can be dispatched", task).isFalse();
    }
    assertThat(task.attemptInGeneration())
        .as("attempts of %s in generation %s", task, task.dealings.generation)
        .isBetween(0, task.step.attempts() + task.dealings.granted);
    if (task.hasBegun() && !task.isApproval()) {
      assertThat(task.waitingFor).as("%s began after its dependencies", task).isZero();
    }
  }

  private void checkInside(Task task) {
    List<Task> children = state.tasks().stream().filter(one -> task.id.equals(one.parent)).toList();
    if (task.inside == null) {
      assertThat(children).as("inside of %s, which is not open", task).isEmpty();
      return;
    }
    assertThat(task.inside.children())
        .containsExactlyElementsOf(children.stream().map(Task::id).toList());
    assertThat(task.inside.live()).isEqualTo((int) children.stream().filter(Task::isLive).count());
    assertThat(task.inside.failed())
        .isEqualTo((int) children.stream().filter(Task::hasFailedForGood).count());
    assertThat(task.inside.done())
        .isEqualTo((int) children.stream().filter(Task::satisfiesDependents).count());
    assertThat(task.inside.cancelled())
        .isEqualTo((int) children.stream().filter(t -> t.state == TaskState.CANCELLED).count());
    checkElements(task, children);
    if (task.waitsForInside() && !state.status().isTerminal()) {
      assertThat(task.inside.live()).as("what %s waits for", task).isPositive();
    }
    if (task.satisfiesDependents()) {
      assertThat(children).as("inside of %s", task).noneMatch(Task::isLive);
    }
    if (children.stream().anyMatch(Task::isActive)) {
      assertThat(task.waitsForInside()).as("%s waits for what is at work in it", task).isTrue();
    }
  }

  private void checkElements(Task task, List<Task> children) {
    Integer parallel = task.step.each().map(Action.ForEach::parallel).orElse(null);
    List<Task> open = children.stream().filter(Task::isLive).toList();
    long held = open.stream().filter(one -> one.held).count();
    assertThat(task.inside.atWork())
        .as("at work in %s", task)
        .isEqualTo((int) (open.size() - held));
    if (parallel == null) {
      assertThat(held).as("held in %s", task).isZero();
    } else if (open.stream().anyMatch(one -> one.held && one.question().isEmpty())) {
      assertThat(open.size() - held).as("at work in %s", task).isGreaterThanOrEqualTo(parallel);
    }
    long begun = children.stream().filter(one -> one.isActive() && one.attempt == 1).count();
    long goOn = open.stream().filter(one -> !one.held && !one.isOpen()).count();
    if (parallel != null) {
      assertThat(begun).as("first attempts in %s", task).isLessThanOrEqualTo(parallel);
      // one with others inside that is tried again waits for nobody
      assertThat(goOn).as("may be at work in %s", task).isLessThanOrEqualTo(parallel);
    }
    assertThat(children).noneMatch(one -> one.held && (one.active || !one.isLive()));
  }

  private void checkEnd() {
    long ends =
        journal.stream()
            .filter(e -> e instanceof RunEvent.RunMoved moved && moved.to().isTerminal())
            .count();
    assertThat(ends).isEqualTo(state.status().isTerminal() ? 1 : 0);
    if (state.status().isTerminal()) {
      assertThat(state.tasks())
          .allMatch(
              task ->
                  task.state.isFinal()
                      || task.state == TaskState.FAILED
                      || task.state == TaskState.VERIFIED);
    }
    if (state.status() == RunStatus.SUCCEEDED) {
      assertThat(state.tasks())
          .noneMatch(task -> task.parent == null && task.state == TaskState.FAILED);
    }
  }
}
