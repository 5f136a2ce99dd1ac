package dev.maestro.engine;

import dev.maestro.agent.AgentEvent;
import dev.maestro.attempt.Assignment;
import dev.maestro.attempt.Attempts;
import dev.maestro.attempt.Handout;
import dev.maestro.failure.ClosedException;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.SharedGrant;
import dev.maestro.process.Deadline;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.Reaped;
import dev.maestro.process.Reaper;
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
import dev.maestro.store.RunQuery;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
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

  /** How often a run is read again because somebody else has just written to it. */
  private static final int MOST_TAKEOVERS = 10;

  private static final Confidential NOTHING = new Confidential(Set.of(), false);

  private final Logger log = LoggerFactory.getLogger(Engine.class);
  private final EngineConfig config;
  private final Publisher publisher;
  private final Folds folds;
  private final Roster roster;
  private final Recovery recovery;
  private final Sessions sessions;
  private final Loop loop;
  private volatile boolean closed;

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
    return ask(key, run -> new Defined(run.state.definition(), run.state.pipeline()));
  }

  /** {@return what becomes of a run's tasks with these; see {@link ResumePlan#of}} */
  public Optional<ResumePlan> plan(
      RunKey key, @Nullable TaskId at, Pipeline next, String inputHash, Map<String, Value> inputs) {
    return ask(key, run -> ResumePlan.of(run.state, at, next, inputHash, inputs));
  }

  /** Begin a run that does not exist; durable when this returns. */
  public Decision start(Pipeline pipeline, RunInput.Start input) {
    requireDriving();
    return call((batch, answer) -> begin(batch, input.key(), pipeline, input, answer));
  }

  /**
   * {@return what a fork by this plan takes along; empty when the run has moved on since, or is
   * gone}
   */
  public Optional<Taken> take(ResumePlan plan) {
    return ask(plan.run(), run -> Taken.of(run.state, plan)).flatMap(taken -> taken);
  }

  /** Begin a fork under a name that no run has; durable when this returns. */
  public Decision fork(Pipeline pipeline, RunInput.Fork input) {
    requireDriving();
    RunKey key = input.start().key();
    return call((batch, answer) -> begin(batch, key, pipeline, input, answer));
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
      // what a dead engine left goes now: nobody recovers a run that has ended, and a stop is at
      // once
      List<ProcessIdentity> leftovers =
          call((batch, answer) -> answer.complete(recovery.leftovers(batch, key)));
      sessions.reap();
      new Reaper().reap(leftovers);
    }
    return call((batch, answer) -> decide(batch, key, input, answer));
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
    requireOpen();
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
        .orElseGet(() -> call((batch, answer) -> grant(batch, answer, tenant, account, more)));
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
    this.<Boolean>call(
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
    requireOpen();
    return Baselines.read(config.store());
  }

  /** Have a baseline begin anew; durable when this returns. */
  public Decision beginAnew(Baseline which, Baseline.Begun begun) {
    return permit(begun.actor())
        .orElseGet(() -> call((batch, answer) -> beginAnew(batch, answer, which, begun)));
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
    boolean early =
        input instanceof RunInput.Retry retry
            && run.state.task(retry.task()).map(Task::waitsForQuota).orElse(false);
    Decision decision = batch.decide(run, input);
    if (input instanceof RunInput.Stop) {
      batch.afterCommit(run, () -> loop.stopAtOnce(run));
    } else if (early && decision instanceof Decision.Accepted) {
      loop.shared().openAgain(run, batch.touch(run));
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
    Confidential hidden = ask(key, Confidential::of).orElse(NOTHING);
    Decision decision = submit(key, stopping(hidden, reason, who));
    if (decision instanceof Decision.Accepted) {
      explain(Set.of(key), hidden, reason, who);
    }
    return decision;
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
    Confidential hidden =
        call((batch, answer) -> answer.complete(Confidential.ofAll(roster.live())));
    RunInput.Stop stop = stopping(hidden, reason, who);
    Set<RunKey> stopped =
        new LinkedHashSet<>(
            this.<Set<RunKey>>call((batch, answer) -> stopLive(batch, stop, answer)));
    sessions.reap();
    Set<RunKey> others =
        new LinkedHashSet<>(
            this.<Set<RunKey>>call((batch, answer) -> answer.complete(roster.keys())));
    config.store().find(RunQuery.allOpen()).forEach(index -> others.add(index.run()));
    others.removeAll(stopped);
    List<String> unreached = new ArrayList<>();
    for (RunKey key : others) {
      try {
        hidden = hidden.and(ask(key, Confidential::of).orElse(NOTHING));
        submit(key, stopping(hidden, reason, who));
        stopped.add(key);
      } catch (StoreException e) {
        log.error("Run {} cannot be reached", key, e);
        unreached.add(e.getMessage() + " (" + key + ")");
      }
    }
    explain(stopped, hidden, reason, who);
    requireReached(unreached);
  }

  private static void requireReached(List<String> unreached) {
    if (!unreached.isEmpty()) {
      throw new StoreException(
          "everything is stopped but what cannot be reached from here: "
              + String.join("; ", unreached));
    }
  }

  /** What has to be asked for does not hold up a stop. */
  private RunInput.Stop stopping(Confidential hidden, String reason, Actor who) {
    String words = hidden.isAsked() ? "" : hiding(hidden, reason);
    return new RunInput.Stop(config.time().instant(), words, who);
  }

  /** Whoever works is told to end by now. */
  private void explain(Set<RunKey> stopped, Confidential hidden, String reason, Actor who) {
    if (!hidden.isAsked() || reason.isEmpty()) {
      return;
    }
    String words = told(hidden, reason);
    for (RunKey key : stopped) {
      try {
        submit(key, new RunInput.Explain(config.time().instant(), words, who));
      } catch (StoreException e) {
        log.warn("Run {} is stopped, and why is not kept", key, e);
      }
    }
  }

  /** A stop that has happened does not fail for its words. */
  private String told(Confidential hidden, String reason) {
    try {
      return hiding(hidden, reason);
    } catch (RuntimeException e) {
      log.warn("What is secret about runs that were stopped cannot be had", e);
      return "why is not kept: looking for secrets in it failed: " + e.getClass().getName();
    }
  }

  private String hiding(Confidential hidden, String text) {
    return text.isEmpty()
        ? text
        : Attempts.shortened(config.attempts().hide(hidden.names(), hidden.shapes(), text));
  }

  private void stopLive(Batch batch, RunInput.Stop stop, Promise<Set<RunKey>> answer) {
    List<Live> live = List.copyOf(roster.live());
    for (Live run : live) {
      batch.touch(run);
      decide(batch, run, stop);
    }
    // another engine may have taken one over meanwhile
    batch.afterCommit(
        null,
        () ->
            answer.complete(
                live.stream()
                    .filter(run -> !run.lost)
                    .map(Live::key)
                    .collect(Collectors.toUnmodifiableSet())));
  }

  /**
   * Put the files of a task back to what was accepted of it last; nothing begins on them meanwhile.
   *
   * @throws dev.maestro.failure.MaestroException when they could not be put back
   */
  public Decision rollBack(RunKey key, TaskId task, Actor actor) {
    requireDriving();
    return call((batch, answer) -> rollBack(batch, key, task, actor, answer));
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
    return ask(key, Confidential::of)
        .map(found -> config.attempts().hide(found.names(), found.shapes(), text))
        .orElse(text);
  }

  private Optional<Assignment> claimed(RunKey key, TaskId id, int claim) {
    return ask(
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
    return ask(key, run -> RunSnapshot.of(run.state));
  }

  /** {@return completes when the run has ended or needs a person or a host to go on} */
  public CompletableFuture<Settled> settled(RunKey key) {
    CompletableFuture<Settled> settled = new CompletableFuture<>();
    boolean settles =
        call(
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
    this.<Boolean>call((batch, answer) -> awaitSettled(batch, key, settled, answer));
  }

  private void awaitSettled(
      Batch batch, RunKey key, CompletableFuture<Settled> settled, Promise<Boolean> answer) {
    Live run = roster.find(batch, key);
    if (run == null) {
      settled.completeExceptionally(new IllegalArgumentException("there is no run " + key));
    } else {
      run.waiters.removeIf(CompletableFuture::isDone);
      run.waiters.add(settled);
    }
    batch.afterCommit(null, () -> answer.complete(true));
  }

  /**
   * {@return whether a task of this kind could be at work at once, with nobody waiting before it}
   */
  public boolean hasRoom(boolean usesWorkspace) {
    return call((batch, answer) -> answer.complete(loop.scheduler().hasRoom(usesWorkspace)));
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
    List<Recovered> recovered = new ArrayList<>();
    Collection<RunKey> left = keys;
    for (int tries = 1; !left.isEmpty(); tries++) {
      List<RunKey> lost = new ArrayList<>();
      recovered.addAll(recover(left, refused, lost));
      if (tries == MOST_TAKEOVERS) {
        lost.forEach(key -> refused.accept(key, Live.takenOver(key)));
        lost = List.of();
      }
      left = lost;
    }
    return recovered;
  }

  private List<Recovered> recover(
      Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused, List<RunKey> lost) {
    Map<RunKey, List<ProcessIdentity>> leftovers =
        call((batch, answer) -> answer.complete(hold(batch, keys, refused)));
    if (leftovers.isEmpty()) {
      return List.of();
    }
    Map<RunKey, List<Reaped>> reaped = reap(leftovers);
    Map<RunKey, Integer> interrupted =
        call(
            (batch, answer) -> {
              Map<RunKey, Integer> open = goOn(batch, leftovers.keySet(), refused);
              batch.afterCommit(null, () -> answer.complete(withoutLost(open, lost)));
            });
    List<Recovered> recovered = new ArrayList<>();
    interrupted.forEach(
        (key, open) ->
            recovered.add(new Recovered(key, reaped.getOrDefault(key, List.of()), open)));
    return recovered;
  }

  /** {@return what may have been left running, by the runs that are held now} */
  private Map<RunKey, List<ProcessIdentity>> hold(
      Batch batch, Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused) {
    Map<RunKey, List<ProcessIdentity>> held = new LinkedHashMap<>();
    for (RunKey key : keys) {
      try {
        recovery.hold(batch, key).ifPresent(leftovers -> held.put(key, leftovers));
      } catch (StoreException e) {
        refused.accept(key, e);
      }
    }
    return held;
  }

  private Map<RunKey, List<Reaped>> reap(Map<RunKey, List<ProcessIdentity>> leftovers) {
    Map<RunKey, List<Reaped>> reaped = new HashMap<>();
    reaped.put(leftovers.keySet().iterator().next(), new ArrayList<>(sessions.reap()));
    leftovers.forEach(
        (key, processes) -> {
          if (!processes.isEmpty()) {
            reaped
                .computeIfAbsent(key, first -> new ArrayList<>())
                .addAll(sessions.unreported(new Reaper().reap(processes)));
          }
        });
    return reaped;
  }

  private Map<RunKey, Integer> goOn(
      Batch batch, Collection<RunKey> keys, BiConsumer<RunKey, StoreException> refused) {
    Map<RunKey, Integer> open = new LinkedHashMap<>();
    for (RunKey key : keys) {
      try {
        open.put(key, recovery.goOn(batch, key));
      } catch (StoreException e) {
        refused.accept(key, e);
      }
    }
    return open;
  }

  private Map<RunKey, Integer> withoutLost(Map<RunKey, Integer> open, List<RunKey> lost) {
    Map<RunKey, Integer> kept = new LinkedHashMap<>(open);
    open.keySet().stream().filter(key -> !roster.isDriven(key)).forEach(lost::add);
    kept.keySet().removeAll(lost);
    return kept;
  }

  /** Take over one run that an engine before this one left open, and go on with it. */
  public void recover(RunKey key) {
    recover(List.of(key), Engine::refuse);
  }

  /** Have a run go on with another pipeline or other inputs; durable when this returns. */
  public Decision redefine(RunKey key, RunInput.Redefine input) {
    requireDriving();
    Map<RunKey, List<ProcessIdentity>> leftovers =
        call((batch, answer) -> answer.complete(hold(batch, List.of(key), Engine::refuse)));
    if (!leftovers.isEmpty()) {
      reap(leftovers);
    }
    return call((batch, answer) -> recovery.redefine(batch, key, input, answer));
  }

  private static void refuse(RunKey run, StoreException cause) {
    throw cause;
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
            // after the commit, because what was released in this very turn is marked done by then
            (batch, answer) -> batch.afterCommit(null, () -> answer.complete(unreleased())));
    for (Unreleased one : leftovers) {
      if (loop.workers().release(one.run())) {
        this.<Boolean>call(
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
    requireOpen();
    return publisher.add(listener);
  }

  /** Interrupt what is at work, wait until it has ended, and end every thread. */
  @Override
  public void close() {
    closed = true;
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
      log.warn("Closed while code that cannot be interrupted is still running: {}", left);
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

  // ------------------------------------------------------------------ asking the loop

  private <T> Optional<T> ask(RunKey key, Function<Live, T> question) {
    return call(
        (batch, answer) -> {
          Live run = roster.find(batch, key);
          if (run == null) {
            answer.complete(Optional.empty());
          } else {
            batch.afterCommit(run, () -> answer.complete(Optional.of(question.apply(run))));
          }
        });
  }

  private <T> T call(Mailbox.Request<T> request) {
    requireOpen();
    return loop.ask(request);
  }

  private void requireDriving() {
    if (!config.drives()) {
      throw new IllegalStateException(
          "this Maestro stands by: it starts nothing and recovers nothing");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new ClosedException("this Maestro is closed; open another one on the same store");
    }
  }
}
