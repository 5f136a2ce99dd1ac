package dev.maestro.run;

import dev.maestro.approval.Question;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.BlobId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The state of one run, folded from its events.
 *
 * <p>Costs O(tasks + dependencies) over a whole run: in-degrees, counts and the set of ready tasks
 * are kept, never computed anew. Used by one thread at a time.
 */
public final class RunState {

  private final Fold fold = new Fold(this);
  private final Trial trial = new Trial(this);
  // definitions that events may name; knowing one more changes nothing
  private Map<BlobId, Blueprint> learned = Map.of();
  // what follows is changed by the fold, and put back by a trial
  final Tasks tasks = new Tasks();
  Header header = new Header();
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

  /** {@return whether {@link #asking} has any} */
  public boolean hasAsking() {
    return tasks.hasAsking();
  }

  /** {@return those ready tasks of whose steps something has to be asked first} */
  public Iterable<Task> asking() {
    return tasks.asking();
  }

  /** {@return tasks that hold a slot, in declaration order} */
  public Collection<Task> active() {
    return tasks.active();
  }

  /** {@return questions that wait for an answer, oldest first} */
  public Collection<Question> questions() {
    return tasks.questions();
  }

  /** {@return when {@link RunInput.TimeCame} is due next: for a task, or for the run's deadline} */
  public Optional<Instant> nextWake() {
    Optional<Instant> deadline = deadline();
    Optional<Instant> task = tasks.nextWake();
    boolean deadlineFirst = deadline.filter(at -> task.map(at::isBefore).orElse(true)).isPresent();
    return deadlineFirst ? deadline : task;
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
    return header.owed == 0 ? header.usage : header.usage.plus(Task.PRESUMED);
  }

  /** {@return the input of this name, or the output of the task whose step has this output name} */
  public Optional<Value> value(String name) {
    Value input = definition().inputs().get(name);
    return input != null
        ? Optional.of(input)
        : producer(name).flatMap(task -> Optional.ofNullable(task.output));
  }

  /** {@return the task whose step has this output name, if there is one} */
  public Optional<Task> producer(String output) {
    return blueprint().producer(output).flatMap(this::task);
  }

  /**
   * {@return the checkpoints a task starts from, in the order of its dependencies}
   *
   * <p>A dependency that keeps none, such as an approval, passes on those it waited for itself.
   * Where there is none at all, a fork starts from where the run started that it is made from.
   */
  public List<Checkpoint> bases(TaskId id) {
    List<Checkpoint> carried = carriedBy(require(id).dependencies);
    return carried.isEmpty() && header.base != null ? List.of(header.base) : carried;
  }

  List<Checkpoint> carriedBy(List<TaskId> dependencies) {
    if (dependencies.size() == 1) {
      return require(dependencies.get(0)).carried;
    }
    Set<Checkpoint> carried = new LinkedHashSet<>();
    dependencies.forEach(id -> carried.addAll(require(id).carried));
    return List.copyOf(carried);
  }

  /**
   * {@return the name of the workspace a task works in: its own, or that of the step it continues}
   *
   * <p>A task that begins again because what it builds on is reworked gets a new one, on the new
   * bases. The one that is reworked goes on in what it has.
   */
  public TaskId workspaceOf(TaskId id) {
    Task task = require(id);
    while (task.step.continues() != null) {
      task = require(TaskId.of(task.step.continues()));
    }
    return task.place == 1 ? task.id : task.id.child("generation-" + task.place);
  }

  /** {@return the commands that are open, in the order of the tasks} */
  public List<RunCommand> outstanding() {
    List<RunCommand> open = new ArrayList<>();
    tasks().forEach(task -> task.openCommand().ifPresent(open::add));
    return open;
  }

  Task require(TaskId id) {
    Task task = tasks.get(id);
    if (task == null) {
      throw new IllegalArgumentException("run has no task " + id);
    }
    return task;
  }

  /** {@return whether a condition compares the value of this name} */
  boolean steers(String name) {
    return blueprint().steers(name);
  }

  // ------------------------------------------------------------------ changes, for the fold

  void add(Task task) {
    if (task.waitingFor == 0) {
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

  /** Let go of what waits for this task, which does not hold it back any more. */
  void freeBehind(Task satisfied) {
    satisfied.dependents.forEach(id -> free(change(id), satisfied.state));
  }

  private void free(Task task, TaskState by) {
    task.waitingFor--;
    if (by == TaskState.SKIPPED) {
      task.skippedDependencies++;
    }
    if (task.waitingFor == 0) {
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
    trial.open(header);
    round++;
    header = header.copy();
    return trial;
  }
}
