package dev.maestro.engine;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunState;
import dev.maestro.run.Talk;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.Lease;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One run that the engine holds in memory. Confined to the loop, but for the maps of values. */
final class Live {

  final RunState state;
  // null for a run that had ended when it was loaded: nobody drives it
  private final @Nullable Lease lease;
  final Map<TaskId, Worker> workers = new HashMap<>();
  // asked before they are dispatched: questions to write, predicates to evaluate
  final Map<TaskId, Worker> preparing = new HashMap<>();
  final Set<TaskId> prepared = new HashSet<>();
  // whose files are being put back: nobody may be at them meanwhile
  final Set<TaskId> rollingBack = new HashSet<>();
  final List<CompletableFuture<Settled>> waiters = new ArrayList<>();
  // each grows while attempts read it
  private final Map<String, Value> values = new ConcurrentHashMap<>();
  private final Map<TaskId, Map<String, Value>> valuesInside = new HashMap<>();
  Set<String> secretNames;
  private @Nullable String origin;
  // what a dead engine left open stays as it is until recovery has cleared up after it
  boolean held;
  // whether it was said that somebody waits for it while it is held
  boolean isHeldSaid;
  // set when another engine has taken over: nothing of it counts any more
  boolean lost;
  boolean endedHere;
  boolean releasing;
  // what it takes of the engine's slots, as they were counted last
  int slots;
  int slotsInPlace;
  // what the batch at hand holds of it, for the batch to find
  Batch.@Nullable Part part;

  Live(RunState state, @Nullable Lease lease) {
    this.state = state;
    this.secretNames = secretNames(state.pipeline());
    this.lease = lease;
    if (state.exists()) {
      values.putAll(state.definition().inputs());
      state.tasks().forEach(this::noteInputs);
      state.tasks().forEach(this::noteOutput);
    }
  }

  private static Set<String> secretNames(Pipeline pipeline) {
    Set<String> names = new HashSet<>();
    for (Step step : pipeline.allSteps()) {
      names.addAll(step.secrets());
    }
    return Set.copyOf(names);
  }

  /** {@return whether a step, or all of the pipeline, hides what looks like a secret} */
  boolean hidesShapes() {
    Pipeline pipeline = state.pipeline();
    return pipeline.policies().hideSecrets()
        || pipeline.allSteps().stream().anyMatch(step -> step.policies().hideSecrets());
  }

  /** {@return what this batch holds of it, or null for nothing} */
  Batch.@Nullable Part part(Batch batch) {
    return part != null && part.isOf(batch) ? part : null;
  }

  RunKey key() {
    return state.key();
  }

  /** {@return what tells the run from any other of the same name: the moment it began} */
  String origin() {
    if (origin == null) {
      origin = "begun at " + state.started().at();
    }
    return origin;
  }

  long token() {
    return lease == null ? 0 : lease.token();
  }

  /** {@return whether another engine may have taken it over} */
  boolean isLeaseOver(Instant now) {
    return lease != null && !now.isBefore(lease.until());
  }

  /** {@return until when nobody else can drive it; empty when it had ended when it was loaded} */
  Optional<Instant> leaseUntil() {
    return Optional.ofNullable(lease).map(Lease::until);
  }

  /** {@return what is said to whoever still wants something of it once it is lost} */
  StoreException takenOver() {
    return takenOver(key());
  }

  static StoreException takenOver(RunKey run) {
    return new StoreException(
        "run "
            + run
            + " has been taken over by another engine; ask that one, or recover it here when that"
            + " one is gone");
  }

  /** {@return whether ready tasks of it may start} */
  boolean mayStartTasks() {
    RunStatus status = state.status();
    return !held && !lost && state.exists() && !status.isTerminal() && status != RunStatus.PAUSED;
  }

  /** Take over what the events say about values that later tasks may use. */
  void noteValues(RunEvent event) {
    if (event instanceof RunEvent.RunStarted started) {
      values.putAll(started.inputs());
    } else if (event instanceof RunEvent.Opened opened) {
      state.task(opened.task()).ifPresent(this::noteInputs);
    } else if (event instanceof RunEvent.Forked forked) {
      forked.tasks().forEach(kept -> state.task(kept.task()).ifPresent(this::noteOutput));
    } else if (event instanceof RunEvent.Redefined) {
      noteAnew();
    } else if (event instanceof RunEvent.Reworked reworked) {
      reworked.tasks().forEach(id -> state.task(id).ifPresent(this::forgetOutput));
      // what a predicate said held for values that are no more
      prepared.clear();
    } else if (event instanceof RunEvent.Reopened reopened) {
      prepared.removeAll(reopened.tasks());
    }
    List<Move> moves = event.moves();
    for (int i = 0; i < moves.size(); i++) {
      Task task = state.task(moves.get(i).task()).orElse(null);
      if (task != null) {
        noteOutput(task);
      }
    }
  }

  /** What is at work goes on, and sees only values that are what they were. */
  private void noteAnew() {
    prepared.clear();
    secretNames = secretNames(state.pipeline());
    Set<String> names = new HashSet<>(state.definition().inputs().keySet());
    state.tasks().stream()
        .filter(task -> task.parent().isEmpty() && hasOutput(task))
        .forEach(task -> names.add(outputName(task)));
    values.keySet().retainAll(names);
    values.putAll(state.definition().inputs());
    state.tasks().forEach(this::noteOutput);
  }

  private boolean hasOutput(Task task) {
    return task.satisfiesDependents()
        && !task.isRetired()
        && task.item().isEmpty()
        && task.element().isEmpty()
        && task.step().output() != null;
  }

  private static String outputName(Task task) {
    return Objects.requireNonNull(task.step().output());
  }

  private void forgetOutput(Task task) {
    if (task.step().output() != null && task.item().isEmpty() && task.element().isEmpty()) {
      valuesFor(task).remove(task.step().output());
    }
  }

  /** {@return what a task may use by name; grows while others end} */
  Map<String, Value> valuesFor(Task task) {
    return valuesIn(state.scopeOf(task.id()));
  }

  private Map<String, Value> valuesIn(Optional<TaskId> scope) {
    return scope.isEmpty()
        ? values
        : valuesInside.computeIfAbsent(scope.get(), one -> new ConcurrentHashMap<>());
  }

  private void noteInputs(Task task) {
    if (task.isOpen()) {
      valuesIn(Optional.of(task.id())).putAll(task.inputsInside());
    }
  }

  private void noteOutput(Task task) {
    if (hasOutput(task)) {
      valuesFor(task).put(outputName(task), task.output().orElse(Value.EMPTY));
    }
  }

  /** {@return the conversation a task goes on with: its own, or that of what it continues} */
  Optional<Talk> talk(Task task) {
    Optional<Task> holder = Optional.of(task);
    while (holder.isPresent() && holder.get().talk().isEmpty()) {
      holder = state.continuedBy(holder.get().id());
    }
    return holder.flatMap(Task::talk);
  }

  boolean isIdle() {
    return workers.isEmpty() && preparing.isEmpty() && rollingBack.isEmpty();
  }

  /** {@return whether somebody is at its files, maybe the end of an attempt that was overtaken} */
  boolean isBusy(TaskId task) {
    return workers.containsKey(task) || rollingBack.contains(task);
  }

  /** {@return whether only the end has come, or only a person or a host can move it} */
  boolean isSettled() {
    RunStatus status = state.status();
    boolean stopped = status == RunStatus.PAUSED && state.active().isEmpty();
    return isIdle() && (status.isTerminal() || stopped || state.needsSomebody());
  }

  /**
   * {@return whether it can leave the heap: nothing of it moves before a timer or a person does}
   */
  boolean canBeParked() {
    RunStatus status = state.status();
    waiters.removeIf(CompletableFuture::isDone);
    return isIdle()
        && waiters.isEmpty()
        && !held
        && (status.isTerminal() || status == RunStatus.WAITING || status == RunStatus.PAUSED);
  }

  boolean isSuperseded(Worker worker) {
    return state
        .task(worker.task())
        .map(task -> !task.isActive() || !worker.isAt(task.attempt(), task.phase()))
        .orElse(true);
  }

  /** What was asked beforehand and waits for nothing any more, because it was cancelled, say. */
  void forgetPreparedInVain() {
    prepared.removeIf(this::isPreparedInVain);
  }

  /** {@return whether asking this task's questions beforehand has become pointless} */
  boolean isPreparedInVain(TaskId task) {
    return !mayStartTasks() || !state.task(task).map(Task::isReady).orElse(false);
  }

  /** {@return whether a dead engine was in the middle of something} */
  boolean hasOpenWork() {
    return state.hasReady()
        || state.tasks().stream().anyMatch(task -> task.state() == TaskState.INTERRUPTED)
        || !state.active().isEmpty();
  }
}
