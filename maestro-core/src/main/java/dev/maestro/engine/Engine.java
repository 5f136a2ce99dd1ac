package dev.maestro.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.maestro.agent.AgentEvent;
import dev.maestro.failure.ClosedException;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.process.Cancellation;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.Reaped;
import dev.maestro.process.Reaper;
import dev.maestro.process.Registration;
import dev.maestro.process.Threads;
import dev.maestro.run.Decision;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunListener;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.RunState;
import dev.maestro.run.Task;
import dev.maestro.store.BlobId;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.Envelope;
import dev.maestro.store.Lease;
import dev.maestro.store.StoreException;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.Actor;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives runs on one machine.
 *
 * <p>One loop thread decides on the inputs of all runs: it takes whatever has come, decides, lets
 * ready tasks have the slots that are free, commits all of it at once, and only then tells anybody.
 * Workers carry out attempts and send back how they ended. Everything that is not final here is
 * confined to the loop, but for the mailbox.
 */
public final class Engine implements AutoCloseable {

  private static final Duration LEASE = Duration.ofDays(1);
  private static final int LOOK_AHEAD = 100;
  private static final Set<Reason> MISSING =
      Set.of(Reason.CODE_MISSING, Reason.PROVIDER_MISSING, Reason.of("secret-missing"));

  private final Logger log = LoggerFactory.getLogger(Engine.class);
  private final EngineConfig config;
  private final RunEventCodec codec = new RunEventCodec();
  private final Publisher publisher;
  private final Mailbox mailbox = new Mailbox();
  private final Thread loop;
  private final Workers workers;

  private final Map<RunKey, Live> live = new LinkedHashMap<>();
  private final Cache<RunKey, Live> parked;
  private final Cache<BlobId, Pipeline> pipelines;
  private final Set<Live> wantSlots = new LinkedHashSet<>();
  private final Slots slots;
  private final Alarms alarms;
  // answers that have not been given; when the store breaks or the engine ends, they never will be
  private final Set<CompletableFuture<?>> pending = new HashSet<>();
  private boolean closing;
  private boolean abandoned;
  // set by the loop, read by anyone
  private volatile @Nullable RuntimeException broken;
  private volatile boolean closed;

  /** Make an engine and start its loop. */
  public Engine(EngineConfig config, Consumer<StreamItem> stream) {
    this.config = config;
    this.publisher = new Publisher(config.store(), codec);
    this.slots = new Slots(config.slots(), config.workspaces().capacity());
    this.alarms = new Alarms(config.time(), () -> mailbox.send(this::timeCame));
    this.workers = new Workers(config, this, stream);
    this.parked = Caffeine.newBuilder().maximumSize(1_000).executor(Runnable::run).build();
    this.pipelines = Caffeine.newBuilder().maximumSize(100).executor(Runnable::run).build();
    this.loop = Threads.start("maestro-loop", this::loop);
  }

  /**
   * Something an agent said.
   *
   * @param attempt in which attempt
   * @param event what
   */
  public record StreamItem(AttemptId attempt, AgentEvent event) {}

  /**
   * What recovering a run came to.
   *
   * @param key which run
   * @param reaped what became of processes that a dead engine had left
   * @param interrupted how many tasks had been at work
   */
  public record Recovered(RunKey key, List<Reaped> reaped, int interrupted) {

    /** Copy the list. */
    public Recovered {
      reaped = List.copyOf(reaped);
    }
  }

  // ------------------------------------------------------------------ called from outside

  /** {@return the event a run began with, if there is such a run} */
  public Optional<RunEvent.RunStarted> started(RunKey key) {
    return ask(key, run -> run.state.started());
  }

  /** Begin a run that does not exist; durable when this returns. */
  public Decision start(Pipeline pipeline, RunInput.Start input) {
    return call(
        (batch, answer) -> {
          Live run = find(input.key());
          if (run == null) {
            run = new Live(RunState.before(pipeline), lease(input.key()));
            live.put(input.key(), run);
          }
          Decision decision = batch.decide(run, input);
          if (!run.state.exists()) {
            live.remove(input.key());
            config.store().release(run.lease);
          }
          answerAfterCommit(batch, decision, answer);
        });
  }

  /** Have an input decided on; durable when this returns. */
  public Decision submit(RunKey key, RunInput input) {
    return call((batch, answer) -> answerAfterCommit(batch, decide(batch, key, input), answer));
  }

  /** Have an input decided on for every run that has not ended and is in memory. */
  public void submitToAll(Function<RunKey, RunInput> input) {
    this.<Boolean>call(
        (batch, answer) -> {
          Set<RunKey> keys = new LinkedHashSet<>(live.keySet());
          keys.addAll(parked.asMap().keySet());
          keys.forEach(key -> decide(batch, key, input.apply(key)));
          batch.afterCommit(() -> answer.complete(true));
        });
  }

  /** {@return the run as it is now, if there is such a run} */
  public Optional<RunSnapshot> snapshot(RunKey key) {
    return ask(key, run -> RunSnapshot.of(run.state));
  }

  /** {@return completes when the run has ended or needs a person or a host to go on} */
  public CompletableFuture<RunSnapshot> settled(RunKey key) {
    CompletableFuture<RunSnapshot> settled = new CompletableFuture<>();
    this.<Boolean>call(
        (batch, answer) -> {
          Live run = find(key);
          if (broken != null) {
            settled.completeExceptionally(broken);
          } else if (run == null) {
            settled.completeExceptionally(new IllegalArgumentException("there is no run " + key));
          } else {
            run.waiters.add(settled);
            batch.touch(run);
          }
          batch.afterCommit(() -> answer.complete(true));
        });
    return settled;
  }

  /** {@return whether every slot is taken} */
  public boolean isFull() {
    return call((batch, answer) -> answer.complete(slots.isFull()));
  }

  /**
   * Take over a run that an engine before this one left open, and go on with it.
   *
   * @return empty when this engine drives it already, when it has ended, or when there is none
   */
  public Optional<Recovered> recover(RunKey key) {
    Optional<List<ProcessIdentity>> leftovers = call((batch, answer) -> answer.complete(hold(key)));
    if (leftovers.isEmpty()) {
      return Optional.empty();
    }
    List<Reaped> reaped = new Reaper().reap(leftovers.get());
    int interrupted = call((batch, answer) -> goOn(batch, key, answer));
    return Optional.of(new Recovered(key, reaped, interrupted));
  }

  /** Have a listener follow the journal from now on. */
  public Registration listen(RunListener listener) {
    return publisher.add(listener);
  }

  /** Interrupt what is at work, wait until it has ended, and end every thread. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    mailbox.send(this::interruptEverything);
    boolean interrupted = join(config.patience());
    if (loop.isAlive()) {
      workers.interruptAll();
      interrupted |= join(Duration.ofSeconds(2));
      mailbox.send(batch -> abandoned = true);
      interrupted |= join(Duration.ofSeconds(30));
    }
    List<String> left = workers.close();
    if (!left.isEmpty()) {
      log.warn("Closed while code that cannot be interrupted is still running: {}", left);
    }
    publisher.close();
    live.values().forEach(run -> config.store().release(run.lease));
    parked.asMap().values().forEach(run -> config.store().release(run.lease));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return whether the waiting thread was interrupted} */
  private boolean join(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean interrupted = false;
    for (long left = patience.toNanos();
        left > 0 && loop.isAlive();
        left = deadline - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(loop, left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }

  // ------------------------------------------------------------------ asking the loop

  private interface Request<T> {
    void on(Batch batch, CompletableFuture<T> answer);
  }

  private <T> Optional<T> ask(RunKey key, Function<Live, T> question) {
    return call(
        (batch, answer) -> {
          Live run = find(key);
          if (run != null) {
            batch.touch(run);
          }
          batch.afterCommit(() -> answer.complete(Optional.ofNullable(run).map(question)));
        });
  }

  private <T> T call(Request<T> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    if (closed) {
      throw new ClosedException("this Maestro is closed; open another one on the same store");
    }
    mailbox.send(new Mailbox.Message(batch -> request.on(batch, answer), answer));
    return await(answer);
  }

  private <T> T await(CompletableFuture<T> answer) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answer.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new CompletionException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void answerAfterCommit(
      Batch batch, Decision decision, CompletableFuture<Decision> answer) {
    batch.afterCommit(() -> answer.complete(decision));
  }

  // ------------------------------------------------------------------ the loop

  private void loop() {
    boolean ended = false;
    while (!ended) {
      try {
        turn(mailbox.take());
      } catch (InterruptedException e) {
        log.debug("The loop was interrupted; only close() ends it, and it sends a message", e);
      }
      ended = closing && (abandoned || workers.isIdle());
    }
    alarms.close();
    RuntimeException reason =
        new ClosedException("this Maestro was closed; the run goes on when it is opened again");
    mailbox.shut(reason);
    endPending(reason);
  }

  private void turn(List<Mailbox.Message> messages) {
    Batch batch = new Batch(codec);
    try {
      messages.forEach(message -> handle(message, batch));
      if (broken == null) {
        batch.parts().keySet().forEach(this::noteReady);
        handOutSlots(batch);
        commit(batch);
      }
      List.copyOf(batch.afterCommit()).forEach(Runnable::run);
      batch.parts().forEach(this::follow);
    } catch (RuntimeException e) {
      breakDown(e);
    }
    pending.removeIf(CompletableFuture::isDone);
  }

  private void handle(Mailbox.Message message, Batch batch) {
    CompletableFuture<?> answer = message.answer();
    if (answer != null) {
      pending.add(answer);
    }
    try {
      message.body().accept(batch);
    } catch (RuntimeException e) {
      if (answer == null) {
        log.error("The engine could not do what one of its workers asked for", e);
      } else {
        answer.completeExceptionally(e);
      }
    }
  }

  private void commit(Batch batch) {
    List<Live> writers = batch.writers();
    if (writers.isEmpty()) {
      return;
    }
    List<CommitOutcome> outcomes = config.store().commit(batch.commits());
    for (int i = 0; i < writers.size(); i++) {
      CommitOutcome outcome = outcomes.get(i);
      if (!(outcome instanceof CommitOutcome.Committed)) {
        throw new StoreException(
            "run " + writers.get(i).key() + " is driven by somebody else too: " + outcome);
      }
    }
  }

  /** After the commit: tell listeners, stop what was overtaken, begin what is open, tidy up. */
  private void follow(Live run, Batch.Part part) {
    if (!part.events().isEmpty() && publisher.hasListeners()) {
      publisher.advanced(run.key(), part.sequenceBefore(), run.state.sequence());
    }
    run.endedHere |= !part.events().isEmpty() && run.state.status().isTerminal();
    stopOvertaken(run, part);
    if (!run.held && !closing) {
      part.commands().forEach(command -> workers.begin(run, command));
      run.state
          .nextWake()
          .ifPresentOrElse(at -> alarms.set(run.key(), at), () -> alarms.clear(run.key()));
    }
    settle(run);
  }

  private void stopOvertaken(Live run, Batch.Part part) {
    Cancellation.Mode mode =
        part.events().stream().anyMatch(Engine::isEmergency)
            ? Cancellation.Mode.EMERGENCY
            : Cancellation.Mode.GRACEFUL;
    for (Worker worker : run.workers.values()) {
      if (run.isSuperseded(worker)) {
        worker.cancel(mode);
      }
    }
  }

  private static boolean isEmergency(RunEvent event) {
    return event instanceof RunEvent.RunMoved moved && moved.reason().equals(Reason.EMERGENCY_STOP);
  }

  private void settle(Live run) {
    if (run.isSettled()) {
      RunSnapshot snapshot = RunSnapshot.of(run.state);
      run.waiters.forEach(waiter -> waiter.complete(snapshot));
      run.waiters.clear();
    }
    if (run.state.status().isTerminal() && run.isIdle()) {
      alarms.clear(run.key());
      letGo(run);
    } else if (run.canBeParked() && live.remove(run.key()) != null) {
      wantSlots.remove(run);
      parked.put(run.key(), run);
    }
  }

  /** A run that has ended leaves the heap, and before that, where it ended here, the disk. */
  private void letGo(Live run) {
    if (run.endedHere && !run.releasing && !closing) {
      run.releasing = true;
      workers.release(run);
    } else if (!run.releasing) {
      released(run);
    }
  }

  private void breakDown(RuntimeException e) {
    if (broken == null) {
      log.error("The engine cannot go on; what is at work is stopped", e);
      broken = e;
      live.values()
          .forEach(run -> run.workers.values().forEach(w -> w.cancel(Cancellation.Mode.GRACEFUL)));
    }
    endPending(e);
  }

  private void endPending(RuntimeException e) {
    pending.forEach(answer -> answer.completeExceptionally(e));
    pending.clear();
    List<Live> all = new ArrayList<>(live.values());
    all.addAll(parked.asMap().values());
    for (Live run : all) {
      run.waiters.forEach(waiter -> waiter.completeExceptionally(e));
      run.waiters.clear();
    }
  }

  // ------------------------------------------------------------------ slots

  private void noteReady(Live run) {
    slots.touched(run);
    if (!run.held && run.state.exists() && run.state.ready().iterator().hasNext()) {
      wantSlots.add(run);
    }
  }

  private void handOutSlots(Batch batch) {
    if (closing || wantSlots.isEmpty()) {
      return;
    }
    slots.count(one -> one.run().state.task(one.task()).map(workers::usesWorkspace).orElse(false));
    for (Live run : List.copyOf(wantSlots)) {
      if (!handOutSlots(batch, run)) {
        wantSlots.remove(run);
      }
    }
  }

  /** {@return whether tasks of this run still wait for a slot} */
  private boolean handOutSlots(Batch batch, Live run) {
    boolean waits = false;
    for (Task task : mostUrgent(run)) {
      if (run.workers.containsKey(task.id())) {
        waits = true;
      } else if (workers.asksFirst(task) && !run.prepared.contains(task.id())) {
        prepare(batch, run, task);
      } else if (slots.admits(workers.usesWorkspace(task))) {
        dispatch(batch, run, task);
      } else {
        waits = true;
      }
    }
    return waits;
  }

  /** {@return the ready tasks, but no more than could matter now} */
  private List<Task> mostUrgent(Live run) {
    List<Task> tasks = new ArrayList<>();
    for (Task task : run.state.ready()) {
      tasks.add(task);
      if (tasks.size() > LOOK_AHEAD && slots.isFull()) {
        break;
      }
    }
    return tasks;
  }

  private void prepare(Batch batch, Live run, Task task) {
    if (run.preparing.add(task.id())) {
      batch.touch(run);
      batch.afterCommit(() -> workers.prepare(run, task));
    }
  }

  private void dispatch(Batch batch, Live run, Task task) {
    RunInput input = new RunInput.Dispatch(config.time().instant(), task.id());
    if (batch.decide(run, input) instanceof Decision.Accepted) {
      slots.take(workers.usesWorkspace(task));
      slots.touched(run);
      run.prepared.remove(task.id());
    }
  }

  // ------------------------------------------------------------------ messages

  /** Have something done by the loop; for workers. */
  void onLoop(Consumer<Batch> message) {
    mailbox.send(message);
  }

  /** Have an input decided on and made durable; for workers, which may go on only then. */
  Decision record(RunKey key, RunInput input) {
    CompletableFuture<Decision> answer = new CompletableFuture<>();
    mailbox.send(
        new Mailbox.Message(
            batch -> answerAfterCommit(batch, decide(batch, key, input), answer), answer));
    return await(answer);
  }

  Decision decide(Batch batch, RunKey key, RunInput input) {
    RuntimeException failure = broken;
    if (failure != null) {
      throw failure;
    }
    Live run = find(key);
    return run == null
        ? new Decision.Refused("unknown-run", "there is no run " + key)
        : batch.decide(run, input);
  }

  boolean isBroken() {
    return broken != null;
  }

  /** The working directories of a run that has ended are gone; so may it be. */
  void released(Live run) {
    live.remove(run.key());
    wantSlots.remove(run);
    config.store().release(run.lease);
  }

  private void timeCame(Batch batch) {
    for (RunKey key : alarms.takeDue(config.time().instant())) {
      Live run = find(key);
      if (run != null && !run.state.status().isTerminal()) {
        batch.decide(run, new RunInput.TimeCame(config.time().instant()));
        batch.touch(run);
      }
    }
  }

  private void interruptEverything(Batch batch) {
    closing = true;
    if (broken != null) {
      return;
    }
    for (Live run : List.copyOf(live.values())) {
      if (!run.state.status().isTerminal() && !run.state.active().isEmpty()) {
        batch.decide(run, new RunInput.Interrupt(config.time().instant()));
      }
    }
  }

  // ------------------------------------------------------------------ finding and loading runs

  /** {@return the run, from memory or folded from the store; null when there is none} */
  private @Nullable Live find(RunKey key) {
    Live run = live.get(key);
    if (run == null) {
      run = parked.asMap().remove(key);
      if (run == null) {
        run = load(key);
      }
      if (run != null) {
        live.put(key, run);
      }
    }
    return run;
  }

  private @Nullable Live load(RunKey key) {
    List<StoredEvent> events = config.store().read(key, 1);
    if (events.isEmpty()) {
      return null;
    }
    RunEvent.RunStarted first = (RunEvent.RunStarted) codec.decode(events.get(0).envelope());
    RunState state = RunState.before(pipeline(first.definition()));
    for (StoredEvent stored : events) {
      Envelope envelope = stored.envelope();
      state.apply(codec.decode(envelope));
    }
    Live run = new Live(state, lease(key));
    run.held = !state.status().isTerminal() && run.hasOpenWork();
    if (!run.held) {
      state.nextWake().ifPresent(at -> alarms.set(key, at));
    }
    return run;
  }

  private Pipeline pipeline(BlobId definition) {
    return pipelines.get(
        definition,
        id ->
            Pipeline.restore(
                config
                    .store()
                    .blob(id)
                    .orElseThrow(
                        () ->
                            new StoreException("the pipeline definition " + id + " is missing"))));
  }

  private Lease lease(RunKey key) {
    return config
        .store()
        .acquire("run/" + key, config.owner(), LEASE)
        .orElseThrow(
            () ->
                new StoreException(
                    "run " + key + " is driven by another engine; close that one first"));
  }

  // ------------------------------------------------------------------ recovery

  /** Keep anything of the run from starting, and say what a dead engine may have left running. */
  private Optional<List<ProcessIdentity>> hold(RunKey key) {
    boolean known = live.containsKey(key) || parked.asMap().containsKey(key);
    Live run = find(key);
    if (run == null || run.state.status().isTerminal() || known && !run.held) {
      return Optional.empty();
    }
    run.held = true;
    return Optional.of(
        run.state.tasks().stream()
            .filter(task -> task.isActive() || task.state() == TaskState.INTERRUPTED)
            .flatMap(task -> task.processes().stream())
            .toList());
  }

  private void goOn(Batch batch, RunKey key, CompletableFuture<Integer> answer) {
    Live run = find(key);
    if (run == null || !run.held) {
      answer.complete(0);
      return;
    }
    run.held = false;
    int open = run.state.active().size();
    Instant now = config.time().instant();
    batch.decide(run, new RunInput.Interrupt(now));
    batch.decide(run, new RunInput.Recover(now));
    for (Task task : List.copyOf(run.state.tasks())) {
      if (task.state() == TaskState.BLOCKED && task.reason().map(MISSING::contains).orElse(false)) {
        batch.decide(run, new RunInput.Retry(now, task.id(), Actor.MAESTRO));
      }
    }
    batch.touch(run);
    batch.afterCommit(() -> answer.complete(open));
  }
}
