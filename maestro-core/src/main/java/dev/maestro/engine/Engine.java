package dev.maestro.engine;

import dev.maestro.agent.AgentEvent;
import dev.maestro.attempt.Assignment;
import dev.maestro.attempt.Handout;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.SharedGrant;
import dev.maestro.process.Deadline;
import dev.maestro.process.Reaped;
import dev.maestro.process.Registration;
import dev.maestro.run.Decision;
import dev.maestro.run.Definition;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunListener;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Taken;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.CommitOutcome;
import dev.maestro.store.RecordWrite;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives runs on one machine.
 *
 * <p>This is the door: whatever is called here, from any thread, is asked of the {@code Loop},
 * which decides and commits for all runs, and comes back once it is durable. {@code Workers} carry
 * out attempts and send back how they ended. {@code roster} and {@code recovery} are confined to
 * the loop, and used here only in what the loop is asked to do.
 */
public final class Engine implements AutoCloseable {

  private final EngineConfig config;
  private final Publisher publisher;
  private final Folds folds;
  private final Roster roster;
  private final Recovery recovery;
  private final Sessions sessions;
  private final Loop loop;
  private final Desk desk;
  private final Takeovers takeovers;
  private final Stops stops;

  /** Make an engine and start its loop. */
  public Engine(EngineConfig config, Consumer<StreamItem> stream) {
    RunEventCodec codec = new RunEventCodec();
    this.config = config;
    this.publisher = new Publisher(config.store(), codec);
    this.folds = new Folds(config.store(), codec);
    this.roster = new Roster(config, folds);
    this.sessions = new Sessions(config.store(), config.session());
    this.loop = new Loop(config, roster, publisher, sessions, stream);
    this.recovery = new Recovery(roster, loop.shared(), config.time());
    this.desk = new Desk(loop, roster);
    this.takeovers = new Takeovers(desk, roster, recovery, sessions);
    this.stops = new Stops(config, desk, roster, loop, sessions, this::submit);
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

  /**
   * What a run is made from.
   *
   * @param definition its hashes and inputs
   * @param pipeline its pipeline
   */
  public record Defined(Definition definition, Pipeline pipeline) {}

  /** {@return what a run is made from now, if there is such a run} */
  public Optional<Defined> defined(RunKey key) {
    return desk.ask(key, run -> new Defined(run.state.definition(), run.state.pipeline()));
  }

  /** {@return what becomes of a run's tasks with these; see {@link ResumePlan#of}} */
  public Optional<ResumePlan> plan(
      RunKey key, @Nullable TaskId at, Pipeline next, String inputHash, Map<String, Value> inputs) {
    return desk.ask(key, run -> ResumePlan.of(run.state, at, next, inputHash, inputs));
  }

  /** Begin a run that does not exist; durable when this returns. */
  public Decision start(Pipeline pipeline, RunInput.Start input) {
    requireDriving();
    return desk.call((batch, answer) -> begin(batch, input.key(), pipeline, input, answer));
  }

  /**
   * {@return what a fork by this plan takes along; empty when the run has moved on since, or is
   * gone}
   */
  public Optional<Taken> take(ResumePlan plan) {
    return desk.ask(plan.run(), run -> Taken.of(run.state, plan)).flatMap(taken -> taken);
  }

  /** Begin a fork under a name that no run has; durable when this returns. */
  public Decision fork(Pipeline pipeline, RunInput.Fork input) {
    requireDriving();
    RunKey key = input.start().key();
    return desk.call((batch, answer) -> begin(batch, key, pipeline, input, answer));
  }

  private void begin(
      Batch batch, RunKey key, Pipeline pipeline, RunInput input, Promise<Decision> answer) {
    Live known = roster.find(batch, key);
    if (known != null) {
      batch.reply(known, answer, batch.decide(known, input));
    } else {
      roster.begin(batch, key, pipeline, input, answer);
    }
  }

  /** Have an input decided on; durable when this returns. */
  public Decision submit(RunKey key, RunInput input) {
    if (input instanceof RunInput.Cancel || input instanceof RunInput.Stop) {
      // nobody recovers a run that has ended, and a stop does not wait for that
      takeovers.endLeftovers(key);
    }
    return desk.call((batch, answer) -> decide(batch, key, input, answer));
  }

  private void decide(Batch batch, RunKey key, RunInput input, Promise<Decision> answer) {
    Live run = roster.find(batch, key);
    if (run == null) {
      answer.complete(new Decision.Refused("unknown-run", "there is no run " + key));
    } else if (input instanceof RunInput.Claim claim) {
      claim(batch, run, claim, answer);
    } else {
      batch.reply(run, answer, decide(batch, run, input));
    }
  }

  /** Who claims a task in a place without walls claims the place, too. */
  private void claim(Batch batch, Live run, RunInput.Claim claim, Promise<Decision> answer) {
    loop.shared().heed(batch);
    if (loop.shared().places().areSharedBy(run.state.task(claim.task()).orElse(null))) {
      loop.atLast(batch, (same, later) -> claimPlace(same, run, claim, later), answer);
    } else {
      batch.reply(run, answer, batch.decide(run, loop.shared().under(run, claim)));
    }
  }

  /** The place is claimed along, unless somebody has come before, here or in another engine. */
  private void claimPlace(Batch batch, Live run, RunInput.Claim asked, Promise<Decision> answer) {
    Mailbox.Request<Decision> anew = (next, same) -> decide(next, run.key(), asked, same);
    if (batch.isContesting(run) || batch.writesPlace()) {
      loop.again(anew, answer);
      return;
    }
    RunInput.Claim claim = loop.shared().under(run, asked);
    Places.Standing place = loop.shared().places().now(roster::look, claim.at());
    Optional<Decision.Refused> taken = place.taken(run.key(), claim);
    Batch.Weighed weighed = batch.weigh(run, claim);
    if (taken.isPresent()) {
      batch.reply(run, answer, taken.get());
    } else if (weighed.decision() instanceof Decision.Accepted accepted) {
      batch.contest(
          run,
          new Batch.Contested(
              weighed,
              Batch.Taken.nothing(claim.at()),
              place.with(run.key(), accepted.events()),
              () -> loop.again(anew, answer)),
          weighed::decision,
          answer);
    } else {
      batch.reply(run, answer, weighed.decision());
    }
  }

  /** {@return what the store holds of all budgets that runs share} */
  public List<LedgerAccount> ledger() {
    desk.requireOpen();
    return Ledger.read(config.store());
  }

  /**
   * Grant more than all runs together may use up; when this returns it is durable, and those go on
   * that it is enough for.
   */
  public Decision grantApplication(SharedGrant more) {
    return grant(Tenant.DEFAULT, Ledger.APPLICATION, more);
  }

  /** Grant more than a tenant may use up on this day, in the same way. */
  public Decision grantDay(Tenant tenant, SharedGrant more) {
    return grant(tenant, Ledger.day(more.at()), more);
  }

  private Decision grant(Tenant tenant, String account, SharedGrant more) {
    return permit(more.actor())
        .orElseGet(() -> desk.call((batch, answer) -> grant(batch, answer, tenant, account, more)));
  }

  private void grant(
      Batch batch, Promise<Decision> answer, Tenant tenant, String account, SharedGrant more) {
    Shared shared = loop.shared();
    batch.write(
        () -> shared.grant(tenant, account, more),
        outcome -> {
          shared.granted(tenant, account);
          // whoever waits for it goes on before this is answered
          loop.again(
              outcome instanceof CommitOutcome.Committed
                  ? Engine::accept
                  : (next, same) -> grant(next, same, tenant, account, more),
              answer);
        });
  }

  private static void accept(Batch batch, Promise<Decision> answer) {
    batch.afterCommit(null, () -> answer.complete(new Decision.Accepted(List.of(), List.of())));
  }

  /** {@return the refusal of somebody who has no say in what runs share} */
  private Optional<Decision> permit(Actor actor) {
    Actor owner = config.limits().owner();
    return owner == null || actor.isOf(owner)
        ? Optional.empty()
        : Optional.of(
            new Decision.Refused(
                "not-allowed",
                "what runs share here is owned by " + owner + "; " + actor + " may look at it"));
  }

  /** Add up what ended runs have done to shared budgets, so that it is one line an account. */
  public void foldLedger() {
    if (!config.drives()) {
      return;
    }
    desk.<Boolean>call(
        (batch, answer) -> {
          List<List<RecordWrite>> folds = loop.shared().foldLedger(batch.budgets());
          folds.forEach(batch::write);
          batch.afterCommit(
              null,
              () -> {
                folds.forEach(loop.shared()::forgetLedger);
                answer.complete(true);
              });
        });
  }

  /** {@return what the store holds of what steps scored} */
  public List<Baseline> baselines() {
    desk.requireOpen();
    return Baselines.read(config.store());
  }

  /** Have a baseline begin anew; durable when this returns. */
  public Decision beginAnew(Baseline which, Baseline.Begun begun) {
    return permit(begun.actor())
        .orElseGet(() -> desk.call((batch, answer) -> beginAnew(batch, answer, which, begun)));
  }

  private void beginAnew(
      Batch batch, Promise<Decision> answer, Baseline which, Baseline.Begun begun) {
    Shared shared = loop.shared();
    Mailbox.Request<Decision> again = (next, same) -> beginAnew(next, same, which, begun);
    if (shared.isBeingWritten(which)) {
      loop.again(again, answer);
      return;
    }
    Optional<RecordWrite> write = shared.beginAnew(which, begun);
    if (write.isEmpty()) {
      accept(batch, answer);
      return;
    }
    batch.write(
        () -> List.of(write.get()),
        outcome -> {
          shared.begun(which);
          loop.again(outcome instanceof CommitOutcome.Committed ? Engine::accept : again, answer);
        });
  }

  /** Who is in its grace after a cancel has no more of it once somebody says stop. */
  private Decision decide(Batch batch, Live run, RunInput input) {
    if (input instanceof RunInput.Stop stop) {
      return stops.decide(batch, run, stop);
    }
    boolean early =
        input instanceof RunInput.Retry retry
            && run.state.task(retry.task()).map(Task::waitsForQuota).orElse(false);
    Decision decision = batch.decide(run, input);
    if (early && decision instanceof Decision.Accepted) {
      loop.shared().openAgain(run, batch.touch(run));
    } else if (input instanceof RunInput.Grant && decision instanceof Decision.Accepted) {
      loop.letTryAfterGrant(batch, run);
    }
    return decision;
  }

  /**
   * Have a run stopped; durable when this returns.
   *
   * <p>What the secrets are that are not to be told with the reason, the application is asked when
   * everything stands still.
   */
  public Decision stop(RunKey key, String reason, Actor who) {
    return stops.stop(key, reason, who);
  }

  /**
   * Have every run that has not ended stopped; durable when this returns.
   *
   * <p>Those in memory, which are all that anybody works at, are stopped by one decision and one
   * commit. The others follow one by one, and then the reason, where secrets may be in it.
   *
   * @throws StoreException when everything is stopped but runs that cannot be reached from here,
   *     which it names: another engine drives them, or they cannot be read
   */
  public void stopAll(String reason, Actor who) {
    stops.stopAll(reason, who);
  }

  /**
   * Put the files of a task back to what was accepted of it last; nothing begins on them meanwhile.
   *
   * @throws dev.maestro.failure.MaestroException when they could not be put back
   */
  public Decision rollBack(RunKey key, TaskId task, Actor actor) {
    requireDriving();
    return desk.call((batch, answer) -> rollBack(batch, key, task, actor, answer));
  }

  private void rollBack(Batch batch, RunKey key, TaskId id, Actor actor, Promise<Decision> answer) {
    Live run = roster.find(batch, key);
    if (run == null) {
      answer.complete(new Decision.Refused("unknown-run", "there is no run " + key));
      return;
    }
    Optional<Task> task = run.state.task(id);
    if (task.isEmpty()) {
      String why = "run " + key + " has no task " + id;
      answer.complete(new Decision.Refused("unknown-task", why));
    } else if (run.state.status().isTerminal() || run.held || run.isBusy(id)) {
      answer.complete(
          new Decision.Refused(
              "not-allowed",
              "files of run " + key + " are put back while it is open and nobody is at them"));
    } else {
      run.rollingBack.add(id);
      batch.afterCommit(run, () -> loop.workers().rollBack(run, task.get(), actor, answer));
    }
  }

  /** {@return where somebody works whose claim of this number holds; empty when it is over} */
  public Optional<Path> directory(RunKey key, TaskId id, int claim) throws InterruptedException {
    Optional<Assignment> assignment = claimed(key, id, claim);
    return assignment.isEmpty()
        ? Optional.empty()
        : Optional.of(config.attempts().directory(assignment.get()));
  }

  /** {@return what somebody is told whose claim of this number holds; empty when it is over} */
  public Optional<Handout> handOut(RunKey key, TaskId id, int claim) throws InterruptedException {
    Optional<Assignment> assignment = claimed(key, id, claim);
    return assignment.isEmpty()
        ? Optional.empty()
        : Optional.of(config.attempts().handOut(assignment.get()));
  }

  /**
   * {@return what somebody brings whose claim of this number holds, as it may be stored; empty when
   * it is over}
   */
  public Optional<String> hide(RunKey key, TaskId id, int claim, String text) {
    return claimed(key, id, claim).map(assignment -> config.attempts().hide(assignment, text));
  }

  /** {@return what a person says about a run, as it may be stored} */
  public String hide(RunKey key, String text) {
    return desk.ask(key, Confidential::of)
        .map(found -> config.attempts().hide(found.names(), found.shapes(), text))
        .orElse(text);
  }

  private Optional<Assignment> claimed(RunKey key, TaskId id, int claim) {
    return desk.ask(
            key,
            run ->
                run.state
                    .task(id)
                    .filter(task -> holds(task, claim))
                    .map(task -> loop.workers().handout(run, task)))
        .flatMap(found -> found);
  }

  private boolean holds(Task task, int claim) {
    Instant now = config.time().instant();
    return task.claim().filter(one -> one.number() == claim && !one.isLapsed(now)).isPresent();
  }

  /** {@return the run as it is now, if there is such a run} */
  public Optional<RunSnapshot> snapshot(RunKey key) {
    return desk.ask(key, run -> RunSnapshot.of(run.state));
  }

  /** {@return completes when the run has ended or needs a person or a host to go on} */
  public CompletableFuture<Settled> settled(RunKey key) {
    CompletableFuture<Settled> settled = new CompletableFuture<>();
    boolean settles =
        desk.call(
            (batch, answer) -> {
              if (roster.has(key)) {
                awaitSettled(batch, key, settled, answer);
              } else {
                roster.ended(key).map(Settled::as).ifPresent(settled::complete);
                answer.complete(settled.isDone());
              }
            });
    if (!settles) {
      ended(key)
          .map(Settled::as)
          .ifPresentOrElse(settled::complete, () -> awaitSettled(key, settled));
    }
    return settled;
  }

  /**
   * {@return a run that is not in memory, if it has ended: nothing changes it any more, so that it
   * can be read while the loop goes on with others}
   */
  private Optional<RunSnapshot> ended(RunKey key) {
    return config
        .store()
        .index(key)
        .filter(index -> !index.open())
        .map(index -> RunSnapshot.of(folds.fold(key)));
  }

  private void awaitSettled(RunKey key, CompletableFuture<Settled> settled) {
    desk.<Boolean>call((batch, answer) -> awaitSettled(batch, key, settled, answer));
  }

  private void awaitSettled(
      Batch batch, RunKey key, CompletableFuture<Settled> settled, Promise<Boolean> answer) {
    Live run = roster.find(batch, key);
    if (run == null) {
      settled.completeExceptionally(new IllegalArgumentException("there is no run " + key));
    } else if (roster.isPassed(run)) {
      loop.lose(run);
      settled.completeExceptionally(run.takenOver());
    } else {
      run.waiters.removeIf(CompletableFuture::isDone);
      run.waiters.add(settled);
      warnOfWaiting(run);
    }
    batch.afterCommit(null, () -> answer.complete(true));
  }

  /** Whoever waits for what nobody takes up waits for ever, and may not know why. */
  private void warnOfWaiting(Live run) {
    if (run.held && !run.isHeldSaid && config.drives()) {
      run.isHeldSaid = true;
      log()
          .warn(
              "Somebody waits for run {}, which an engine before this one left open: it goes on when"
                  + " Maestro.recover() takes it up, or when it is started again",
              run.key());
    }
  }

  /**
   * {@return whether a task of this kind could be at work at once, with nobody waiting before it}
   */
  public boolean hasRoom(boolean usesWorkspace) {
    return desk.call((batch, answer) -> answer.complete(loop.scheduler().hasRoom(usesWorkspace)));
  }

  /**
   * Take over runs that engines before this one left open, and go on with them.
   *
   * <p>Those that this engine drives already, that have ended, or that do not exist are left out;
   * those that cannot be read are told to {@code refused} and do not hinder the others.
   *
   * <p>An engine that was left for dead may still write something while its run is taken over. What
   * it wrote has happened, and the run is read again: only what follows is refused to it.
   */
  public List<Recovered> recover(
      Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused) {
    requireDriving();
    return takeovers.recover(keys, refused);
  }

  /** Take over one run that an engine before this one left open, and go on with it. */
  public void recover(RunKey key) {
    recover(List.of(key), Takeovers::fail);
  }

  /** Have a run go on with another pipeline or other inputs; durable when this returns. */
  public Decision redefine(RunKey key, RunInput.Redefine input) {
    requireDriving();
    takeovers.hold(key);
    return desk.call((batch, answer) -> recovery.redefine(batch, key, input, answer));
  }

  /** End what JVMs that are gone left running and no journal may know of. */
  public List<Reaped> reapSessions() {
    desk.requireOpen();
    return sessions.reap();
  }

  /** Take away the workspaces of runs that ended just before an engine did. */
  public void releaseLeftovers() {
    List<Unreleased> leftovers =
        desk.call(
            // after the commit, because what was released in this very turn is marked done by then
            (batch, answer) -> batch.afterCommit(null, () -> answer.complete(unreleased())));
    for (Unreleased one : leftovers) {
      if (loop.workers().release(one.run())) {
        desk.<Boolean>call(
            (batch, answer) -> {
              batch.write(Unreleased.done(one.run()));
              batch.afterCommit(null, () -> answer.complete(true));
            });
      }
    }
  }

  private List<Unreleased> unreleased() {
    return Unreleased.in(config.store()).stream().filter(one -> !roster.isLive(one.run())).toList();
  }

  /** Have a listener follow the journal from now on. */
  public Registration listen(RunListener listener) {
    desk.requireOpen();
    return publisher.add(listener);
  }

  /** Interrupt what is at work, wait until it has ended, and end every thread. */
  @Override
  public void close() {
    desk.close();
    loop.endSoon();
    boolean interrupted = join(config.patience());
    if (loop.isAlive()) {
      loop.workers().interruptAll();
      interrupted |= join(Duration.ofSeconds(2));
      loop.endNow();
      interrupted |= join(Duration.ofSeconds(30));
    }
    List<String> left = loop.workers().close();
    if (left.isEmpty()) {
      sessions.end(loop.isBroken());
    } else {
      log().warn("Closed while code that cannot be interrupted is still running: {}", left);
    }
    publisher.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return whether the waiting thread was interrupted} */
  private boolean join(Duration patience) {
    return Deadline.in(patience).waitWhile(loop::isAlive, loop::join);
  }

  private void requireDriving() {
    if (!config.drives()) {
      throw new IllegalStateException(
          "this Maestro stands by: it starts nothing and recovers nothing");
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Engine.class);
  }
}
