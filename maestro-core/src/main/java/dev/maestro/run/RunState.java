package dev.maestro.run;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.task.Actor;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Transitions;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of one run, folded from its events.
 *
 * <p>Costs O(tasks + dependencies) over a whole run: in-degrees, counts and the set of ready tasks
 * are kept, never computed anew. Used by one thread at a time.
 */
public final class RunState {

  private static final Comparator<Task> READY_ORDER =
      Comparator.<Task, Integer>comparing(task -> task.step.priority().value())
          .thenComparing(task -> task.readySequence)
          .thenComparing(task -> task.ordinal);
  private static final Comparator<Task> TIME_ORDER =
      Comparator.<Task, Instant>comparing(task -> Objects.requireNonNull(task.until))
          .thenComparing(task -> task.ordinal);

  private final Pipeline pipeline;
  private final Map<String, TaskId> producers = new HashMap<>();
  private final Set<String> steering = new HashSet<>();
  private final Map<TaskId, Task> tasks = new LinkedHashMap<>();
  private Header header = new Header();

  // derived from tasks by put and remove, and from nothing else
  private final TreeSet<Task> ready = new TreeSet<>(READY_ORDER);
  private final TreeSet<Task> waiting = new TreeSet<>(TIME_ORDER);
  private final TreeMap<Integer, Task> active = new TreeMap<>();
  private final TreeMap<Integer, Question> questions = new TreeMap<>();
  private final Map<QuestionId, Question> questionsById = new HashMap<>();
  private int live;
  private int moving;
  private int failed;

  // what the present trial has to take back; null outside of a trial
  private @Nullable Trial trial;
  // tasks that an event of the present trial freed and that the rules have not looked at yet
  private final Deque<TaskId> freed = new ArrayDeque<>();

  private RunState(Pipeline pipeline) {
    this.pipeline = pipeline;
    for (Step step : pipeline.steps()) {
      step.outputName().ifPresent(name -> producers.putIfAbsent(name, TaskId.of(step.id())));
      noteSteering(step);
    }
    pipeline.templates().forEach(this::noteSteering);
  }

  private void noteSteering(Step step) {
    if (step.when() instanceof Condition.Comparison comparison) {
      steering.add(comparison.name());
    }
  }

  /** {@return the state of a run of this pipeline before its first event} */
  public static RunState before(Pipeline pipeline) {
    return new RunState(pipeline);
  }

  // ------------------------------------------------------------------ questions

  /** {@return what it runs} */
  public Pipeline pipeline() {
    return pipeline;
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

  /** {@return where it is kept} */
  public RunKey key() {
    return started().key();
  }

  /** {@return where the run itself is in its lifecycle} */
  public RunStatus status() {
    return header.status;
  }

  /** {@return why it is there, for people; empty when nobody said} */
  public Optional<String> statusDetail() {
    return Optional.ofNullable(header.detail);
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
    return Collections.unmodifiableCollection(tasks.values());
  }

  /** {@return the task with this id, if there is one} */
  public Optional<Task> task(TaskId id) {
    return Optional.ofNullable(tasks.get(id));
  }

  /** {@return tasks that may start or go on as soon as there is a slot, most urgent first} */
  public Iterable<Task> ready() {
    return header.status.isTerminal() ? Set.of() : Collections.unmodifiableSet(ready);
  }

  /** {@return tasks that hold a slot, in declaration order} */
  public Collection<Task> active() {
    return Collections.unmodifiableCollection(active.values());
  }

  /** {@return questions that wait for an answer, oldest first} */
  public Collection<Question> questions() {
    return Collections.unmodifiableCollection(questions.values());
  }

  /** {@return when the next task goes on by itself, if any does} */
  public Optional<Instant> nextWake() {
    return waiting.isEmpty() ? Optional.empty() : Optional.ofNullable(waiting.first().until);
  }

  /** {@return whether nothing but a person or a host can move it} */
  public boolean needsSomebody() {
    return switch (header.status) {
      case SUCCEEDED, FAILED, CANCELLED -> false;
      case PAUSED -> active.isEmpty();
      default -> moving == 0 && waiting.isEmpty();
    };
  }

  /** {@return everything used up so far; presumed while it is not known of every launch} */
  public Usage usage() {
    return header.owed == 0 ? header.usage : header.usage.plus(Task.PRESUMED);
  }

  /** {@return the input of this name, or the output of the task whose step has this output name} */
  public Optional<Value> value(String name) {
    Value input = started().inputs().get(name);
    return input != null
        ? Optional.of(input)
        : producer(name).flatMap(task -> Optional.ofNullable(task.output));
  }

  /** {@return the task whose step has this output name, if there is one} */
  public Optional<Task> producer(String output) {
    return Optional.ofNullable(producers.get(output)).flatMap(this::task);
  }

  /**
   * {@return the checkpoints a task starts from, in the order of its dependencies}
   *
   * <p>A dependency that keeps none, such as an approval, passes on those it waited for itself.
   */
  public List<Checkpoint> bases(TaskId id) {
    return carriedBy(require(id).dependencies);
  }

  /**
   * {@return the task whose workspace this one works in: its own, or that of the step it continues}
   */
  public TaskId workspaceOf(TaskId id) {
    Task task = require(id);
    while (task.step.continues() != null) {
      task = require(TaskId.of(task.step.continues()));
    }
    return task.id;
  }

  /** {@return the commands that are open, in the order of the tasks} */
  public List<RunCommand> outstanding() {
    List<RunCommand> open = new ArrayList<>();
    if (!header.status.isTerminal()) {
      tasks.values().forEach(task -> openCommand(task).ifPresent(open::add));
    }
    return open;
  }

  // ------------------------------------------------------------------ fold

  /** Take in the next recorded event. */
  public void apply(RunEvent event) {
    if (event instanceof RunEvent.RunStarted e) {
      applyStart(e);
    } else if (event instanceof RunEvent.TasksAdded e) {
      applyAdded(e);
    } else if (event instanceof RunEvent.Dispatched e) {
      applyDispatched(e);
    } else if (event instanceof RunEvent.Intent e) {
      change(e.task(), task -> applyIntent(task, e));
    } else if (event instanceof RunEvent.Launched e) {
      change(e.task(), task -> applyLaunched(task, e));
    } else if (event instanceof RunEvent.SessionStarted e) {
      change(e.task(), task -> task.session = e.session());
    } else if (event instanceof RunEvent.Acted e) {
      applyActed(e);
    } else if (event instanceof RunEvent.Verified e) {
      change(e.task(), task -> applyVerified(task, e));
      applyMoves(e);
    } else if (event instanceof RunEvent.Merging e) {
      change(e.task(), task -> task.merging = e);
    } else if (event instanceof RunEvent.Integrated e) {
      change(e.task(), task -> applyIntegrated(task, e));
      applyMoves(e);
    } else if (event instanceof RunEvent.Asked e) {
      applyAsked(e);
    } else if (event instanceof RunEvent.Answered e) {
      applyAnswered(e);
    } else if (event instanceof RunEvent.Released e) {
      e.tasks().forEach(id -> change(id, task -> applyReleased(task, e.again())));
    } else if (event instanceof RunEvent.Moved e) {
      applyMoves(e);
    } else if (event instanceof RunEvent.RunMoved e) {
      changeHeader(h -> h.moved(e));
    }
    changeHeader(h -> h.counted(event.at()));
  }

  private void applyStart(RunEvent.RunStarted event) {
    changeHeader(h -> h.started = event);
    for (Step step : pipeline.steps()) {
      List<TaskId> after = step.after().stream().distinct().map(TaskId::of).toList();
      Task task = new Task(TaskId.of(step.id()), step, null, tasks.size(), after);
      put(null, withReadySequence(task));
    }
    Map<TaskId, List<TaskId>> behind = new LinkedHashMap<>();
    tasks.values().forEach(task -> collectDependents(behind, task.id, task.dependencies));
    addDependents(behind);
  }

  private void applyAdded(RunEvent.TasksAdded event) {
    Step template =
        pipeline
            .template(event.template())
            .orElseThrow(() -> new IllegalArgumentException("no template " + event.template()));
    List<TaskId> waitingForPlan = require(event.by()).dependents;
    List<TaskId> added = event.tasks().stream().map(RunEvent.TasksAdded.Added::id).toList();
    Map<TaskId, List<TaskId>> behind = new LinkedHashMap<>();
    for (RunEvent.TasksAdded.Added one : event.tasks()) {
      Task task = new Task(one.id(), template, one.item(), tasks.size(), one.after());
      put(null, withReadySequence(task));
      collectDependents(behind, one.id(), one.after());
    }
    for (TaskId id : waitingForPlan) {
      change(id, task -> waitForMore(task, added));
      collectDependents(behind, id, added);
    }
    addDependents(behind);
  }

  private static void waitForMore(Task task, List<TaskId> added) {
    List<TaskId> all = new ArrayList<>(task.dependencies);
    all.addAll(added);
    task.dependencies = List.copyOf(all);
    task.waitingFor += added.size();
  }

  private static void collectDependents(
      Map<TaskId, List<TaskId>> behind, TaskId dependent, List<TaskId> dependencies) {
    dependencies.forEach(on -> behind.computeIfAbsent(on, id -> new ArrayList<>()).add(dependent));
  }

  private void addDependents(Map<TaskId, List<TaskId>> behind) {
    behind.forEach(
        (on, more) ->
            change(
                on,
                task -> {
                  List<TaskId> all = new ArrayList<>(task.dependents);
                  all.addAll(more);
                  task.dependents = List.copyOf(all);
                }));
  }

  private Task withReadySequence(Task task) {
    if (task.waitingFor == 0) {
      task.readySequence = nextReadySequence();
      noteFreed(task.id);
    }
    return task;
  }

  private void applyDispatched(RunEvent.Dispatched event) {
    applyMoves(event);
    change(
        event.task(),
        task -> {
          if (event.phase() == Phase.ACT) {
            task.intended = false;
            task.launched = false;
            task.promptAfterStart = false;
            task.merging = null;
          }
          task.attempt = event.attempt();
          task.phase = event.phase();
          task.processes = List.of();
          task.released = false;
          task.active = true;
          if (task.startedAt == null) {
            task.startedAt = event.at();
          }
        });
  }

  private static void applyIntent(Task task, RunEvent.Intent event) {
    task.promptAfterStart = event.promptAfterStart();
    task.intended = true;
    if (!event.promptAfterStart()) {
      task.launches++;
      task.launched = true;
    }
  }

  private static void applyLaunched(Task task, RunEvent.Launched event) {
    if (event.process() != null) {
      task.processes = append(task.processes, event.process());
    }
    if (event.agent()) {
      task.intended = false;
    }
    if (event.agent() && !task.launched) {
      task.launches++;
      task.launched = true;
    }
  }

  private void applyActed(RunEvent.Acted event) {
    Usage used = event.usage() == null ? Task.PRESUMED : event.usage();
    changeHeader(h -> h.usage = h.usage.plus(used));
    if (event.moves().isEmpty()) {
      changeHeader(h -> h.owed--);
      change(event.task(), task -> applySettled(task, event, used));
      return;
    }
    change(
        event.task(),
        task -> {
          task.usage = task.usage.plus(used);
          task.processes = List.of();
          task.output = event.output();
          task.trouble = event.trouble();
          if (event.session() != null) {
            task.session = event.session();
          }
        });
    applyMoves(event);
  }

  /** An attempt that had been cut off came to its end after all; another may be at work by now. */
  private static void applySettled(Task task, RunEvent.Acted event, Usage used) {
    task.usage = task.usage.plus(used);
    task.owed = task.owed.stream().filter(attempt -> attempt != event.attempt()).toList();
    if (event.session() != null
        && task.state == TaskState.INTERRUPTED
        && task.attempt == event.attempt()) {
      task.session = event.session();
    }
  }

  private static void applyVerified(Task task, RunEvent.Verified event) {
    task.processes = List.of();
    task.receipts = event.receipts();
    task.changed = event.changed();
    task.trouble = event.trouble();
    if (event.trouble() == null) {
      task.checkpoint = event.checkpoint();
      task.evidence = event.receipts().isEmpty() ? Evidence.NONE : Evidence.GATES;
    }
  }

  private static void applyIntegrated(Task task, RunEvent.Integrated event) {
    task.processes = List.of();
    task.trouble = event.trouble();
    if (event.merged() != null) {
      task.checkpoint = event.merged();
    }
    if (!event.receipts().isEmpty()) {
      task.receipts = event.receipts();
    }
  }

  private void applyAsked(RunEvent.Asked event) {
    changeHeader(h -> h.questionCount++);
    applyMoves(event);
    change(
        event.question().task(),
        task -> {
          task.question = event.question();
          task.questionNumber = header.questionCount;
          task.phase = event.phase();
        });
  }

  private void applyAnswered(RunEvent.Answered event) {
    Question question = Objects.requireNonNull(questionsById.get(event.question()));
    change(
        question.task(),
        task -> {
          task.question = null;
          if (question.kind() == Question.Kind.APPROVAL) {
            task.evidence = event.answer().isApproval() ? Evidence.PERSON : Evidence.NONE;
            task.output = new Value.Inline(TextNode.valueOf(answerText(event)));
          } else if (event.answer().isApproval()) {
            task.approved = append(task.approved, question.text());
          }
        });
    applyMoves(event);
  }

  private static String answerText(RunEvent.Answered event) {
    String word = event.answer().isApproval() ? "approved" : "rejected";
    return event.answer().text().isBlank() ? word : word + ": " + event.answer().text();
  }

  private void applyReleased(Task task, boolean again) {
    task.until = null;
    task.released = true;
    task.readySequence = nextReadySequence();
    if (again) {
      task.granted = Math.max(task.granted, task.attempt + 1 - task.step.attempts());
    }
  }

  private void applyMoves(RunEvent event) {
    boolean settled = event instanceof RunEvent.Acted;
    event.moves().forEach(move -> applyMove(move, event.at(), settled));
  }

  private void applyMove(Move move, Instant at, boolean settled) {
    Task before = require(move.task());
    if (before.state != move.from() || !Transitions.allows(move.from(), move.to())) {
      throw new IllegalArgumentException(
          "task "
              + move.task()
              + " is "
              + before.state
              + "; "
              + move.from()
              + " to "
              + move.to()
              + " is no move from there");
    }
    Task after = before.copy();
    after.state = move.to();
    after.reason = move.reason();
    after.detail = move.detail();
    after.until = move.until();
    after.released = false;
    if (after.state != TaskState.AWAITING_APPROVAL) {
      after.question = null;
    }
    settlePhase(before, after);
    if (after.isReady() && !before.isReady()) {
      after.readySequence = nextReadySequence();
    }
    boolean atRest = !after.active && !after.released && after.until == null;
    after.endedAt = atRest ? at : null;
    if (!settled && before.active && before.launched && before.phase == Phase.ACT) {
      after.owed = append(before.owed, before.attempt);
      changeHeader(h -> h.owed++);
    }
    if (Reason.EMERGENCY_STOP.equals(move.reason())) {
      after.session = null;
    }
    boolean satisfies = !before.satisfiesDependents() && after.satisfiesDependents();
    if (satisfies) {
      after.carried =
          after.checkpoint == null ? carriedBy(after.dependencies) : List.of(after.checkpoint);
    }
    put(before, after);
    if (satisfies) {
      after.dependents.forEach(id -> change(id, task -> free(task, after.state)));
    }
  }

  private static void settlePhase(Task before, Task after) {
    switch (after.state) {
      case RUNNING, RETRYING, PLANNING -> {
        after.phase = Phase.ACT;
        after.active = true;
      }
      case TESTING -> {
        after.phase = Phase.VERIFY;
        after.active = true;
      }
      case VERIFIED -> {
        after.active = before.active && after.integrates();
        if (after.integrates()) {
          after.phase = Phase.INTEGRATE;
          after.released = !after.active;
        }
      }
      case FAILED -> {
        after.phase = Phase.ACT;
        after.active = false;
      }
      default -> after.active = false;
    }
  }

  private static <T> List<T> append(List<T> list, T one) {
    List<T> all = new ArrayList<>(list);
    all.add(one);
    return List.copyOf(all);
  }

  private void free(Task task, TaskState by) {
    task.waitingFor--;
    if (by == TaskState.SKIPPED) {
      task.skippedDependencies++;
    }
    if (task.waitingFor == 0) {
      task.readySequence = nextReadySequence();
      noteFreed(task.id);
    }
  }

  private void noteFreed(TaskId id) {
    if (trial != null) {
      freed.add(id);
    }
  }

  private List<Checkpoint> carriedBy(List<TaskId> dependencies) {
    if (dependencies.size() == 1) {
      return require(dependencies.get(0)).carried;
    }
    Set<Checkpoint> carried = new LinkedHashSet<>();
    dependencies.forEach(id -> carried.addAll(require(id).carried));
    return List.copyOf(carried);
  }

  // ------------------------------------------------------------------ for the rules

  Task require(TaskId id) {
    Task task = tasks.get(id);
    if (task == null) {
      throw new IllegalArgumentException("run has no task " + id);
    }
    return task;
  }

  @Nullable TaskId pollFreed() {
    return freed.poll();
  }

  boolean hasLiveTasks() {
    return live > 0;
  }

  boolean hasMovingTasks() {
    return moving > 0;
  }

  boolean hasFailedTasks() {
    return failed > 0;
  }

  int questionCount() {
    return header.questionCount;
  }

  Optional<Question> question(QuestionId id) {
    return Optional.ofNullable(questionsById.get(id));
  }

  /** {@return whether a condition compares the value of this name} */
  boolean steers(String name) {
    return steering.contains(name);
  }

  List<Task> dueBy(Instant now) {
    return waiting.stream()
        .takeWhile(task -> !Objects.requireNonNull(task.until).isAfter(now))
        .toList();
  }

  static Optional<RunCommand> openCommand(Task task) {
    if (task.active) {
      return Optional.of(
          switch (task.phase) {
            case ACT -> new RunCommand.Act(task.id, task.attempt);
            case VERIFY -> new RunCommand.Verify(task.id, task.attempt);
            case INTEGRATE -> new RunCommand.Integrate(task.id, task.attempt);
          });
    }
    if (task.question != null) {
      return Optional.of(new RunCommand.Ask(task.question));
    }
    return task.until == null
        ? Optional.empty()
        : Optional.of(new RunCommand.Wait(task.id, task.until));
  }

  /** Begin to try out events; {@link Trial#close} takes them back. */
  Trial tryOut() {
    if (trial != null) {
      throw new IllegalStateException("one decision at a time");
    }
    trial = new Trial(header);
    header = header.copy();
    return trial;
  }

  /** What has to be put back, oldest first. */
  final class Trial implements AutoCloseable {

    private final Header before;
    private final Deque<Change> changes = new ArrayDeque<>();

    private Trial(Header before) {
      this.before = before;
    }

    /** {@return each touched task as it was before the trial; empty for an added one} */
    Map<TaskId, Optional<Task>> touched() {
      Map<TaskId, Optional<Task>> first = new LinkedHashMap<>();
      changes.forEach(
          change -> first.putIfAbsent(change.after.id, Optional.ofNullable(change.before)));
      return first;
    }

    @Override
    public void close() {
      trial = null;
      while (!changes.isEmpty()) {
        Change change = changes.removeLast();
        if (change.before == null) {
          remove(change.after);
        } else {
          put(change.after, change.before);
        }
      }
      header = before;
      freed.clear();
    }
  }

  private record Change(@Nullable Task before, Task after) {}

  // ------------------------------------------------------------------ keeping what is derived

  private void change(TaskId id, Consumer<Task> edit) {
    Task before = require(id);
    Task after = before.copy();
    edit.accept(after);
    put(before, after);
  }

  private void changeHeader(Consumer<Header> edit) {
    edit.accept(header);
  }

  private long nextReadySequence() {
    return header.readySequence++;
  }

  private void put(@Nullable Task before, Task after) {
    if (before != null) {
      forget(before);
    }
    tasks.put(after.id, after);
    remember(after);
    if (trial != null) {
      trial.changes.add(new Change(before, after));
    }
  }

  private void remove(Task task) {
    forget(task);
    tasks.remove(task.id);
  }

  private void remember(Task task) {
    if (task.isReady()) {
      ready.add(task);
    }
    if (task.until != null) {
      waiting.add(task);
    }
    if (task.active) {
      active.put(task.ordinal, task);
    }
    if (task.question != null) {
      questions.put(task.questionNumber, task.question);
      questionsById.put(task.question.id(), task.question);
    }
    count(task, 1);
  }

  private void forget(Task task) {
    if (task.isReady()) {
      ready.remove(task);
    }
    if (task.until != null) {
      waiting.remove(task);
    }
    if (task.active) {
      active.remove(task.ordinal);
    }
    if (task.question != null) {
      questions.remove(task.questionNumber);
      questionsById.remove(task.question.id());
    }
    count(task, -1);
  }

  private void count(Task task, int by) {
    live += task.isLive() ? by : 0;
    moving += task.isMoving() ? by : 0;
    failed += task.hasFailedForGood() ? by : 0;
  }

  /** What is not about a single task. */
  private static final class Header {

    private RunEvent.@Nullable RunStarted started;
    private RunStatus status = RunStatus.PENDING;
    private @Nullable String detail;
    private Instant updatedAt = Instant.EPOCH;
    private long sequence;
    private long readySequence;
    private int questionCount;
    private Usage usage = Usage.NONE;
    private int owed;

    Header copy() {
      Header copy = new Header();
      copy.started = started;
      copy.status = status;
      copy.detail = detail;
      copy.updatedAt = updatedAt;
      copy.sequence = sequence;
      copy.readySequence = readySequence;
      copy.questionCount = questionCount;
      copy.usage = usage;
      copy.owed = owed;
      return copy;
    }

    void moved(RunEvent.RunMoved event) {
      status = event.to();
      detail = event.detail();
    }

    void counted(Instant at) {
      sequence++;
      updatedAt = at;
    }
  }

  /** {@return the actor who started the run} */
  public Actor startedBy() {
    return started().actor();
  }
}
