package dev.maestro;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.maestro.agent.Conversation;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.attempt.Attempts;
import dev.maestro.attempt.Handout;
import dev.maestro.attempt.Registered;
import dev.maestro.attempt.RiskClassifier;
import dev.maestro.attempt.StoredConversations;
import dev.maestro.attempt.Tools;
import dev.maestro.attempt.Transcripts;
import dev.maestro.engine.Engine;
import dev.maestro.engine.EngineConfig;
import dev.maestro.engine.Settled;
import dev.maestro.engine.SharedLimits;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.failure.TransientException;
import dev.maestro.insight.RecordedRun;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Baseline;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.LedgerAccount;
import dev.maestro.policy.SharedGrant;
import dev.maestro.process.ProcessRunner;
import dev.maestro.process.Reaped;
import dev.maestro.process.Registration;
import dev.maestro.process.Session;
import dev.maestro.process.Time;
import dev.maestro.run.Claimed;
import dev.maestro.run.ConversationSnapshot;
import dev.maestro.run.Decision;
import dev.maestro.run.Definition;
import dev.maestro.run.ResumePlan;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunListener;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.store.Maintenance;
import dev.maestro.store.RunIndex;
import dev.maestro.store.RunQuery;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.task.Actor;
import dev.maestro.task.Cap;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Workspaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs pipelines of coding agents durably.
 *
 * <pre>{@code
 * try (Maestro maestro = Maestro.builder().provider(agent).build()) {
 *   Pipeline pipeline = Pipeline.named("hello").step("greet", s -> s.agent("greeter").prompt("Say hello")).build();
 *   RunResult result = maestro.start(pipeline, RunId.of("hello-1"), Inputs.none()).await();
 * }
 * }</pre>
 *
 * <p>Safe for use by any number of threads. Several may live in one JVM, each on a store of its
 * own.
 */
public final class Maestro implements AutoCloseable {

  /** So many runs are read and go on together, sharing one force of the disk. */
  private static final int RECOVERED_AT_ONCE = 256;

  private final Store store;
  private final Workspaces workspaces;
  private final ProviderRegistry providers;
  private final Time time;
  private final boolean ownsTime;
  private final Session session = Session.begin();
  private final Engine engine;
  private final StartChecks checks;
  private final Planning planning;
  private final StreamHub stream = new StreamHub();
  private final ReadWriteLock upkeep = new ReentrantReadWriteLock();
  private final RunEventCodec codec = new RunEventCodec();
  private final Tenant tenant;
  // whether nobody here judges risk; who only stands by does not know
  private final boolean riskAsDeclared;
  private final Actor actor;

  Maestro(MaestroBuilder builder) {
    ownsTime = builder.time == null;
    time = builder.time == null ? Time.system() : builder.time;
    tenant = builder.tenant;
    actor = builder.actor;
    workspaces = builder.workspacesOrDefault();
    providers = builder.providers.build();
    Registered registered = builder.registered.build();
    store = open(builder);
    riskAsDeclared = builder.drives && builder.risks == RiskClassifier.NONE;
    Tools tools =
        new Tools(
            store,
            workspaces,
            providers,
            builder.personas,
            registered,
            builder.secrets,
            new ProcessRunner(time, session.id()),
            builder.commits,
            time,
            builder.risks,
            builder.shadow,
            builder.prices,
            builder.transcripts);
    checks = new StartChecks(providers, builder.personas, workspaces);
    engine = engine(builder, new Attempts(tools));
    planning = new Planning(engine, store, workspaces, checks, time);
  }

  private Engine engine(MaestroBuilder builder, Attempts attempts) {
    boolean made = false;
    try {
      EngineConfig config =
          new EngineConfig(
              store,
              attempts,
              workspaces,
              time,
              builder.slots,
              builder.owner,
              session,
              builder.random,
              builder.patience,
              builder.drives,
              new SharedLimits(builder.budgets, builder.providerLimits, builder.sharedOwner));
      Engine engine = new Engine(config, stream::send);
      made = true;
      return engine;
    } finally {
      if (!made) {
        store.close();
        closeTime();
      }
    }
  }

  private Store open(MaestroBuilder builder) {
    try {
      return builder.store.open(time);
    } catch (RuntimeException e) {
      closeTime();
      throw e;
    }
  }

  /** {@return a builder with every default} */
  public static MaestroBuilder builder() {
    return new MaestroBuilder();
  }

  // ------------------------------------------------------------------ starting

  /**
   * Start a run, or go on with the one of this name; returns as soon as that is durable.
   *
   * <p>The name makes this idempotent: called again, also after a crash, it returns the same run,
   * and goes on with it where it was left.
   *
   * @throws InvalidDefinitionException when the pipeline, the inputs or what is there to run them
   *     do not fit; nothing was started
   * @throws RunConflictException when a run of this name exists with another pipeline or other
   *     inputs; carries what would become of its tasks with these
   */
  public Run start(Pipeline pipeline, RunId id, Inputs inputs) {
    return start(pipeline, id, inputs, RunOptions.of(tenant, actor));
  }

  /** Start a run as {@link #start(Pipeline, RunId, Inputs)} does, for a tenant and an actor. */
  public Run start(Pipeline pipeline, RunId id, Inputs inputs, RunOptions options) {
    RunKey key = new RunKey(options.tenant(), id);
    Optional<Definition> existing = definition(key);
    if (existing.isEmpty()) {
      existing = begin(pipeline, key, inputs, options);
    }
    existing.ifPresent(now -> goOn(key, now, pipeline, inputs));
    return new Run(this, key);
  }

  /**
   * Start a run only if a task of it could be at work at once.
   *
   * <p>Two that try at the same moment may both find the last slot free; the second then waits.
   *
   * @return empty when every slot is taken or others wait for one; nothing was started
   */
  public Optional<Run> tryStart(Pipeline pipeline, RunId id, Inputs inputs) {
    boolean usesWorkspace =
        pipeline.steps().stream()
            .anyMatch(step -> step.after().isEmpty() && step.action().usesWorkspace());
    return engine.hasRoom(usesWorkspace)
        ? Optional.of(start(pipeline, id, inputs))
        : Optional.empty();
  }

  private Optional<Definition> definition(RunKey key) {
    return engine.defined(key).map(Engine.Defined::definition);
  }

  /** {@return what the run is made from, if somebody else began it meanwhile} */
  private Optional<Definition> begin(
      Pipeline pipeline, RunKey key, Inputs inputs, RunOptions options) {
    checks.orThrow(pipeline, inputs);
    BlobId definition = store.put(checks.about(pipeline).json());
    RunInput.Start start =
        new RunInput.Start(
            time.instant(),
            key,
            options.actor(),
            definition,
            inputs.hash().hex(),
            planning.values(pipeline, inputs),
            options.labels(),
            options.terms());
    Decision decision = engine.start(pipeline, start);
    if (decision instanceof Decision.Refused refused) {
      return Optional.of(
          definition(key)
              .orElseThrow(
                  () ->
                      new InvalidDefinitionException(
                          "run " + key,
                          List.of(new Problem(refused.code(), "inputs", refused.message())))));
    }
    return Optional.empty();
  }

  private void goOn(RunKey key, Definition now, Pipeline pipeline, Inputs inputs) {
    boolean otherPipeline = !now.pipeline().equals(checks.about(pipeline).hash());
    boolean otherInputs = !now.inputHash().equals(inputs.hash().hex());
    if (otherPipeline || otherInputs) {
      ResumePlan plan = planning.plan(key, null, pipeline, inputs);
      throw new RunConflictException(key, plan, otherPipeline, otherInputs);
    }
    engine.recover(key);
  }

  // ------------------------------------------------------------------ going on otherwise

  /**
   * Accept a plan: have its run go on with the pipeline and the inputs that the plan was made for.
   *
   * <p>What is reused stays as it is, also what is at work. What begins anew does so as a new
   * generation, in a workspace of its own, with all its attempts; what was used up stays counted.
   * What the pipeline has no place for is dropped, and stays visible. Durable when this returns.
   *
   * @throws RefusedException {@code stale} when the run has moved on, so that it would give another
   *     plan now; {@code not-allowed} when something that would begin anew is at work (stop the run
   *     first) or has added tasks to the run (fork it instead), or when the plan is one of a fork
   */
  public Run resume(ResumePlan plan) {
    return resume(plan, actor);
  }

  /** Accept a plan as {@link #resume(ResumePlan)} does, for an actor. */
  public Run resume(ResumePlan plan, Actor actor) {
    planning.resume(plan, actor.somebody());
    return new Run(this, plan.run());
  }

  // ------------------------------------------------------------------ forking

  /**
   * Begin a new run from a task of another one: what that task waits for, and whatever else has
   * ended and is not behind it, has the outcomes that were recorded, and is neither done nor paid
   * again.
   *
   * <p>The new run stands on its own: it holds all of it in its journal, and with git the
   * checkpoints under refs of its own. The other run may be open or have ended, and is left as it
   * is. Where workspaces keep no checkpoints, such as a plain directory, tasks find the files as
   * they stand. A step that continues one that is not done again begins a conversation of its own,
   * on the files which that one left.
   *
   * @param from the run, of this Maestro's tenant
   * @param at the task to begin with; where it is inside another, that one goes on with what else
   *     is done inside of it, unless it is a list of which so many elements are enough, which is
   *     done again as a whole
   * @param id the name of the new run, which must be free
   * @throws RefusedException {@code unknown-run}, {@code unknown-task} or {@code run-exists}
   */
  public Run fork(RunId from, TaskId at, RunId id) {
    return fork(planFork(new RunKey(tenant, from), at), id);
  }

  /**
   * Begin a new run by a plan that {@link Run#planFork}, or the conflict with a run that has ended,
   * has given.
   *
   * @throws RefusedException also {@code stale}, when the run has moved on since the plan was made,
   *     and {@code not-allowed}, when it is no plan of a fork
   */
  public Run fork(ResumePlan plan, RunId id) {
    return fork(plan, id, RunOptions.of(plan.run().tenant(), actor));
  }

  /** Begin a new run as {@link #fork(ResumePlan, RunId)} does, for an actor and with labels. */
  public Run fork(ResumePlan plan, RunId id, RunOptions options) {
    Lock nothingIsRemoved = upkeep.readLock();
    nothingIsRemoved.lock();
    try {
      return new Run(this, planning.fork(plan, id, options));
    } finally {
      nothingIsRemoved.unlock();
    }
  }

  // ------------------------------------------------------------------ finding

  /**
   * {@return the run of this name, if there is one}
   *
   * <p>What is asked of it then takes up a run that only waits: from then on its timers ring here,
   * before {@link #recover} too. One that was at work when an engine ended stays as it is until it
   * is recovered.
   */
  public Optional<Run> find(RunId id) {
    return find(new RunKey(tenant, id));
  }

  /** {@return the run of this tenant and name, if there is one} */
  public Optional<Run> find(RunKey key) {
    return definition(key).map(known -> new Run(this, key));
  }

  /** {@return what is known of runs without opening them, in the query's order} */
  public List<RunIndex> runs(RunQuery query) {
    return store.find(query);
  }

  // ------------------------------------------------------------------ recovering and stopping

  /**
   * Go on with every run that a crash, or closing, has interrupted.
   *
   * <p>Processes that a killed JVM left are ended first, as far as they can be proved to be ours.
   * The most urgent runs come first. A run that cannot be opened is refused and does not hinder the
   * others.
   */
  public Recovery recover() {
    List<Reaped> reaped = new ArrayList<>(engine.reapSessions());
    Map<RunKey, String> refused = new LinkedHashMap<>();
    List<Engine.Recovered> recovered = new ArrayList<>();
    Consumer<List<RunIndex>> goOn =
        some ->
            recovered.addAll(
                engine.recover(
                    some.stream().map(RunIndex::run).toList(),
                    (run, e) -> refused.put(run, String.valueOf(e.getMessage()))));
    RunQuery open = RunQuery.allOpen().order(RunQuery.Order.MOST_URGENT_FIRST);
    // the first goes on before the others are put in order
    List<RunIndex> first = store.find(open.limit(1));
    if (!first.isEmpty()) {
      goOn.accept(first);
      inHandfuls(store.find(open.after(first.get(0))), goOn);
    }
    engine.releaseLeftovers();
    recovered.forEach(one -> reaped.addAll(one.reaped()));
    return new Recovery(
        recovered.stream().map(one -> new Run(this, one.key())).toList(),
        recovered.stream().mapToInt(Engine.Recovered::interrupted).sum(),
        reaped,
        refused);
  }

  /**
   * Go on with one run that a crash, or closing, has interrupted; one that goes on already is left
   * as it is.
   *
   * @return the run, if there is one of this name
   */
  public Optional<Run> recover(RunId id) {
    Optional<Run> run = find(id);
    run.ifPresent(known -> engine.recover(known.key()));
    return run;
  }

  /** The first few go on before the rest is read. */
  private static void inHandfuls(List<RunIndex> all, Consumer<List<RunIndex>> goOn) {
    int most = 1;
    for (int from = 0; from < all.size(); most = Math.min(2 * most, RECOVERED_AT_ONCE)) {
      List<RunIndex> some = all.subList(from, Math.min(from + most, all.size()));
      goOn.accept(some);
      from += some.size();
    }
  }

  /**
   * Stop everything that is at work, in every run, at once; each run can be resumed.
   *
   * <p>Whoever works is told to end when this returns: child processes get TERM at once, and KILL
   * half a second after it, also those of runs that were cancelled before and had some seconds
   * left. After that the journals tell of nothing but what it cost. Conversations that were cut off
   * are not gone on with.
   *
   * @param reason for people; a long one is cut, for a stop is never refused. What secrets are to
   *     be taken out of it, the application's {@link MaestroBuilder#secrets} is asked when
   *     everything stands still; as long as that takes, this does not return
   * @throws StoreException when everything is stopped but runs that cannot be reached from here,
   *     which it names: another engine on the same store drives them, and has to be told, or they
   *     cannot be read
   */
  public void stop(String reason) {
    stop(reason, actor);
  }

  /** Stop everything as {@link #stop(String)} does, for an actor. */
  public void stop(String reason, Actor who) {
    engine.stopAll(reason, who.somebody());
  }

  /**
   * Have the store tidy up, on this thread: move away runs that have ended, remove those that are
   * not to be kept, free what nothing is needed of. What runs that have ended did to the budgets
   * they share becomes one line an account of {@link #ledger()}.
   *
   * <p>Runs go on meanwhile. Forks that are being made are waited for, and others wait until this
   * is done: what they take along is named by nothing else once the run they are of is removed. How
   * long runs are kept is said where the store is made, such as by {@link
   * dev.maestro.store.FileStore#keeping}.
   */
  public Maintenance maintain() {
    engine.foldLedger();
    Lock nobodyForks = upkeep.writeLock();
    nobodyForks.lock();
    try {
      return store.maintain();
    } finally {
      nobodyForks.unlock();
    }
  }

  // ------------------------------------------------------------------ budgets

  /**
   * {@return what was used up of the budgets that runs share, by account and run}
   *
   * <p>What an attempt put aside or used up is written with the events that say so, so that this
   * agrees with the journals, also after a crash.
   */
  public List<LedgerAccount> ledger() {
    return engine.ledger();
  }

  /** Grant as {@link #grant(Cap, Actor)} does, for the actor of the builder. */
  public void grant(Cap more) {
    grant(more, actor);
  }

  /**
   * Grant more than all runs together may use up; what stands still for that goes on. It is kept
   * who has granted what, see {@link LedgerAccount#grants()}.
   *
   * @throws RefusedException {@code not-allowed} when what runs share is owned by another side
   * @see MaestroBuilder#budget
   */
  public void grant(Cap more, Actor who) {
    accepted(engine.grantApplication(new SharedGrant(now(), who.somebody(), more)));
  }

  /** Grant as {@link #grantToday(Tenant, Cap, Actor)} does, for the actor of the builder. */
  public void grantToday(Tenant whose, Cap more) {
    grantToday(whose, more, actor);
  }

  /**
   * Grant a tenant more than it may use up today (UTC), as {@link #grant(Cap, Actor)} does.
   *
   * @throws RefusedException {@code not-allowed} when what runs share is owned by another side
   * @see MaestroBuilder#dailyBudget
   */
  public void grantToday(Tenant whose, Cap more, Actor who) {
    accepted(engine.grantDay(whose, new SharedGrant(now(), who.somebody(), more)));
  }

  // ------------------------------------------------------------------ what is usual

  /**
   * {@return what steps with an {@link EvalGate} scored, by pipeline and step}
   *
   * <p>A score is written with the event that says so, so that this agrees with the journals, also
   * after a crash.
   */
  public List<Baseline> baselines() {
    return engine.baselines();
  }

  /**
   * Let a baseline begin anew as {@link #beginAnew(Baseline, Actor)} does, for the actor of the
   * builder.
   */
  public void beginAnew(Baseline which) {
    beginAnew(which, actor);
  }

  /**
   * Let what is usual for a step be found out anew, as when what is measured has changed: until
   * there are enough scores again, nothing is blocked. The baseline keeps who said so.
   *
   * @param which one of {@link #baselines()}
   * @throws RefusedException {@code not-allowed} when what runs share is owned by another side
   */
  public void beginAnew(Baseline which, Actor who) {
    accepted(engine.beginAnew(which, new Baseline.Begun(now(), who.somebody())));
  }

  // ------------------------------------------------------------------ listening

  /**
   * Have a listener follow the journal of every run from now on.
   *
   * <p>Closing the registration lets it hear what is durable by then, for two seconds at most.
   */
  public Registration listen(RunListener listener) {
    return engine.listen(listener);
  }

  /** Have a listener hear what agents say; lossy. */
  public Registration watch(StreamListener listener) {
    return stream.add(listener);
  }

  /** {@return whose runs it starts and finds unless told otherwise} */
  public Tenant tenant() {
    return tenant;
  }

  /** {@return who can carry out agent steps} */
  public ProviderRegistry providers() {
    return providers;
  }

  /** {@return the blob of this id, such as the output of a gate} */
  public Optional<byte[]> blob(BlobId id) {
    return store.blob(id);
  }

  /**
   * Interrupt what is at work, and let go of every thread, process, handle and lock.
   *
   * <p>Cancels no run: each goes on when it is started again, or by {@link #recover()}. A launch
   * that was under way is spent.
   */
  @Override
  public void close() {
    try {
      engine.close();
      stream.close();
      workspaces.close();
    } finally {
      store.close();
      closeTime();
    }
  }

  private void closeTime() {
    if (ownsTime) {
      time.close();
    }
  }

  // ------------------------------------------------------------------ for runs

  Instant now() {
    return time.instant();
  }

  ResumePlan plan(RunKey key, @Nullable TaskId at, Pipeline pipeline, Inputs inputs) {
    return planning.plan(key, at, pipeline, inputs);
  }

  ResumePlan planFork(RunKey key, TaskId at) {
    return planning.plan(key, at);
  }

  List<RunRecord> journal(RunKey key, long fromSequence) {
    return store.read(key, fromSequence).stream()
        .map(stored -> new RunRecord(key, stored.sequence(), codec.decode(stored.envelope())))
        .toList();
  }

  RecordedRun recorded(RunKey key) {
    List<RunRecord> records = journal(key, 1);
    if (records.isEmpty()) {
      throw new RefusedException("unknown-run", "there is no run " + key);
    }
    BlobId first = ((RunEvent.RunStarted) records.get(0).event()).definition();
    Map<BlobId, Pipeline> others = new LinkedHashMap<>();
    for (RunRecord entry : records) {
      if (entry.event() instanceof RunEvent.Redefined redefined) {
        BlobId other = redefined.definition().pipeline();
        others.put(other, restore(other));
      }
    }
    return new RecordedRun(restore(first), others, records, store::blob, riskAsDeclared);
  }

  private Pipeline restore(BlobId definition) {
    return Pipeline.restore(
        store
            .blob(definition)
            .orElseThrow(
                () -> new StoreException("the pipeline definition " + definition + " is missing")));
  }

  Conversation conversation(ConversationSnapshot snapshot) {
    return StoredConversations.read(snapshot.kept(), store);
  }

  Optional<String> transcript(RunKey key, TaskId task, int attempt) {
    List<RunEvent> events = journal(key, 1).stream().map(RunRecord::event).toList();
    return Transcripts.read(events, task, attempt, store);
  }

  RunSnapshot snapshot(RunKey key) {
    return engine
        .snapshot(key)
        .orElseThrow(() -> new RefusedException("unknown-run", "there is no run " + key));
  }

  CompletableFuture<Settled> settled(RunKey key) {
    return engine.settled(key);
  }

  RunResult result(RunSnapshot snapshot) {
    return new RunResult(snapshot, store);
  }

  RunEvent.RolledBack rollBack(RunKey key, TaskId task, Actor who) {
    return (RunEvent.RolledBack) accepted(engine.rollBack(key, task, who)).events().get(0);
  }

  Optional<Claimed> claim(RunKey key, RunInput.Claim claim) {
    Decision decision = engine.submit(key, claim);
    if (decision instanceof Decision.Refused refused && refused.code().equals("claimed")) {
      return Optional.empty();
    }
    return accepted(decision).events().stream()
        .filter(RunEvent.TaskClaimed.class::isInstance)
        .map(event -> ((RunEvent.TaskClaimed) event).claim())
        .findFirst();
  }

  void deliver(
      RunKey key, TaskId task, int number, String output, Usage usage, @Nullable Trouble trouble) {
    String kept = hide(key, task, number, output);
    Value value = kept.isEmpty() ? null : planning.value(TextNode.valueOf(kept));
    Trouble why =
        trouble == null
            ? null
            : Trouble.of(trouble.reason(), hide(key, task, number, trouble.message()));
    submit(
        key,
        new RunInput.Deliver(
            new RunEvent.Delivered(time.instant(), task, number, value, usage, why)));
  }

  private String hide(RunKey key, TaskId task, int number, String text) {
    return text.isEmpty()
        ? text
        : engine.hide(key, task, number, text).orElseThrow(() -> over(task, number));
  }

  /** {@return what a person says about a run, without the secrets of its pipeline} */
  String told(RunKey key, String text) {
    requireShort(text);
    return withoutSecrets(key, text);
  }

  String withoutSecrets(RunKey key, String text) {
    return text.isEmpty() ? text : engine.hide(key, text);
  }

  /** What is said when everything has to stand still is cut, where it is too long, not refused. */
  void stop(RunKey key, String reason, Actor who) {
    accepted(engine.stop(key, reason, who));
  }

  /** What people say stands in the journal, which holds no documents. */
  private static void requireShort(String text) {
    if (text.getBytes(StandardCharsets.UTF_8).length > Value.MAX_INLINE_BYTES) {
      throw new RefusedException(
          "not-allowed",
          "what is said about a run has at most " + Value.MAX_INLINE_BYTES + " bytes");
    }
  }

  Path directory(RunKey key, TaskId task, int number) {
    try {
      return engine.directory(key, task, number).orElseThrow(() -> over(task, number));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while opening the workspace of " + task, e);
    }
  }

  Handout handOut(RunKey key, TaskId task, int number) {
    try {
      return engine.handOut(key, task, number).orElseThrow(() -> over(task, number));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while handing out " + task, e);
    }
  }

  private static RefusedException over(TaskId task, int number) {
    return new RefusedException("stale", "claim " + number + " of task " + task + " is over");
  }

  void submit(RunKey key, RunInput input) {
    accepted(engine.submit(key, input));
  }

  private static Decision.Accepted accepted(Decision decision) {
    if (decision instanceof Decision.Refused refused) {
      throw new RefusedException(refused.code(), refused.message());
    }
    return (Decision.Accepted) decision;
  }
}
