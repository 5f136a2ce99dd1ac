package dev.maestro.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.maestro.agent.AgentEvent;
import dev.maestro.failure.ClosedException;
import dev.maestro.failure.PermanentException;
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
import dev.maestro.store.Commit;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.Lease;
import dev.maestro.store.RunIndex;
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
import java.util.HashMap;
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
      Set.of(Reason.CODE_MISSING, Reason.PROVIDER_MISSING, Reason.SECRET_MISSING);

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
  private final Sessions sessions;
  // answers that have not been given; when the store breaks or the engine ends, they never will be
  private final Set<CompletableFuture<?>> pending = new HashSet<>();
  // what this engine drives: begun here, or recovered here; what a dead engine left open is not
  private final Set<RunKey> driven = new HashSet<>();
  private final Map<RunKey, Lease> leases = new HashMap<>();
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
    this.sessions = new Sessions(config.store(), config.session());
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
          Live known = find(batch, input.key());
          if (known != null) {
            batch.reply(known, answer, batch.decide(known, input));
          } else {
            begin(batch, pipeline, input, answer);
          }
        });
  }

  private void begin(
      Batch batch, Pipeline pipeline, RunInput.Start input, CompletableFuture<Decision> answer) {
    Live run = new Live(RunState.before(pipeline), lease(input.key()));
    boolean begun = false;
    try {
      Decision decision = batch.decide(run, input);
      begun = decision instanceof Decision.Accepted;
      batch.reply(run, answer, decision);
    } finally {
      if (begun) {
        live.put(input.key(), run);
        driven.add(input.key());
      } else {
        giveBack(input.key());
      }
    }
  }

  /** Have an input decided on; durable when this returns. */
  public Decision submit(RunKey key, RunInput input) {
    if (input instanceof RunInput.Cancel) {
      // nobody recovers a run that has ended, so what a dead engine left goes now
      List<ProcessIdentity> leftovers =
          call((batch, answer) -> answer.complete(leftovers(batch, key)));
      sessions.reap();
      new Reaper().reap(leftovers);
    }
    return call((batch, answer) -> decide(batch, key, input, answer));
  }

  /** Have an input decided on for every run that has not ended and is in memory. */
  public void submitToAll(Function<RunKey, RunInput> input) {
    this.<Boolean>call(
        (batch, answer) -> {
          Set<RunKey> keys = new LinkedHashSet<>(live.keySet());
          keys.addAll(parked.asMap().keySet());
          for (RunKey key : keys) {
            Live run = find(batch, key);
            if (run != null) {
              batch.decide(run, input.apply(key));
            }
          }
          batch.afterCommit(null, () -> answer.complete(true));
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
          Live run = find(batch, key);
          if (run == null) {
            settled.completeExceptionally(new IllegalArgumentException("there is no run " + key));
          } else {
            run.waiters.removeIf(CompletableFuture::isDone);
            run.waiters.add(settled);
          }
          batch.afterCommit(null, () -> answer.complete(true));
        });
    return settled;
  }

  /** {@return whether every slot is taken} */
  public boolean isFull() {
    return call(
        (batch, answer) -> {
          countSlots();
          answer.complete(slots.isFull());
        });
  }

  /**
   * Take over a run that an engine before this one left open, and go on with it.
   *
   * @return empty when this engine drives it already, when it has ended, or when there is none
   */
  public Optional<Recovered> recover(RunKey key) {
    Optional<List<ProcessIdentity>> leftovers =
        call((batch, answer) -> answer.complete(hold(batch, key)));
    if (leftovers.isEmpty()) {
      return Optional.empty();
    }
    List<Reaped> reaped = new ArrayList<>(sessions.reap());
    reaped.addAll(sessions.unreported(new Reaper().reap(leftovers.get())));
    int interrupted = call((batch, answer) -> goOn(batch, key, answer));
    return Optional.of(new Recovered(key, reaped, interrupted));
  }

  /** End what JVMs that are gone left running and no journal may know of. */
  public List<Reaped> reapSessions() {
    requireOpen();
    return sessions.reap();
  }

  /** Take away the workspaces of runs that ended just before an engine did. */
  public void releaseLeftovers() {
    List<Unreleased> leftovers =
        call(
            (batch, answer) ->
                answer.complete(
                    Unreleased.in(config.store()).stream()
                        .filter(one -> !live.containsKey(one.run()))
                        .toList()));
    for (Unreleased one : leftovers) {
      if (workers.release(one.run())) {
        this.<Boolean>call(
            (batch, answer) -> {
              batch.write(Unreleased.done(one.run()));
              batch.afterCommit(null, () -> answer.complete(true));
            });
      }
    }
  }

  /** Have a listener follow the journal from now on. */
  public Registration listen(RunListener listener) {
    requireOpen();
    return publisher.add(listener);
  }

  /** Interrupt what is at work, wait until it has ended, and end every thread. */
  @Override
  public void close() {
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
    if (left.isEmpty()) {
      sessions.end(isBroken());
    } else {
      log.warn("Closed while code that cannot be interrupted is still running: {}", left);
    }
    publisher.close();
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
          Live run = find(batch, key);
          if (run == null) {
            answer.complete(Optional.empty());
          } else {
            batch.afterCommit(run, () -> answer.complete(Optional.of(question.apply(run))));
          }
        });
  }

  private <T> T call(Request<T> request) {
    requireOpen();
    return ask(request);
  }

  private void requireOpen() {
    if (closed) {
      throw new ClosedException("this Maestro is closed; open another one on the same store");
    }
  }

  private <T> T ask(Request<T> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
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
    giveBackAll();
  }

  private void turn(List<Mailbox.Message> messages) {
    for (Mailbox.Message message : messages) {
      if (message.answer() != null) {
        pending.add(message.answer());
      }
    }
    Batch batch = new Batch(codec);
    messages.forEach(message -> handle(message, batch));
    if (broken == null) {
      try {
        finish(batch);
      } catch (RuntimeException | Error e) {
        breakDown(e);
      }
    }
    pending.removeIf(CompletableFuture::isDone);
  }

  private void finish(Batch batch) {
    batch.parts().keySet().forEach(this::noteReady);
    handOutSlots(batch);
    sessions.begin(batch);
    commit(batch);
    for (Batch.Reply reply : List.copyOf(batch.replies())) {
      Live run = reply.run();
      if (run == null || !run.lost) {
        reply.action().run();
      } else if (reply.answer() != null) {
        reply.answer().completeExceptionally(takenOver(run));
      }
    }
    List.copyOf(batch.parts().entrySet()).forEach(part -> follow(part.getKey(), part.getValue()));
  }

  private void handle(Mailbox.Message message, Batch batch) {
    CompletableFuture<?> answer = message.answer();
    if (broken != null && answer != null) {
      answer.completeExceptionally(broken);
      return;
    }
    try {
      message.body().accept(batch);
    } catch (RuntimeException e) {
      if (answer != null) {
        answer.completeExceptionally(e);
      } else {
        log.error("The engine could not do what one of its workers asked for", e);
      }
      if (batch.isTorn()) {
        breakDown(e);
      }
    } catch (Error e) {
      breakDown(e);
    }
  }

  private void commit(Batch batch) {
    List<Commit> commits = batch.commits();
    if (commits.isEmpty()) {
      return;
    }
    List<CommitOutcome> outcomes = config.store().commit(commits);
    List<Live> writers = batch.writers();
    for (int i = 0; i < writers.size(); i++) {
      if (!(outcomes.get(i) instanceof CommitOutcome.Committed)) {
        lose(writers.get(i), outcomes.get(i));
      }
    }
  }

  /** Another engine has taken the run over: what was decided here did not happen. */
  private void lose(Live run, CommitOutcome outcome) {
    log.warn("Run {} is driven by another engine now and let go here: {}", run.key(), outcome);
    run.lost = true;
    forget(run);
    driven.remove(run.key());
    leases.remove(run.key());
    everybodyStop(run);
    fail(run, takenOver(run));
  }

  private static StoreException takenOver(Live run) {
    return new StoreException("run " + run.key() + " has been taken over by another engine");
  }

  /** After the commit: tell listeners, stop what was overtaken, begin what is open, tidy up. */
  private void follow(Live run, Batch.Part part) {
    if (run.lost) {
      return;
    }
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
        workers.cancel(worker, mode);
      }
    }
    for (Worker worker : run.preparing.values()) {
      if (closing || run.isPreparedInVain(worker.task())) {
        workers.cancel(worker, mode);
      }
    }
  }

  private static boolean isEmergency(RunEvent event) {
    return event instanceof RunEvent.RunMoved moved && moved.reason().equals(Reason.EMERGENCY_STOP)
        || event.moves().stream().anyMatch(move -> move.reason().equals(Reason.EMERGENCY_STOP));
  }

  private void settle(Live run) {
    if (run.isSettled() && !run.waiters.isEmpty()) {
      RunSnapshot snapshot = RunSnapshot.of(run.state);
      tell(run, waiter -> waiter.complete(snapshot));
    }
    if (run.state.status().isTerminal() && run.isIdle()) {
      letGo(run);
    } else if (run.canBeParked() && live.remove(run.key()) != null) {
      wantSlots.remove(run);
      parked.put(run.key(), run);
    }
  }

  /** What hangs on a waiter is not ours, may block, and may come back here: not on the loop. */
  private void tell(Live run, Consumer<CompletableFuture<RunSnapshot>> what) {
    List<CompletableFuture<RunSnapshot>> waiters = List.copyOf(run.waiters);
    run.waiters.clear();
    waiters.forEach(waiter -> workers.aside(() -> what.accept(waiter)));
  }

  private void fail(Live run, RuntimeException e) {
    tell(run, waiter -> waiter.completeExceptionally(e));
  }

  /** A run that has ended leaves the heap, and before that, where it ended here, the disk. */
  private void letGo(Live run) {
    alarms.clear(run.key());
    if (run.endedHere && !run.releasing && !closing) {
      run.releasing = true;
      workers.release(run);
    } else if (!run.releasing) {
      ended(run);
    }
  }

  /** The workspaces of a run that has ended are gone, or cannot be taken away; so may it go. */
  void released(Batch batch, Live run, boolean gone) {
    if (broken == null) {
      if (gone) {
        batch.write(Unreleased.done(run.key()));
      }
      ended(run);
    }
  }

  private void ended(Live run) {
    forget(run);
    driven.remove(run.key());
    giveBack(run.key());
  }

  private void forget(Live run) {
    live.remove(run.key(), run);
    wantSlots.remove(run);
    alarms.clear(run.key());
  }

  private void breakDown(Throwable e) {
    if (broken == null) {
      log.error("The engine cannot go on; what is at work is stopped", e);
      RuntimeException reason =
          e instanceof RuntimeException known
              ? known
              : new PermanentException("the engine cannot go on: " + e, e);
      broken = reason;
      live.values().forEach(this::everybodyStop);
      endPending(reason);
    }
  }

  private void everybodyStop(Live run) {
    run.workers.values().forEach(worker -> workers.cancel(worker, Cancellation.Mode.GRACEFUL));
    run.preparing.values().forEach(worker -> workers.cancel(worker, Cancellation.Mode.GRACEFUL));
  }

  private void endPending(RuntimeException e) {
    pending.forEach(answer -> answer.completeExceptionally(e));
    pending.clear();
    live.values().forEach(run -> fail(run, e));
    parked.asMap().values().forEach(run -> fail(run, e));
  }

  // ------------------------------------------------------------------ slots

  private void noteReady(Live run) {
    slots.touched(run);
    if (run.mayStartTasks() && run.state.ready().iterator().hasNext()) {
      wantSlots.add(run);
    }
  }

  private void countSlots() {
    slots.count(one -> one.run().state.task(one.task()).map(workers::usesWorkspace).orElse(false));
  }

  private void handOutSlots(Batch batch) {
    if (closing || wantSlots.isEmpty()) {
      return;
    }
    countSlots();
    for (Live run : List.copyOf(wantSlots)) {
      boolean news = batch.parts().containsKey(run);
      if (!run.mayStartTasks() || (news || !slots.isFull()) && !handOutSlots(batch, run)) {
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
    if (!run.preparing.containsKey(task.id())) {
      batch.touch(run);
      driven.add(run.key());
      batch.afterCommit(run, () -> workers.prepare(run, task));
    }
  }

  private void dispatch(Batch batch, Live run, Task task) {
    RunInput input = new RunInput.Dispatch(config.time().instant(), task.id());
    if (batch.decide(run, input) instanceof Decision.Accepted) {
      slots.take(workers.usesWorkspace(task));
      slots.touched(run);
      driven.add(run.key());
      run.prepared.remove(task.id());
    }
  }

  // ------------------------------------------------------------------ messages

  /** Have something done by the loop; for workers. */
  void onLoop(Consumer<Batch> message) {
    mailbox.send(message);
  }

  /** Have an input decided on and made durable; for workers, which may go on only then. */
  Decision record(Live run, RunInput input) {
    return ask(
        (batch, answer) -> {
          if (run.lost) {
            throw takenOver(run);
          }
          batch.reply(run, answer, batch.decide(run, input));
        });
  }

  private void decide(Batch batch, RunKey key, RunInput input, CompletableFuture<Decision> answer) {
    Live run = find(batch, key);
    if (run == null) {
      answer.complete(new Decision.Refused("unknown-run", "there is no run " + key));
    } else {
      batch.reply(run, answer, batch.decide(run, input));
    }
  }

  boolean isBroken() {
    return broken != null;
  }

  private void timeCame(Batch batch) {
    if (broken != null || closing) {
      return;
    }
    for (RunKey key : alarms.takeDue(config.time().instant())) {
      try {
        timeCame(batch, key);
      } catch (StoreException e) {
        // one run that cannot be read must not keep the others from going on
        log.error("Run {} cannot go on now that its time has come", key, e);
      }
    }
  }

  private void timeCame(Batch batch, RunKey key) {
    Live run = find(batch, key);
    if (run != null && !run.state.status().isTerminal()) {
      batch.decide(run, new RunInput.TimeCame(config.time().instant()));
    }
  }

  private void interruptEverything(Batch batch) {
    closing = true;
    if (broken != null) {
      return;
    }
    for (Live run : List.copyOf(live.values())) {
      batch.touch(run);
      if (!run.state.status().isTerminal() && !run.state.active().isEmpty()) {
        batch.decide(run, new RunInput.Interrupt(config.time().instant()));
      }
    }
  }

  // ------------------------------------------------------------------ finding and loading runs

  /** {@return the run, from memory or folded from the store; null when there is none} */
  private @Nullable Live find(Batch batch, RunKey key) {
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
    if (run != null) {
      // whoever is looked at is tidied away again
      batch.touch(run);
    }
    return run;
  }

  private @Nullable Live load(RunKey key) {
    Optional<RunIndex> index = config.store().index(key);
    if (index.isEmpty()) {
      return null;
    }
    Lease lease = index.get().open() ? lease(key) : null;
    try {
      Live run = new Live(fold(key), lease);
      boolean ours = run.state.status().isTerminal() || driven.contains(key);
      run.held = !ours && run.hasOpenWork();
      return run;
    } catch (RuntimeException e) {
      giveBack(key);
      throw e instanceof StoreException known
          ? known
          : new StoreException("run " + key + " cannot be read: " + e.getMessage(), e);
    }
  }

  private RunState fold(RunKey key) {
    List<StoredEvent> events = config.store().read(key, 1);
    if (events.isEmpty()) {
      throw new StoreException("run " + key + " has no events");
    }
    RunEvent.RunStarted first = (RunEvent.RunStarted) codec.decode(events.get(0).envelope());
    RunState state = RunState.before(pipeline(first.definition()));
    events.forEach(stored -> state.apply(codec.decode(stored.envelope())));
    return state;
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
    Lease lease =
        config
            .store()
            .acquire("run/" + key, config.owner(), LEASE)
            .orElseThrow(
                () ->
                    new StoreException(
                        "run " + key + " is driven by another engine; close that one first"));
    leases.put(key, lease);
    return lease;
  }

  private void giveBack(RunKey key) {
    Lease lease = leases.remove(key);
    if (lease != null) {
      config.store().release(lease);
    }
  }

  private void giveBackAll() {
    try {
      Set.copyOf(leases.keySet()).forEach(this::giveBack);
    } catch (RuntimeException e) {
      log.debug("Leases end by themselves when the store cannot take them back", e);
    }
  }

  // ------------------------------------------------------------------ recovery

  /** Keep anything of the run from starting, and say what a dead engine may have left running. */
  private Optional<List<ProcessIdentity>> hold(Batch batch, RunKey key) {
    if (driven.contains(key)) {
      return Optional.empty();
    }
    Live run = find(batch, key);
    if (run == null || run.state.status().isTerminal()) {
      return Optional.empty();
    }
    run.held = true;
    return Optional.of(processes(run));
  }

  /** {@return what a dead engine may have left running of a run that nobody has recovered yet} */
  private List<ProcessIdentity> leftovers(Batch batch, RunKey key) {
    Live run = driven.contains(key) ? null : find(batch, key);
    return run == null || run.state.status().isTerminal() ? List.of() : processes(run);
  }

  private static List<ProcessIdentity> processes(Live run) {
    return run.state.tasks().stream().flatMap(task -> task.processes().stream()).toList();
  }

  private void goOn(Batch batch, RunKey key, CompletableFuture<Integer> answer) {
    Live run = find(batch, key);
    if (run == null || !run.held) {
      answer.complete(0);
      return;
    }
    int open = run.state.active().size();
    Instant now = config.time().instant();
    batch.decide(run, new RunInput.Interrupt(now));
    batch.decide(run, new RunInput.Recover(now));
    for (Task task : List.copyOf(run.state.tasks())) {
      if (task.state() == TaskState.BLOCKED && task.reason().map(MISSING::contains).orElse(false)) {
        batch.decide(run, new RunInput.Retry(now, task.id(), Actor.MAESTRO));
      }
    }
    run.held = false;
    driven.add(key);
    batch.reply(run, answer, open);
  }
}
