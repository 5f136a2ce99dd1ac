package dev.maestro;

import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.ModelNames;
import dev.maestro.agent.Persona;
import dev.maestro.agent.Prices;
import dev.maestro.agent.ProviderId;
import dev.maestro.agent.ProviderRank;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.attempt.CodeStep;
import dev.maestro.attempt.Interceptor;
import dev.maestro.attempt.Judge;
import dev.maestro.attempt.Predicate;
import dev.maestro.attempt.Registered;
import dev.maestro.attempt.RiskClassifier;
import dev.maestro.attempt.SecretSource;
import dev.maestro.attempt.Transcripts;
import dev.maestro.gate.GateCheck;
import dev.maestro.insight.ShadowRouter;
import dev.maestro.policy.Budget;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.policy.SharedBudgets;
import dev.maestro.process.Time;
import dev.maestro.store.FileStore;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.Tenant;
import dev.maestro.workspace.CommitDiscipline;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.Workspaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Composes a {@link Maestro}.
 *
 * <p>By default: runs are kept in {@code .maestro} below the working directory; tasks work in the
 * working directory itself; providers are found by {@link java.util.ServiceLoader}; {@value
 * #DEFAULT_SLOTS} tasks are at work at once; secrets are environment variables; time is the
 * machine's.
 */
public final class MaestroBuilder {

  /** How many tasks are at work at once unless told otherwise. */
  public static final int DEFAULT_SLOTS = 4;

  final ProviderRegistry.Builder providers = ProviderRegistry.builder();
  final Map<String, Persona> personas = new LinkedHashMap<>();
  final Registered.Builder registered = new Registered.Builder();
  StoreSource store = FileStore.at(Path.of(".maestro"));
  @Nullable Workspaces workspaces;
  SecretSource secrets = SecretSource.environment();
  CommitDiscipline commits = CommitDiscipline.DEFAULT;
  @Nullable Time time;
  int slots = DEFAULT_SLOTS;
  // how long closing waits for what was told to stop
  Duration patience = Duration.ofSeconds(15);
  String owner = UUID.randomUUID().toString();
  SharedBudgets budgets = SharedBudgets.NONE;
  @Nullable Actor sharedOwner;
  final Map<String, ProviderLimits> providerLimits = new LinkedHashMap<>();
  Supplier<Prices> prices = Prices::builtIn;
  DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
  Tenant tenant = Tenant.DEFAULT;
  Actor actor = Actor.APPLICATION;
  boolean drives = true;
  RiskClassifier risks = RiskClassifier.NONE;
  Transcripts transcripts = Transcripts.OFF;
  ShadowRouter shadow = ShadowRouter.NONE;

  MaestroBuilder() {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    discover(loader == null ? MaestroBuilder.class.getClassLoader() : loader);
  }

  /** Keep runs there. */
  public MaestroBuilder store(StoreSource source) {
    store = Objects.requireNonNull(source, "source");
    return this;
  }

  /**
   * Let tasks work there; closed together with Maestro. Unless said, that is the directory that
   * this process was started in, with no checkpoints.
   */
  public MaestroBuilder workspaces(Workspaces place) {
    workspaces = Objects.requireNonNull(place, "place");
    return this;
  }

  /** Add a provider. */
  public MaestroBuilder provider(AgentProvider provider) {
    providers.provider(provider);
    return this;
  }

  /** Have steps that name neither provider nor model carried out by this one. */
  public MaestroBuilder defaultProvider(ProviderId id) {
    providers.defaultProvider(id);
    return this;
  }

  /** Ask this provider earlier or later than usual whether it offers a model. */
  public MaestroBuilder rank(ProviderId id, ProviderRank rank) {
    providers.rank(id, rank);
    return this;
  }

  /**
   * Call models so, and know them by how their ids begin; {@link ModelNames#builtIn()} unless set.
   */
  public MaestroBuilder modelNames(ModelNames names) {
    providers.modelNames(names);
    return this;
  }

  /** Use the providers that are added here and look for no others. */
  public MaestroBuilder discoverNothing() {
    providers.discoverNothing();
    return this;
  }

  /** Look for providers with this class loader instead of the calling thread's. */
  public MaestroBuilder discover(ClassLoader loader) {
    providers.discover(loader);
    return this;
  }

  /** Add a role that steps name. */
  public MaestroBuilder persona(Persona persona) {
    if (personas.putIfAbsent(persona.name(), persona) != null) {
      throw new IllegalArgumentException("there are two personas named " + persona.name());
    }
    return this;
  }

  /** Register the code that steps name as {@code code(name, version)}. */
  public MaestroBuilder step(String name, String version, CodeStep step) {
    registered.step(name, version, step);
    return this;
  }

  /** Register the check that gates name as {@code Gate.code(name, version)}. */
  public MaestroBuilder gate(String name, String version, GateCheck check) {
    registered.gate(name, version, check);
    return this;
  }

  /** Register the predicate that conditions name. */
  public MaestroBuilder predicate(String name, String version, Predicate predicate) {
    registered.predicate(name, version, predicate);
    return this;
  }

  /** Register the interceptor that steps name. */
  public MaestroBuilder interceptor(String name, Interceptor interceptor) {
    registered.interceptor(name, interceptor);
    return this;
  }

  /**
   * Have it judge how much harm attempts could do, of steps whose risk decides when people agree.
   */
  public MaestroBuilder riskClassifier(RiskClassifier classifier) {
    risks = Objects.requireNonNull(classifier, "classifier");
    return this;
  }

  /**
   * Have it say beside each launch of an agent which route it would have taken, and record that; no
   * route changes for it. Nothing is said, and nothing recorded, unless set.
   */
  public MaestroBuilder shadow(ShadowRouter router) {
    shadow = Objects.requireNonNull(router, "router");
    return this;
  }

  /** Register the judge that rules of confidence name. */
  public MaestroBuilder judge(String name, Judge judge) {
    registered.judge(name, judge);
    return this;
  }

  /** Ask there for the values of secrets that steps name. */
  public MaestroBuilder secrets(SecretSource source) {
    secrets = Objects.requireNonNull(source, "source");
    return this;
  }

  /** Word commits like this. */
  public MaestroBuilder commits(CommitDiscipline discipline) {
    commits = Objects.requireNonNull(discipline, "discipline");
    return this;
  }

  /** Let so many tasks be at work at once; at least 1. */
  public MaestroBuilder slots(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("at least one slot is needed, not " + count);
    }
    slots = count;
    return this;
  }

  /** Go by this clock; it is not closed together with Maestro. */
  public MaestroBuilder time(Time clock) {
    time = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /** Draw from here, 0 (inclusive) to 1 (exclusive), for the jitter of back-offs. */
  public MaestroBuilder random(DoubleSupplier draws) {
    random = Objects.requireNonNull(draws, "draws");
    return this;
  }

  /**
   * Name this Maestro in leases; by default a random name.
   *
   * <p>Whoever has the same name may take over its runs at once: the one that had them before is
   * fenced off.
   */
  public MaestroBuilder owner(String name) {
    owner = Objects.requireNonNull(name, "name");
    return this;
  }

  /**
   * Let all runs together use up this much; what was used up is kept in the store.
   *
   * <p>What does not fit waits until {@link Maestro#grant} adds more, unless the budget aborts.
   */
  public MaestroBuilder budget(Budget limits) {
    budgets = budgets.application(limits);
    return this;
  }

  /**
   * Let the runs of a tenant use up this much each day; days begin at midnight UTC.
   *
   * <p>What does not fit waits for the next day, unless the budget aborts.
   */
  public MaestroBuilder dailyBudget(Tenant whose, Budget limits) {
    budgets = budgets.daily(whose, limits);
    return this;
  }

  /**
   * Have only this side change what runs share: grant more on the budgets above them, and let
   * baselines begin anew. Anybody may, unless set; everybody may look.
   *
   * @param side an actor, or what stands before the {@code /} in the names of several
   */
  public MaestroBuilder sharedOwner(Actor side) {
    sharedOwner = Objects.requireNonNull(side, "side");
    return this;
  }

  /** Limit how a provider may be launched, for each tenant by itself. */
  public MaestroBuilder limit(ProviderId provider, ProviderLimits limits) {
    providerLimits.put(provider.value(), Objects.requireNonNull(limits, "limits"));
    return this;
  }

  /** Limit how a provider may be launched with a model, by its full id. */
  public MaestroBuilder limit(ProviderId provider, String model, ProviderLimits limits) {
    String name = provider.value() + "/" + model;
    providerLimits.put(name, Objects.requireNonNull(limits, "limits"));
    return this;
  }

  /**
   * Reckon with these prices where a budget is around a launch whose provider tells tokens and no
   * money; {@link Prices#builtIn()} unless set.
   */
  public MaestroBuilder prices(Prices table) {
    Objects.requireNonNull(table, "table");
    prices = () -> table;
    return this;
  }

  /**
   * Write down what agents do, for each attempt, while it goes on; {@link Transcripts#OFF} unless
   * set. See {@link Run#transcript}.
   */
  public MaestroBuilder transcripts(Transcripts how) {
    transcripts = Objects.requireNonNull(how, "how");
    return this;
  }

  /** Start runs of this tenant unless told otherwise. */
  public MaestroBuilder tenant(Tenant whose) {
    tenant = Objects.requireNonNull(whose, "whose");
    return this;
  }

  /** Record this actor as the one who starts runs unless told otherwise. */
  public MaestroBuilder actor(Actor who) {
    actor = Objects.requireNonNull(who, "who");
    return this;
  }

  /**
   * Stand by: look at runs, answer their questions, pause, resume, stop, retry, rework and cancel
   * them, and start nothing.
   *
   * <p>For a process that has the store but not what the runs need, such as a command line for
   * people. Runs stay where that leaves them, and the next Maestro that recovers them goes on from
   * there. {@link Maestro#start}, {@link Maestro#fork}, {@link Maestro#resume} and {@link
   * Maestro#recover} throw {@link IllegalStateException}.
   */
  public MaestroBuilder standBy() {
    drives = false;
    return this;
  }

  /**
   * Open the store, and do nothing else.
   *
   * @throws dev.maestro.store.StoreException when it cannot be opened
   */
  public Maestro build() {
    return new Maestro(this);
  }

  Workspaces workspacesOrDefault() {
    return workspaces == null ? DirectoryWorkspaces.at(Path.of("")) : workspaces;
  }
}
