package dev.maestro.engine;

import dev.maestro.attempt.Assignment;
import dev.maestro.attempt.AttemptJournal;
import dev.maestro.attempt.Attempts;
import dev.maestro.attempt.Clearance;
import dev.maestro.attempt.Judgments;
import dev.maestro.attempt.SupersededException;
import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.process.Cancellation;
import dev.maestro.run.ActResult;
import dev.maestro.run.Decision;
import dev.maestro.run.IntegrateResult;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.Phase;
import dev.maestro.run.RunCommand;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Task;
import dev.maestro.run.VerifyResult;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.WorkspaceRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what the loop decided, on threads of its own, and sends back how it ended. */
final class Workers {

  private final EngineConfig config;
  private final Loop loop;
  private final Consumer<Engine.StreamItem> stream;
  private final Crew threads = new Crew("maestro-worker");
  private final AtomicInteger busy = new AtomicInteger();
  private final Set<Worker> running = ConcurrentHashMap.newKeySet();

  Workers(EngineConfig config, Loop loop, Consumer<Engine.StreamItem> stream) {
    this.config = config;
    this.loop = loop;
    this.stream = stream;
  }

  boolean isIdle() {
    return busy.get() == 0;
  }

  /**
   * Do something that others wrote, where it cannot hold up the loop; nobody waits for it.
   *
   * <p>Once the threads have ended, it is done at once.
   */
  void aside(Runnable work) {
    try {
      threads.add(() -> quietly(work));
      threads.call();
    } catch (RejectedExecutionException e) {
      quietly(work);
    }
  }

  /** See to it that what was begun is taken up by somebody. */
  void call() {
    threads.call();
  }

  private void quietly(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      warn(e);
    }
  }

  private void warn(Throwable e) {
    try {
      log().warn("Something that was called on a thread of Maestro's failed", e);
    } catch (RuntimeException | Error full) {
      // the words are lost; what comes after them must not be. Where memory has run out, this need
      // not be an OutOfMemoryError: a class whose first use it hit cannot be used ever after
      Thread.onSpinWait();
    }
  }

  /**
   * Something that is done on a thread, and what follows from it on the loop, whatever came out of
   * it.
   */
  private abstract class Errand implements Runnable, Consumer<Batch> {

    private final @Nullable Worker worker;
    // made before the work is begun, so that its end is told without memory
    private final Mailbox.Message last = new Mailbox.Message(this, null);

    /**
     * Make one.
     *
     * @param worker who can be told to stop, or null when that would be in vain
     */
    Errand(@Nullable Worker worker) {
      this.worker = worker;
    }

    /** Do it, on a thread. */
    abstract void work();

    /** Do what follows, on the loop. */
    abstract void follow(Batch batch);

    @Override
    public final void run() {
      try {
        workOnThisThread();
      } catch (RuntimeException | Error e) {
        warn(e);
      } finally {
        loop.sendLast(last);
      }
    }

    /** What it leaves behind, such as an interrupt, is gone before anything else is done. */
    private void workOnThisThread() {
      try {
        begin();
        work();
      } finally {
        end();
      }
    }

    private void begin() {
      if (worker != null) {
        worker.runsOn(Thread.currentThread());
      }
    }

    private void end() {
      if (worker != null) {
        worker.ended();
        running.remove(worker);
        // the interrupt, if there was one, was for what has just ended
        Thread.interrupted();
      }
    }

    @Override
    public final void accept(Batch batch) {
      busy.decrementAndGet();
      follow(batch);
    }
  }

  /** Have it done; it is only queued, and whoever leads the loop sees to it that it is taken up. */
  private void begin(Errand errand) {
    if (errand.worker != null) {
      running.add(errand.worker);
    }
    busy.incrementAndGet();
    try {
      threads.add(errand);
    } catch (RuntimeException | Error e) {
      busy.decrementAndGet();
      throw e;
    }
  }

  private Errand errand(@Nullable Worker worker, Runnable work, Consumer<Batch> afterwards) {
    return new Errand(worker) {
      @Override
      void work() {
        work.run();
      }

      @Override
      void follow(Batch batch) {
        afterwards.accept(batch);
      }
    };
  }

  // ------------------------------------------------------------------ attempts

  /** Begin what the command says, on the loop's word. */
  void begin(Live run, RunCommand command) {
    Task task = run.state.task(command.task()).orElseThrow();
    if (command instanceof RunCommand.Act && task.isActive()) {
      start(run, task, Phase.ACT);
    } else if (command instanceof RunCommand.Verify && task.isActive()) {
      start(run, task, Phase.VERIFY);
    } else if (command instanceof RunCommand.Integrate && task.isActive()) {
      start(run, task, Phase.INTEGRATE);
    }
  }

  private void start(Live run, Task task, Phase phase) {
    if (task.phase() != phase || run.workers.containsKey(task.id())) {
      return;
    }
    Worker worker = new Worker(task.id(), task.attempt(), phase);
    Assignment assignment = assignment(run, task, worker);
    run.workers.put(task.id(), worker);
    begin(new PhaseErrand(run, worker, assignment, phase));
  }

  /** One phase of one attempt. */
  private final class PhaseErrand extends Errand {

    private final Live run;
    private final Worker worker;
    private final Assignment assignment;
    private final Phase phase;
    // written by the thread that works, read by the loop afterwards
    private volatile @Nullable RunInput outcome;

    PhaseErrand(Live run, Worker worker, Assignment assignment, Phase phase) {
      super(worker);
      this.run = run;
      this.worker = worker;
      this.assignment = assignment;
      this.phase = phase;
    }

    @Override
    void work() {
      outcome = carryOut(assignment, phase);
    }

    @Override
    void follow(Batch batch) {
      end(batch, run, worker, assignment, phase, outcome);
    }
  }

  private Assignment assignment(Live run, Task task, Worker worker) {
    return assignment(run, task, worker, Math.max(1, task.attempt()));
  }

  private Assignment assignment(Live run, Task task, Worker worker, int number) {
    AttemptId attempt = new AttemptId(run.key(), task.id(), number);
    return new Assignment(
        attempt,
        run.state.pipeline().name(),
        task,
        workspace(run, task),
        run.state.policies(task.id()),
        run.valuesFor(task),
        run.state.gathered(task.id()),
        run.secretNames,
        run.talk(task).orElse(null),
        worker.cancellation(),
        new Judgments(),
        new Recorder(run),
        event -> stream.accept(new Engine.StreamItem(attempt, event)));
  }

  /** {@return what whoever has claimed the task is told about, on the loop's word} */
  Assignment handout(Live run, Task task) {
    int next = task.nextAttempt();
    return assignment(run, task, new Worker(task.id(), next, Phase.ACT), next);
  }

  /** Have an input decided on and made durable; only then may an attempt go on. */
  private Decision record(Live run, RunInput input) {
    return loop.ask(
        (batch, answer) -> {
          if (run.lost) {
            throw run.takenOver();
          }
          batch.reply(run, answer, batch.decide(run, input));
        });
  }

  /**
   * What was decided on a launch.
   *
   * @param clearance what the attempt is told, or null when it is not to go on
   * @param refusal why it is not, or null
   */
  private record Told(@Nullable Clearance clearance, Decision.@Nullable Refused refusal) {

    static Told of(Clearance clearance) {
      return new Told(clearance, null);
    }

    static Told no(String why) {
      return new Told(null, new Decision.Refused("not-allowed", why));
    }
  }

  /** What the run does not take has been overtaken, unless it is too much. */
  private static PermanentException turnedAway(Decision.Refused refused) {
    return refused.code().equals(Decision.Refused.TOO_LARGE)
        ? new PermanentException(refused.message())
        : new SupersededException(refused.message());
  }

  /** What an attempt has recorded while it goes on. */
  private final class Recorder implements AttemptJournal {

    private final Live run;

    Recorder(Live run) {
      this.run = run;
    }

    @Override
    public void record(RunInput input) {
      if (Workers.this.record(run, input) instanceof Decision.Refused refused) {
        throw turnedAway(refused);
      }
    }

    @Override
    public String begin(Checkpoint start) {
      return loop.<Optional<String>>ask((batch, answer) -> begin(batch, answer, start))
          .orElseThrow(() -> new SupersededException("run " + run.key() + " begins no more"));
    }

    private void begin(Batch batch, Promise<Optional<String>> answer, Checkpoint start) {
      if (run.lost) {
        throw run.takenOver();
      }
      Decision decision = batch.decide(run, new RunInput.Begin(now(), start));
      batch.reply(
          run, answer, decision instanceof Decision.Refused ? Optional.empty() : run.state.start());
    }

    @Override
    public Optional<RunInput.Held> heldUp(RunEvent.Intent intent) {
      return loop.ask(
          (batch, answer) -> {
            if (run.lost) {
              throw run.takenOver();
            }
            batch.reply(run, answer, loop.shared().heldUp(run, new RunInput.Intend(intent)));
          });
    }

    @Override
    public boolean isPutOff(RunInput.ActEnded ended) {
      return loop.ask(
          (batch, answer) -> {
            if (run.lost) {
              throw run.takenOver();
            }
            batch.reply(run, answer, run.state.isPutOff(loop.shared().under(run, ended)));
          });
    }

    @Override
    public Clearance intend(RunInput.Intend input) {
      Told told = loop.<Told>ask((batch, answer) -> intend(batch, answer, input));
      if (told.refusal() != null) {
        throw turnedAway(told.refusal());
      }
      return Objects.requireNonNull(told.clearance());
    }

    private void intend(Batch batch, Promise<Told> answer, RunInput.Intend input) {
      if (run.lost) {
        throw run.takenOver();
      }
      loop.shared().heed(batch);
      RunInput.Intend launch = loop.shared().under(run, input);
      if (launch.above().isEmpty()) {
        batch.reply(run, answer, tell(batch.decide(run, launch), launch));
      } else {
        loop.atLast(batch, (same, again) -> intendUnder(same, again, input), answer);
      }
    }

    /** What stands above the run is written along, unless another engine has changed it. */
    private void intendUnder(Batch batch, Promise<Told> answer, RunInput.Intend input) {
      Mailbox.Request<Told> anew = (next, same) -> intend(next, same, input);
      if (batch.isContesting(run)) {
        loop.again(anew, answer);
        return;
      }
      RunInput.Intend launch = loop.shared().under(run, input);
      Batch.Weighed weighed = batch.weigh(run, launch);
      RunEvent.Intent putsAside = putsAside(weighed.decision());
      if (putsAside == null) {
        batch.reply(run, answer, tell(batch.decide(run, launch), launch));
        return;
      }
      Batch.Taken taken =
          new Batch.Taken(List.of(), List.of(LedgerLine.reserved(putsAside)), launch.at());
      batch.contest(
          run,
          new Batch.Contested(weighed, taken, null, () -> loop.again(anew, answer)),
          () -> tell(weighed.decision(), launch),
          answer);
    }

    private static RunEvent.@Nullable Intent putsAside(Decision decision) {
      if (decision instanceof Decision.Accepted accepted) {
        for (RunEvent event : accepted.events()) {
          if (event instanceof RunEvent.Intent intent && intent.reserved() != null) {
            return intent;
          }
        }
      }
      return null;
    }

    @Override
    public RunEvent.Scored score(RunInput.Score input) {
      RunEvent.Scored scored =
          loop.<Optional<RunEvent.Scored>>ask((batch, answer) -> score(batch, answer, input))
              .orElse(null);
      if (scored == null) {
        throw new SupersededException("task " + input.task() + " is not to be scored any more");
      }
      return scored;
    }

    private void score(
        Batch batch, Promise<Optional<RunEvent.Scored>> answer, RunInput.Score input) {
      if (run.lost) {
        throw run.takenOver();
      } else if (loop.shared().isBeingWritten(run, input)) {
        loop.again((next, same) -> score(next, same, input), answer);
        return;
      }
      Decision decision = batch.decide(run, loop.shared().against(run, input));
      batch.reply(
          run,
          answer,
          decision instanceof Decision.Refused
              ? Optional.empty()
              : run.state.task(input.task()).orElseThrow().scored());
    }

    private Told tell(Decision decision, RunInput.Intend launch) {
      RunEvent.Intent intent = launch.intent();
      TaskId id = intent.task();
      if (decision instanceof Decision.Refused refused) {
        return refused.code().equals(Decision.Refused.DEGRADE)
            ? Told.of(new Clearance.Less(refused.message(), run.state.cheaperModel(launch)))
            : new Told(null, refused);
      }
      Task task = run.state.task(id).orElseThrow();
      if (!task.isActive() || task.attempt() != intent.attempt()) {
        loop.shared().noteWaiting(run, launch);
        return Told.no("task " + task + " is not to be launched");
      }
      Clearance clearance =
          task.reservation()
              .<Clearance>map(put -> new Clearance.Launch(put.cap(), run.state.outputLimit(launch)))
              .orElseGet(Clearance::unlimited);
      return Told.of(clearance);
    }
  }

  static WorkspaceRequest workspace(Live run, Task task) {
    return new WorkspaceRequest(
        run.key(),
        run.state.workspaceOf(task.id()),
        run.state.bases(task.id()),
        run.origin(),
        run.state.standing(task.id()));
  }

  /**
   * Whatever comes out of an attempt comes back as its outcome, or the task would hang; where the
   * run has moved on without it, the rules turn that away.
   */
  private RunInput carryOut(Assignment a, Phase phase) {
    try {
      return tryToCarryOut(a, phase);
    } catch (SupersededException | StoreException | InterruptedException e) {
      // the run or the store has gone on without it, and says so where it matters
      log().debug("{} was stopped at {}", a.attempt(), phase, e);
      return Failures.of(e, a.attempt(), phase, now());
    } catch (VirtualMachineError e) {
      // it says nothing of the work, and to look for secrets may take what has run out
      log().warn("{} failed at {} in a way that is not foreseen", a.attempt(), phase, e);
      return Failures.of(e, a.attempt(), phase, now());
    } catch (Throwable e) {
      String told = hidden(a, e.toString(), e);
      log()
          .warn(
              "{} failed at {} in a way that is not foreseen: {}",
              a.attempt(),
              phase,
              Attempts.shortened(hidden(a, Failures.traceOf(e), e)));
      return Failures.of(told, a.attempt(), phase, now());
    }
  }

  /** {@return what was thrown by code that is not Maestro's, without the secrets of the run} */
  private String hidden(Assignment a, String text, Throwable e) {
    try {
      return config.attempts().hide(a, text);
    } catch (RuntimeException unknown) {
      // where nobody can say what is secret, nothing of it is told
      return e.getClass().getName();
    }
  }

  private RunInput tryToCarryOut(Assignment a, Phase phase) throws InterruptedException {
    Attempts attempts = config.attempts();
    AttemptId id = a.attempt();
    return switch (phase) {
      case ACT -> {
        ActResult result = attempts.act(a);
        yield new RunInput.ActEnded(
            now(), id.task(), id.number(), result, draw(), a.judgments().take(), List.of());
      }
      case VERIFY -> {
        VerifyResult result = attempts.verify(a);
        yield new RunInput.VerifyEnded(
            now(), id.task(), id.number(), result, draw(), a.judgments().take());
      }
      case INTEGRATE -> {
        IntegrateResult result = attempts.integrate(a);
        yield new RunInput.IntegrateEnded(now(), id.task(), result, draw(), a.judgments().take());
      }
    };
  }

  private void end(
      Batch batch, Live run, Worker worker, Assignment a, Phase phase, @Nullable RunInput outcome) {
    run.workers.remove(worker.task(), worker);
    batch.touch(run);
    if (run.lost || loop.isBroken()) {
      return;
    }
    Throwable problem = outcome == null ? withoutOutcome() : takenIn(batch, run, outcome);
    boolean overtaken = problem instanceof SupersededException && run.isSuperseded(worker);
    // still at work without anybody working at it, or not settled: that must not stay so
    if (problem != null && !overtaken) {
      log().warn("The outcome of {} at {} does not fit", a.attempt(), phase, problem);
      RunInput failure = Failures.instead(outcome, problem, a.attempt(), phase, now());
      batch.decide(run, under(run, failure));
    }
    loop.shared().noteWaiting(run, worker.task(), now());
  }

  private static Throwable withoutOutcome() {
    return new IllegalStateException("the attempt ended without an outcome");
  }

  private RunInput under(Live run, RunInput outcome) {
    return outcome instanceof RunInput.ActEnded act ? loop.shared().under(run, act) : outcome;
  }

  /** {@return why the run did not take the outcome, or null} */
  private @Nullable Throwable takenIn(Batch batch, Live run, RunInput outcome) {
    try {
      Decision decision = batch.decide(run, under(run, outcome));
      return decision instanceof Decision.Refused refused ? turnedAway(refused) : null;
    } catch (RuntimeException e) {
      if (batch.isTorn()) {
        throw e;
      }
      return e;
    }
  }

  // ------------------------------------------------------------------ between attempts

  /** Put the files of a task back, which nobody is at, and have that recorded. */
  void rollBack(Live run, Task task, Actor actor, Promise<Decision> answer) {
    Worker worker = new Worker(task.id(), task.attempt(), Phase.ACT);
    Assignment assignment = assignment(run, task, worker);
    AtomicReference<RunEvent.RolledBack> done = new AtomicReference<>();
    AtomicReference<Throwable> problem = new AtomicReference<>();
    begin(
        errand(
            worker,
            () -> {
              try {
                done.set(config.attempts().rollBack(assignment, actor));
              } catch (Throwable e) {
                problem.set(e);
              }
            },
            batch -> rolledBack(batch, run, task.id(), done.get(), problem.get(), answer)));
  }

  private static void rolledBack(
      Batch batch,
      Live run,
      TaskId task,
      RunEvent.@Nullable RolledBack done,
      @Nullable Throwable problem,
      Promise<Decision> answer) {
    run.rollingBack.remove(task);
    batch.touch(run);
    if (run.lost) {
      answer.completeExceptionally(run.takenOver());
    } else if (done == null) {
      answer.completeExceptionally(
          problem instanceof RuntimeException known
              ? known
              : new TransientException(
                  "the files of task " + task + " were not put back", problem));
    } else {
      batch.reply(run, answer, batch.decide(run, new RunInput.RollBack(done)));
    }
  }

  // ------------------------------------------------------------------ before an attempt

  /** Have the question of an approval step written, or a predicate evaluated. */
  void prepare(Live run, Task task) {
    if (run.preparing.containsKey(task.id())) {
      // asked for twice in one turn
      return;
    }
    Worker worker = new Worker(task.id(), 0, Phase.ACT);
    Assignment assignment = assignment(run, task, worker);
    AtomicReference<RunInput> answer = new AtomicReference<>();
    run.preparing.put(task.id(), worker);
    begin(
        errand(
            worker,
            () -> config.attempts().prepare(assignment).ifPresent(answer::set),
            batch -> prepared(batch, run, worker, answer.get())));
  }

  private void prepared(Batch batch, Live run, Worker worker, @Nullable RunInput input) {
    run.preparing.remove(worker.task(), worker);
    batch.touch(run);
    boolean overtaken = worker.cancellation().isCancelled() || run.isPreparedInVain(worker.task());
    if (run.lost || loop.isBroken() || overtaken) {
      return;
    }
    if (input == null) {
      run.prepared.add(worker.task());
    } else {
      batch.decide(run, input);
    }
  }

  // ------------------------------------------------------------------ afterwards

  /** Take away the working directories of a run that has ended, and say whether they are gone. */
  void release(Live run, BiConsumer<Batch, Boolean> afterwards) {
    RunKey key = run.key();
    AtomicBoolean released = new AtomicBoolean();
    begin(
        errand(
            null,
            () -> released.set(release(key)),
            batch -> afterwards.accept(batch, released.get())));
  }

  /** {@return whether its workspaces are gone} */
  boolean release(RunKey run) {
    try {
      config.workspaces().release(run);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log().warn("The workspaces of run {} could not be taken away; recover() tries again", run, e);
    }
    return false;
  }

  /** Tell it to stop, on a thread of its own: what is called then is not ours. */
  void cancel(Worker worker, Cancellation.Mode mode) {
    if (worker.cancellation().mode().map(now -> now.compareTo(mode) < 0).orElse(true)) {
      aside(() -> worker.cancel(mode));
    }
  }

  /** End every thread; {@return what could not be ended in time} */
  List<String> close() {
    threads.shut();
    List<String> left = new ArrayList<>();
    if (!ended(Duration.ofSeconds(1))) {
      threads.interrupt();
      if (!ended(Duration.ofSeconds(1))) {
        running.forEach(worker -> left.add(worker.toString()));
      }
    }
    return left;
  }

  /** Interrupt whatever is still at work; for closing, when patience has run out. */
  void interruptAll() {
    running.forEach(Worker::interrupt);
  }

  private boolean ended(Duration patience) {
    boolean interrupted = Thread.interrupted();
    try {
      return threads.awaitEnd(patience);
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Instant now() {
    return config.time().instant();
  }

  private double draw() {
    return config.random().getAsDouble();
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Engine.class);
  }
}
