package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Account;
import dev.maestro.policy.Policies;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run, folded from its events.
 *
 * <p>Costs O(tasks + dependencies) over a whole run: in-degrees, counts and the set of ready tasks
 * are kept, never computed anew. Used by one thread at a time.
 */
public final class RunState {

  // of pipelines inside, by identity: a pipeline's hash is that of all that is in it
  private final Map<Pipeline, Blueprint> blueprints = new IdentityHashMap<>();
  private final Fold fold = new Fold(this);
  private final Trial trial = new Trial(this);
  // definitions that events may name; knowing one more changes nothing
  private Map<BlobId, Blueprint> learned = Map.of();
  // what follows is changed by the fold, and put back by a trial
  final Tasks tasks = new Tasks();
  final Header header = new Header();
  // a trial, or an event outside of one: what it has copied already, it changes in place
  private long round;

  private RunState(Pipeline pipeline) {
    header.blueprint = new Blueprint(pipeline);
  }

  /** {@return the state of a run of this pipeline before its first event} */
  public static RunState before(Pipeline pipeline) {
    return new RunState(pipeline);
  }

  /** Learn a pipeline that an event may name; it has to be known before the event is taken in. */
  public void learn(Pipeline pipeline) {
    learn(pipeline.hash(), new Blueprint(pipeline));
  }

  void learn(BlobId definition, Blueprint blueprint) {
    Map<BlobId, Blueprint> more = new HashMap<>(learned);
    more.put(definition, blueprint);
    learned = more;
  }

  Blueprint learned(BlobId definition) {
    Blueprint known = learned.get(definition);
    if (known == null) {
      throw new IllegalArgumentException("the definition " + definition + " has not been read");
    }
    return known;
  }

  /** Take in the next recorded event. */
  public void apply(RunEvent event) {
    if (!trial.isOpen()) {
      round++;
    }
    fold.take(event);
    countInside();
    tasks.settle();
  }

  // ------------------------------------------------------------------ questions

  /** {@return what it runs} */
  public Pipeline pipeline() {
    return blueprint().pipeline();
  }

  Blueprint blueprint() {
    return Objects.requireNonNull(header.blueprint);
  }

  /** {@return whether its first event has been applied} */
  public boolean exists() {
    return header.started != null;
  }

  /** {@return the event it began with} */
  public RunEvent.RunStarted started() {
    if (header.started == null) {
      throw new IllegalStateException("the run has no events yet");
    }
    return header.started;
  }

  /** {@return what it is made from} */
  public Definition definition() {
    if (header.definition == null) {
      throw new IllegalStateException("the run has no events yet");
    }
    return header.definition;
  }

  /** {@return where it is kept} */
  public RunKey key() {
    return started().key();
  }

  /** {@return the run it was forked from, if it was} */
  public Optional<RunKey> forkedFrom() {
    return Optional.ofNullable(header.forkedFrom);
  }

  /** {@return where the run itself is in its lifecycle} */
  public RunStatus status() {
    return header.status;
  }

  /** {@return why it is there, for people; empty when nobody said} */
  public Optional<String> statusDetail() {
    return Optional.ofNullable(header.detail);
  }

  /** {@return the code of why it is there; empty before its first event} */
  public Optional<Reason> statusReason() {
    return Optional.ofNullable(header.reason);
  }

  /** {@return when it last changed} */
  public Instant updatedAt() {
    return header.updatedAt;
  }

  /** {@return how many events it is folded from} */
  public long sequence() {
    return header.sequence;
  }

  /** {@return every task, in declaration order and then in the order they were added} */
  public Collection<Task> tasks() {
    return tasks.all();
  }

  /** {@return the task with this id, if there is one} */
  public Optional<Task> task(TaskId id) {
    return tasks.find(id);
  }

  /** {@return tasks that may start or go on as soon as there is a slot, most urgent first} */
  public Iterable<Task> ready() {
    return tasks.ready();
  }

  /** {@return whether any task may start or go on} */
  public boolean hasReady() {
    return tasks.hasReady();
  }

  /** {@return whether {@link #unasked} has any} */
  public boolean hasUnasked() {
    return tasks.hasUnasked();
  }

  /**
   * {@return those ready tasks that want nothing but a slot, most urgent first}
   *
   * @param usingWorkspace whether those that work in a workspace, or those that do not
   */
  public Iterable<Task> unasked(boolean usingWorkspace) {
    return tasks.unasked(usingWorkspace);
  }

  /** {@return whether {@link #approvals} or {@link #predicates} has any} */
  public boolean hasAsking() {
    return tasks.hasAsking();
  }

  /** {@return those ready approvals whose question has to be written first} */
  public Iterable<Task> approvals() {
    return tasks.approvals();
  }

  /**
   * {@return those other ready tasks whose predicate has to be evaluated first, most urgent first}
   *
   * @param usingWorkspace whether those that work in a workspace, or those that do not
   */
  public Iterable<Task> predicates(boolean usingWorkspace) {
    return tasks.predicates(usingWorkspace);
  }

  /** {@return tasks that hold a slot, in declaration order} */
  public Collection<Task> active() {
    return tasks.active();
  }

  /** {@return questions that wait for an answer, oldest first} */
  public Collection<Question> questions() {
    return tasks.questions();
  }

  /**
   * {@return when {@link RunInput.TimeCame} is due next: for a task, for a question that expires,
   * or for the run's deadline}
   */
  public Optional<Instant> nextWake() {
    Optional<Instant> silence = isPaused() ? Optional.empty() : tasks.nextExpiry();
    return earlier(earlier(deadline(), silence), tasks.nextWake());
  }

  boolean isPaused() {
    return header.status == RunStatus.PAUSED;
  }

  /**
   * {@return which moment counts for those who answer: while the run stands still that in which it
   * stopped, so that nobody is too late meanwhile, and whoever was too late then still is}
   */
  Instant answering(Instant now) {
    return header.pausedAt == null ? now : header.pausedAt;
  }

  private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.isEmpty() ? other : one;
    }
    return one.get().isBefore(other.get()) ? one : other;
  }

  /** {@return when the run ends if it has not by then; empty when it has, or may take any time} */
  public Optional<Instant> deadline() {
    return header.started == null || header.status.isTerminal()
        ? Optional.empty()
        : header.started.deadline();
  }

  /** {@return whether its deadline has come} */
  boolean isOverdue(Instant now) {
    return deadline().filter(at -> !at.isAfter(now)).isPresent();
  }

  /** {@return whether nothing but a person or a host can move it} */
  public boolean needsSomebody() {
    return switch (header.status) {
      case SUCCEEDED, FAILED, CANCELLED -> false;
      case PAUSED -> tasks.active().isEmpty();
      default -> !tasks.hasMoving() && tasks.nextWake().isEmpty();
    };
  }

  /** {@return everything used up so far; presumed while it is not known of every launch} */
  public Usage usage() {
    return header.owed == 0 ? header.usage : header.usage.plus(header.presumed.presumed());
  }

  /** {@return the input of this name, or the output of the task whose step has this output name} */
  public Optional<Value> value(String name) {
    return valueIn(null, name);
  }

  /** {@return the same for the names inside this task, or for those of the run itself} */
  Optional<Value> valueIn(@Nullable TaskId scope, String name) {
    Value input = inputsOf(scope).get(name);
    return input != null
        ? Optional.of(input)
        : producerIn(scope, name).flatMap(task -> Optional.ofNullable(task.output));
  }

  private Map<String, Value> inputsOf(@Nullable TaskId scope) {
    if (scope == null) {
      return definition().inputs();
    }
    Inside inside = require(scope).inside;
    return inside == null ? Map.of() : inside.inputs();
  }

  /** {@return the task whose step has this output name, if there is one} */
  public Optional<Task> producer(String output) {
    return producerIn(null, output);
  }

  private Optional<Task> producerIn(@Nullable TaskId scope, String output) {
    return blueprint(scope).producer(output).map(step -> inside(scope, step)).flatMap(this::task);
  }

  /** {@return the id of the task of a step inside this task, or of the run itself} */
  static TaskId inside(@Nullable TaskId scope, String step) {
    return scope == null ? TaskId.of(step) : scope.child(step);
  }

  /** {@return the task whose inputs and outputs this one knows by name; empty for the run's own} */
  public Optional<TaskId> scopeOf(TaskId id) {
    return Optional.ofNullable(scopeOf(require(id)));
  }

  /** What is done for the elements of a list knows what the step around it knows. */
  @Nullable TaskId scopeOf(Task task) {
    return task.element == null || task.parent == null ? task.parent : require(task.parent).parent;
  }

  /** {@return the task whose session and workspace this one goes on with, if it does} */
  public Optional<Task> continuedBy(TaskId id) {
    Task task = require(id);
    String continued = task.step.continues();
    return continued == null ? Optional.empty() : task(inside(scopeOf(task), continued));
  }

  /** {@return what the output of a task is made from that has others inside; nothing for others} */
  public Gathered gathered(TaskId id) {
    Task task = require(id);
    if (task.inside != null && task.step.action() instanceof Action.SubPipeline sub) {
      return Gathered.named(
          sub.outputs(),
          sub.outputs().stream().map(name -> valueIn(id, name).orElse(Value.EMPTY)).toList());
    } else if (task.inside != null && task.step.output() != null) {
      return Gathered.list(task.inside.children().stream().map(this::outcome).toList());
    }
    return Gathered.NOTHING;
  }

  private Value outcome(TaskId element) {
    Task task = require(element);
    Value output = task.output == null ? Value.EMPTY : task.output;
    return task.satisfiesDependents() ? output : Value.NULL;
  }

  /**
   * {@return the checkpoints a task starts from, in the order of its dependencies}
   *
   * <p>A dependency that keeps none, such as an approval, passes on those it waited for itself.
   * What waits for nothing starts from where the task starts that it is inside of; where there is
   * none at all, a fork starts from where the run started that it is made from.
   */
  public List<Checkpoint> bases(TaskId id) {
    List<Checkpoint> carried = handedTo(require(id));
    return carried.isEmpty() && header.base != null ? List.of(header.base) : carried;
  }

  private List<Checkpoint> handedTo(Task task) {
    Task waiting = task;
    while (waiting.dependencies.isEmpty() && waiting.parent != null) {
      waiting = require(waiting.parent);
    }
    return carriedBy(waiting.dependencies);
  }

  /** {@return the checkpoints that tasks behind this one start from, which has just ended well} */
  List<Checkpoint> carriedFrom(Task task) {
    if (task.checkpoint != null) {
      return List.of(task.checkpoint);
    }
    List<Checkpoint> made = task.inside == null ? List.of() : carriedBy(lastInside(task.inside));
    return made.isEmpty() ? handedTo(task) : made;
  }

  private List<TaskId> lastInside(Inside inside) {
    return inside.children().stream().filter(id -> require(id).dependents.isEmpty()).toList();
  }

  private List<Checkpoint> carriedBy(List<TaskId> dependencies) {
    if (dependencies.size() == 1) {
      return require(dependencies.get(0)).carried;
    }
    Set<Checkpoint> carried = new LinkedHashSet<>();
    for (TaskId dependency : dependencies) {
      carried.addAll(require(dependency).carried);
    }
    return List.copyOf(carried);
  }

  /**
   * {@return the name of the workspace a task works in: its own, or that of the step it continues}
   *
   * <p>A task that begins again because what it builds on is reworked gets a new one, on the new
   * bases. The one that is reworked goes on in what it has.
   */
  public TaskId workspaceOf(TaskId id) {
    Task holder = require(holder(id));
    return holder.dealings.place == 1
        ? holder.id
        : holder.id.child("generation-" + holder.dealings.place);
  }

  /** {@return whose workspace a task works in: its own, or that of the step it continues} */
  TaskId holder(TaskId id) {
    TaskId holder = id;
    for (Optional<Task> on = continuedBy(id); on.isPresent(); on = continuedBy(holder)) {
      holder = on.get().id;
    }
    return holder;
  }

  /** {@return what the run's events say of the workspace a task works in} */
  public Standing standing(TaskId id) {
    Task holder = require(holder(id));
    List<String> heads = List.of();
    if (holder.dealings.standsOn != null) {
      heads = Few.plus(heads, holder.dealings.standsOn);
    }
    if (holder.dealings.mayStandOn != null && !heads.contains(holder.dealings.mayStandOn)) {
      heads = Few.plus(heads, holder.dealings.mayStandOn);
    }
    return new Standing(start().orElse(null), heads);
  }

  /** {@return the id of what tasks start from that wait for no other, once that is fixed} */
  public Optional<String> start() {
    return header.base != null ? Optional.of(header.base.id()) : Optional.ofNullable(header.began);
  }

  /**
   * {@return what is switched on for a task: by the pipeline, by what it is inside of, from the
   * outside in, and by its own step}
   */
  public Policies policies(TaskId id) {
    Task task = require(id);
    return around(task).and(task.step.policies());
  }

  /** {@return the step of a task, with those it is inside of before it: {@code build/test}} */
  public String stepPath(TaskId id) {
    Task task = require(id);
    if (task.parent == null) {
      return task.step.id();
    }
    String around = stepPath(task.parent);
    return task.element == null ? around + "/" + task.step.id() : around;
  }

  private Policies around(Task task) {
    if (task.parent == null) {
      return pipeline().policies();
    }
    Step outer = require(task.parent).step;
    Policies inside = outer.inside().map(Pipeline::policies).orElse(Policies.NONE);
    return policies(task.parent).and(inside);
  }

  /** {@return the commands that are open, in the order of the tasks} */
  public List<RunCommand> outstanding() {
    List<RunCommand> open = new ArrayList<>();
    tasks().forEach(task -> task.openCommand().ifPresent(open::add));
    return open;
  }

  /**
   * {@return the model that this launch with less uses, if a budget that pays for it says another}
   */
  public Optional<String> cheaperModel(RunInput.Intend launch) {
    return paying(launch).cheaper();
  }

  /**
   * {@return to how many characters the text of this launch is cut if it uses up more than its cap,
   * where a budget that pays for it says so}
   */
  public Optional<Integer> outputLimit(RunInput.Intend launch) {
    return paying(launch).outputLimit();
  }

  private Accounts paying(RunInput.Intend launch) {
    return Accounts.of(this, require(launch.intent().task()), launch.above());
  }

  /**
   * {@return whether a task whose act ends like this is only put off, until a quota is back or
   * until there is more money, and then goes on with the work that it has}
   */
  public boolean isPutOff(RunInput.ActEnded ended) {
    if (!(ended.result() instanceof ActResult.Failed failed)) {
      return false;
    }
    if (failed.trouble().reason().equals(Reason.BUDGET_EXCEEDED)) {
      Task task = require(ended.task());
      return BudgetRules.outOf(this, task, failed, ended.above(), ended.at())
          .map(lack -> lack.asks() || lack.pauses())
          .orElseGet(() -> BudgetRules.hasMoreSince(this, task, failed, ended.above(), ended.at()));
    }
    return failed.trouble().isTurnedAway(ended.at());
  }

  /** {@return whether a task waits for room on a budget, in this run or above it} */
  public boolean waitsForBudget() {
    return !tasks.waitingForRoom().isEmpty() || !tasks.outOfBudget().isEmpty();
  }

  /**
   * {@return the names of those budgets above the run that a task of it waits for}
   *
   * @param above all that there are, as they stand
   */
  public Set<String> waitsFor(List<BudgetAbove> above) {
    Set<String> names = new LinkedHashSet<>();
    Iterator<Task> waiting =
        Stream.concat(tasks.waitingForRoom().stream(), tasks.outOfBudget().stream()).iterator();
    while (names.size() < above.size() && waiting.hasNext()) {
      names.addAll(BudgetRules.waitsFor(this, waiting.next(), above));
    }
    return names;
  }

  /** {@return the same of one task, which may wait for none} */
  public Set<String> waitsFor(TaskId id, List<BudgetAbove> above) {
    Task task = tasks.get(id);
    return task == null || above.isEmpty() || !task.waitsForBudget()
        ? Set.of()
        : BudgetRules.waitsFor(this, task, above);
  }

  /** {@return how the budgets around a task stand, from the innermost to that of the run} */
  public List<Account> accounts(TaskId id) {
    return Accounts.of(this, require(id)).all();
  }

  /** {@return the name of the budget that a question is about; empty when it is about none} */
  public static Optional<String> budgetAskedAbout(Question question) {
    return BudgetRules.askedAbout(question);
  }

  Task require(TaskId id) {
    Task task = tasks.get(id);
    if (task == null) {
      throw new IllegalArgumentException("run has no task " + id);
    }
    return task;
  }

  /** {@return whether the value of this name decides what of the run itself runs} */
  boolean steers(String name) {
    return blueprint().steers(name);
  }

  /**
   * {@return what is known of the pipeline whose tasks are inside this one, or of the run's own}
   */
  Blueprint blueprint(@Nullable TaskId scope) {
    return scope == null
        ? blueprint()
        : blueprints.computeIfAbsent(require(scope).step.inside().orElseThrow(), Blueprint::new);
  }

  // ------------------------------------------------------------------ changes, for the fold

  void add(Task task) {
    if (task.isFree()) {
      noteFreed(task);
    }
    task.round = round;
    tasks.add(task);
    if (trial.isOpen()) {
      trial.noteChange(null, task);
    }
  }

  void change(TaskId id, Consumer<Task> edit) {
    edit.accept(change(id));
  }

  /**
   * {@return the task, for the event at hand to change}
   *
   * <p>Tasks that others may have seen are not changed: the first change of a round makes a copy.
   */
  Task change(TaskId id) {
    Task task = require(id);
    if (task.round != round) {
      Task before = task;
      task = before.copy();
      task.round = round;
      tasks.change(before, task);
      if (trial.isOpen()) {
        trial.noteChange(before, task);
      }
    } else {
      tasks.change(task, task);
    }
    return task;
  }

  static Inside requireOpen(Task task) {
    if (task.inside == null) {
      throw new IllegalStateException("task " + task.id + " has not opened");
    }
    return task.inside;
  }

  /** Count what has changed inside of tasks, so that nobody ever has to look through them. */
  private void countInside() {
    for (int i = 0; i < tasks.changing().size(); i++) {
      Task task = tasks.changing().get(i);
      if (task.parent != null) {
        count(task, task.parent);
      }
    }
  }

  private void count(Task task, TaskId around) {
    if (task.isLive() != (task.counted.live() > 0)) {
      holdWhereFull(task, around);
    }
    boolean isNext = task.waitsToBeLetIn() && lookAgainFrom(task, around);
    Inside.Count now = Inside.Count.of(task);
    if (!now.equals(task.counted)) {
      Inside.Count change = now.minus(task.counted);
      task.counted = now;
      change(around, one -> one.inside = requireOpen(one).plus(change));
      letMoreIn(around);
      noteStirred(around);
    } else if (isNext) {
      letMoreIn(around);
    }
  }

  /**
   * An element that had come to its end and is to go on waits for room like those that have not
   * begun. One that has others inside does not: they may be at work, or about to be.
   */
  private void holdWhereFull(Task element, TaskId id) {
    element.held = element.isLive() && !element.isOpen() && room(require(id)) <= 0;
  }

  /** {@return whether those that were let in had been past it, so that it has its turn again} */
  private boolean lookAgainFrom(Task element, TaskId id) {
    int place = Objects.requireNonNull(element.element).index() - 1;
    boolean wasPassed = place < requireOpen(require(id)).letIn();
    if (wasPassed) {
      change(id, one -> one.inside = requireOpen(one).letIn(place));
    }
    return wasPassed;
  }

  /** {@return for how many elements there is room beside those at work; below 0 for too many} */
  private static int room(Task around) {
    Inside inside = requireOpen(around);
    Integer parallel = around.step.each().map(Action.ForEach::parallel).orElse(null);
    return parallel == null ? Integer.MAX_VALUE : parallel - inside.atWork();
  }

  /**
   * As some elements of a list come to their end, or more of them may be at work than before,
   * others may begin that were held till then.
   */
  void letMoreIn(TaskId id) {
    Task around = require(id);
    Inside inside = requireOpen(around);
    if (inside.letIn() == inside.size()) {
      return;
    }
    int room = room(around);
    int next = inside.letIn();
    for (; room > 0 && next < inside.size(); next++) {
      Task one = require(inside.children().get(next));
      if (one.waitsToBeLetIn()) {
        letIn(one.id, id);
        room--;
      }
    }
    int first = next;
    change(id, one -> one.inside = requireOpen(one).letIn(first));
  }

  /** Let elements that have not begun in as there is room beside those that go on. */
  void letInAnew(TaskId id) {
    if (require(id).step.each().map(Action.ForEach::parallel).isEmpty()) {
      return;
    }
    Inside.Count change = Inside.Count.NONE;
    for (TaskId child : requireOpen(require(id)).children()) {
      Task one = change(child);
      one.held = one.state == TaskState.PENDING;
      Inside.Count now = Inside.Count.of(one);
      change = change.plus(now.minus(one.counted));
      one.counted = now;
    }
    Inside.Count changed = change;
    change(id, one -> one.inside = requireOpen(one).plus(changed).letIn(0));
    letMoreIn(id);
    noteStirred(id);
  }

  /** It counts at once, so that the next one that ends does not let another in its place. */
  private void letIn(TaskId id, TaskId around) {
    Task task = change(id);
    task.held = false;
    Inside.Count change = Inside.Count.of(task).minus(task.counted);
    task.counted = Inside.Count.of(task);
    change(around, one -> one.inside = requireOpen(one).plus(change));
    if (task.isFree() && task.state == TaskState.PENDING) {
      noteFreed(task);
    } else if (task.released) {
      lineUp(task);
    }
  }

  /** Note what a decision changes on budgets above the run; nothing while the past is folded. */
  void note(LedgerLine line) {
    if (trial.isOpen()) {
      header.ledger = Fold.concat(header.ledger, List.of(line));
    }
  }

  /** {@return what the last decision changed on budgets above the run, in order} */
  public List<LedgerLine> ledger() {
    return header.ledger;
  }

  /** Have the rules look at a task in which something has changed. */
  void noteStirred(TaskId id) {
    if (trial.isOpen()) {
      trial.noteStirred(id);
    }
  }

  /** Let go of what waits for this task, which does not hold it back any more. */
  void freeBehind(Task satisfied) {
    List<TaskId> dependents = satisfied.dependents;
    for (int i = 0; i < dependents.size(); i++) {
      free(change(dependents.get(i)), satisfied.state);
    }
  }

  private void free(Task task, TaskState by) {
    task.waitingFor--;
    if (by == TaskState.SKIPPED) {
      task.skippedDependencies++;
    }
    if (task.isFree()) {
      noteFreed(task);
    }
  }

  /** Line up a task behind all that became ready earlier. */
  void lineUp(Task task) {
    task.readySequence = header.readySequence++;
  }

  /** Line up a task that nothing holds back any more, and have the rules look at it. */
  void noteFreed(Task task) {
    lineUp(task);
    if (trial.isOpen()) {
      trial.noteFreed(task.id);
    }
  }

  // ------------------------------------------------------------------ trials, for the rules

  /** Begin to try out events; {@link Trial#close} takes them back, unless they are kept. */
  Trial tryOut() {
    trial.open();
    round++;
    return trial;
  }
}
