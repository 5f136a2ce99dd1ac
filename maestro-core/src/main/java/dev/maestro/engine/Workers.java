package dev.maestro.engine;

import dev.maestro.attempt.Assignment;
import dev.maestro.attempt.AttemptJournal;
import dev.maestro.attempt.Attempts;
import dev.maestro.attempt.Predicate;
import dev.maestro.attempt.SupersededException;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Condition;
import dev.maestro.policy.Verdict;
import dev.maestro.process.Threads;
import dev.maestro.run.Decision;
import dev.maestro.run.Phase;
import dev.maestro.run.RunCommand;
import dev.maestro.run.RunInput;
import dev.maestro.run.Task;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Reason;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what the loop decided, on threads of its own, and sends back how it ended. */
final class Workers {

  private final Logger log = LoggerFactory.getLogger(Engine.class);
  private final EngineConfig config;
  private final Engine engine;
  private final Consumer<Engine.StreamItem> stream;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Threads.factory("maestro-worker"));
  private final AtomicInteger busy = new AtomicInteger();
  private final Set<Worker> running = ConcurrentHashMap.newKeySet();

  Workers(EngineConfig config, Engine engine, Consumer<Engine.StreamItem> stream) {
    this.config = config;
    this.engine = engine;
    this.stream = stream;
  }

  boolean isIdle() {
    return busy.get() == 0;
  }

  boolean usesWorkspace(Task task) {
    return task.step().action().usesWorkspace() || task.phase() == Phase.INTEGRATE;
  }

  /** {@return whether something has to be asked of the task's step before it is dispatched} */
  boolean asksFirst(Task task) {
    boolean first = task.state() == TaskState.PENDING && task.phase() == Phase.ACT;
    return first
        && (task.step().action().kind() == Action.Kind.APPROVAL
            || task.step().when() instanceof Condition.Predicate);
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
    boolean code = task.step().action().kind() == Action.Kind.CODE && phase == Phase.ACT;
    Worker worker = new Worker(task.id(), task.attempt(), phase, code);
    run.workers.put(task.id(), worker);
    Assignment assignment = assignment(run, task, worker);
    running.add(worker);
    busy.incrementAndGet();
    threads.execute(() -> work(run, worker, assignment, phase));
  }

  private Assignment assignment(Live run, Task task, Worker worker) {
    RunKey key = run.key();
    AttemptId attempt = new AttemptId(key, task.id(), Math.max(1, task.attempt()));
    AttemptJournal journal =
        input -> {
          if (engine.record(key, input) instanceof Decision.Refused refused) {
            throw new SupersededException(refused.message());
          }
        };
    return new Assignment(
        attempt,
        task,
        run.state.workspaceOf(task.id()),
        run.state.bases(task.id()),
        run.values,
        run.session(task).orElse(null),
        worker.cancellation(),
        journal,
        event -> stream.accept(new Engine.StreamItem(attempt, event)));
  }

  private void work(Live run, Worker worker, Assignment assignment, Phase phase) {
    worker.runsOn(Thread.currentThread());
    RunInput ended = null;
    try {
      ended = carryOut(assignment, phase);
    } catch (SupersededException e) {
      log.debug("{} of run {} was overtaken: {}", worker, run.key(), e.getMessage());
    } catch (InterruptedException e) {
      log.debug("{} of run {} was interrupted", worker, run.key());
    } catch (Throwable e) {
      ended = unexpected(assignment, phase, e);
    }
    worker.ended();
    running.remove(worker);
    // the interrupt, if there was one, was for the attempt that has just ended
    Thread.interrupted();
    RunInput outcome = ended;
    engine.onLoop(batch -> end(batch, run, worker, outcome));
  }

  private RunInput carryOut(Assignment a, Phase phase) throws InterruptedException {
    Attempts attempts = config.attempts();
    AttemptId id = a.attempt();
    return switch (phase) {
      case ACT -> {
        RunInput.ActResult result = attempts.act(a);
        yield new RunInput.ActEnded(now(), id.task(), id.number(), result, draw());
      }
      case VERIFY -> {
        RunInput.VerifyResult result = attempts.verify(a);
        yield new RunInput.VerifyEnded(now(), id.task(), id.number(), result, draw());
      }
      case INTEGRATE -> {
        RunInput.IntegrateResult result = attempts.integrate(a);
        yield new RunInput.IntegrateEnded(now(), id.task(), result, draw());
      }
    };
  }

  /** Whatever comes out of an attempt must come back as its failure, or the task would hang. */
  private RunInput unexpected(Assignment a, Phase phase, Throwable e) {
    log.warn("{} failed at {} in a way that is not foreseen", a.attempt(), phase, e);
    return Failures.of(e, a.attempt(), phase, now(), draw());
  }

  private void end(Batch batch, Live run, Worker worker, @Nullable RunInput ended) {
    run.workers.remove(worker.task(), worker);
    busy.decrementAndGet();
    batch.touch(run);
    if (ended != null && !engine.isBroken()) {
      engine.decide(batch, run.key(), ended);
    }
  }

  // ------------------------------------------------------------------ before an attempt

  /** Write the question of an approval step, or evaluate a predicate. */
  void prepare(Live run, Task task) {
    Worker worker = new Worker(task.id(), 0, Phase.ACT, true);
    Assignment assignment = assignment(run, task, worker);
    busy.incrementAndGet();
    running.add(worker);
    threads.execute(
        () -> {
          worker.runsOn(Thread.currentThread());
          RunInput input = prepared(task, assignment);
          worker.ended();
          running.remove(worker);
          Thread.interrupted();
          engine.onLoop(batch -> prepared(batch, run, task, input));
        });
  }

  private @Nullable RunInput prepared(Task task, Assignment assignment) {
    try {
      if (task.step().when() instanceof Condition.Predicate when && !holds(when, assignment)) {
        return new RunInput.Skip(now(), task.id());
      }
      return task.step().action() instanceof Action.Approval approval
          ? new RunInput.Ask(
              now(), task.id(), config.attempts().question(assignment, approval.question()))
          : null;
    } catch (MissingPredicate e) {
      return new RunInput.Block(now(), task.id(), e.refusal);
    } catch (Exception e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      return new RunInput.Block(
          now(), task.id(), new Verdict.Refuse(Reason.of("error"), why, true));
    }
  }

  private boolean holds(Condition.Predicate when, Assignment assignment) throws Exception {
    Predicate predicate =
        config
            .registered()
            .predicate(when.name(), when.version())
            .orElseThrow(() -> new MissingPredicate(when));
    return predicate.test(config.attempts().context(assignment));
  }

  private void prepared(Batch batch, Live run, Task task, @Nullable RunInput input) {
    busy.decrementAndGet();
    run.preparing.remove(task.id());
    batch.touch(run);
    if (input == null) {
      run.prepared.add(task.id());
    } else if (!engine.isBroken()) {
      engine.decide(batch, run.key(), input);
    }
  }

  // ------------------------------------------------------------------ afterwards

  /** Take away the working directories of a run that has ended. */
  void release(Live run) {
    busy.incrementAndGet();
    threads.execute(
        () -> {
          try {
            config.workspaces().release(run.key());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } catch (RuntimeException e) {
            log.warn("The workspaces of run {} could not be taken away", run.key(), e);
          }
          engine.onLoop(
              batch -> {
                busy.decrementAndGet();
                engine.released(run);
              });
        });
  }

  /** End every thread; {@return what could not be ended in time} */
  List<String> close() {
    threads.shutdown();
    List<String> left = new ArrayList<>();
    if (!ended(Duration.ofSeconds(1))) {
      threads.shutdownNow();
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
    boolean interrupted = false;
    try {
      return threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
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

  /** A condition names a predicate that the application did not register. */
  private static final class MissingPredicate extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Verdict.Refuse refusal;

    MissingPredicate(Condition.Predicate when) {
      super(null, null, false, false);
      refusal =
          new Verdict.Refuse(
              Reason.CODE_MISSING,
              "the predicate "
                  + when.name()
                  + " (version "
                  + when.version()
                  + ") is not registered on the builder",
              true);
    }
  }
}
