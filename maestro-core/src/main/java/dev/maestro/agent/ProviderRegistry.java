package dev.maestro.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.maestro.failure.PermanentException;
import dev.maestro.failure.Suggestion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The providers of one Maestro, and the rule by which a step finds its own.
 *
 * <p>A step names a persona or a role, and maybe a model. Who carries it out:
 *
 * <ol>
 *   <li>the provider that the persona names, with the model as it is; a name that is no persona's
 *       but a provider's id is played by that provider;
 *   <li>without a model, the default provider: the configured one, else {@code claude}, else the
 *       one with the highest rank; a discovered one only where none was handed in;
 *   <li>otherwise providers are asked, those that were handed in before those that were discovered,
 *       by rank, the higher number first and ties by id, and the first that offers the model gets
 *       it: it lists the id, or its ids are known to begin like that;
 *   <li>where nobody claims the model, a provider that does not tell what it offers and {@linkplain
 *       AgentProvider#takes takes} it: the default one if it is such, else the first by rank;
 *   <li>else nobody: {@link Routing.Missing}.
 * </ol>
 *
 * <p>So rank decides who gets a model that several offer, and never who works without one, unless
 * there is neither a configured default nor {@code claude}.
 *
 * <p>Immutable, and safe for use by any number of threads.
 */
public final class ProviderRegistry {

  /** How long an {@link Installation} that was found out is believed. */
  public static final Duration DETECTION_LIFE = Duration.ofMinutes(5);

  private final List<AgentProvider> byRank;
  private final Map<ProviderId, AgentProvider> byId;
  private final @Nullable AgentProvider defaultProvider;
  // null for those that Maestro comes with
  private final @Nullable ModelNames names;
  private final @Nullable Ticker ticker;
  // guarded by this; made when somebody asks, because few do
  private @Nullable Cache<ProviderId, Installation> detected;

  private ProviderRegistry(Builder builder, Map<ProviderId, AgentProvider> providers) {
    byId = Map.copyOf(providers);
    byRank = providers.isEmpty() ? List.of() : ranked(builder, providers.values());
    names = builder.names;
    defaultProvider = choose(builder);
    ticker = builder.ticker;
  }

  private static List<AgentProvider> ranked(Builder builder, Collection<AgentProvider> providers) {
    return providers.stream()
        .sorted(
            Comparator.comparing((AgentProvider each) -> builder.handedIn.contains(each))
                .thenComparing(each -> builder.rankOf(each.id()))
                .reversed()
                .thenComparing(AgentProvider::id))
        .toList();
  }

  /** {@return a builder without any provider} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the registry of exactly these providers} */
  public static ProviderRegistry of(AgentProvider... providers) {
    Builder builder = builder();
    List.of(providers).forEach(builder::provider);
    return builder.build();
  }

  private @Nullable AgentProvider choose(Builder builder) {
    ProviderId configured = builder.defaultProvider;
    if (configured != null) {
      return find(configured)
          .orElseThrow(
              () ->
                  new PermanentException(
                      "the default provider `%s` is not here; %s"
                          .formatted(configured, present())));
    }
    return byRank.isEmpty() ? null : usual(builder);
  }

  private @Nullable AgentProvider usual(Builder builder) {
    return find(Builder.USUAL_DEFAULT)
        .filter(usual -> builder.handedIn.isEmpty() || builder.handedIn.contains(usual))
        .or(() -> byRank.stream().findFirst())
        .orElse(null);
  }

  /** {@return all providers in the order in which they are asked for a model} */
  public List<AgentProvider> providers() {
    return byRank;
  }

  /** {@return the provider with this id, if there is one} */
  public Optional<AgentProvider> find(ProviderId id) {
    return Optional.ofNullable(byId.get(id));
  }

  /**
   * {@return who carries out steps that name neither provider nor model; empty without providers}
   */
  public Optional<AgentProvider> defaultProvider() {
    return Optional.ofNullable(defaultProvider);
  }

  /** {@return the full id that a model's short name stands for; anything else stays as it is} */
  public String modelId(String aliasOrId) {
    return names().resolve(aliasOrId);
  }

  /**
   * Find who carries out a step; the rule is told above.
   *
   * @param name a persona's name, or a role that needs none
   * @param model an alias or a full id, or null for the persona's own
   * @param personas those that are known, by name
   */
  public Routing route(String name, @Nullable String model, Map<String, Persona> personas) {
    Persona known = personas.get(Objects.requireNonNull(name, "name"));
    Persona persona = known == null ? unknown(name) : known;
    String wanted = model == null ? persona.model() : model;
    return route(persona, wanted == null ? null : names().resolve(wanted));
  }

  /**
   * {@return the names of personas and providers, the nearest first, where this one is none of them
   * but looks like one that is misspelt; empty where it is one, or a role that needs none}
   *
   * @param name as whom a step is carried out
   * @param personas the names of those that are known
   */
  public List<String> meantBy(String name, Set<String> personas) {
    Set<String> all = new TreeSet<>(personas);
    byRank.forEach(provider -> all.add(provider.id().value()));
    return all.contains(name) || Suggestion.nearest(name, all).isEmpty()
        ? List.of()
        : Suggestion.sorted(name, all);
  }

  private Persona unknown(String name) {
    return byId.keySet().stream()
        .filter(id -> id.value().equals(name))
        .findFirst()
        .map(Persona.named(name)::provider)
        .orElseGet(() -> Persona.named(name));
  }

  private Routing route(Persona persona, @Nullable String model) {
    Optional<AgentProvider> found =
        persona.provider() != null
            ? find(persona.provider())
            : model == null ? defaultProvider() : forModel(model);
    return found
        .<Routing>map(provider -> new Routing.Routed(new Route(provider, persona, model)))
        .orElseGet(() -> missing(persona, model));
  }

  /**
   * Find who carries out a step when whoever should cannot.
   *
   * @param name as what: a persona's name, or a role that needs none
   * @param instead the id of a provider that is here, else an alias or a full id of a model
   * @param personas those that are known, by name
   */
  public Routing fallback(String name, String instead, Map<String, Persona> personas) {
    Persona persona = personas.getOrDefault(name, Persona.named(name));
    return byId.keySet().stream()
        .filter(id -> id.value().equals(instead))
        .findFirst()
        .map(id -> route(persona.on(id, null), (String) null))
        .orElseGet(() -> route(persona.on(null, instead), names().resolve(instead)));
  }

  /** {@return how many tokens fit into a conversation with this model, where that is known} */
  public OptionalLong windowOf(String model) {
    return names().windowOf(model);
  }

  private Optional<AgentProvider> forModel(String model) {
    return byRank.stream()
        .filter(provider -> offers(provider, model))
        .findFirst()
        .or(() -> defaultProvider().filter(provider -> mayOffer(provider, model)))
        .or(() -> byRank.stream().filter(provider -> mayOffer(provider, model)).findFirst());
  }

  private boolean offers(AgentProvider provider, String model) {
    return names().offers(provider.id(), model)
        || provider.models().stream().anyMatch(each -> each.id().equals(model));
  }

  private boolean mayOffer(AgentProvider provider, String model) {
    return !names().knows(provider.id()) && provider.models().isEmpty() && provider.takes(model);
  }

  private Routing missing(Persona persona, @Nullable String model) {
    String wish =
        persona.provider() != null
            ? "wants provider `%s`, which is not here".formatted(persona.provider())
            : model != null
                ? "wants model `%s`, which no provider here offers".formatted(model)
                : "needs a provider";
    return new Routing.Missing("agent `%s` %s; %s".formatted(persona.name(), wish, present()));
  }

  private String present() {
    return byRank.isEmpty()
        ? "there is none: hand one to the builder or put one on the class path"
        : byRank.stream()
            .map(provider -> "`" + provider.id() + "`")
            .collect(Collectors.joining(", ", "there are: ", ""));
  }

  /**
   * Look whether a provider can be used on this machine, or remember what was found out within the
   * last {@link #DETECTION_LIFE}. One that cannot even be looked at counts as not there.
   *
   * @return empty when there is no such provider
   */
  public Optional<Installation> detect(ProviderId id) {
    return find(id).map(this::remembered);
  }

  /** Looking may take a while, for which the cache must not be held: two may look at once. */
  private Installation remembered(AgentProvider provider) {
    Cache<ProviderId, Installation> known = detected();
    Installation found = known.getIfPresent(provider.id());
    if (found == null) {
      found = detect(provider);
      known.put(provider.id(), found);
    }
    return found;
  }

  private static Installation detect(AgentProvider provider) {
    try {
      return provider.detect();
    } catch (RuntimeException e) {
      return Installation.missing(
          "looking for it failed: " + Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  private synchronized Cache<ProviderId, Installation> detected() {
    if (detected == null) {
      detected =
          Caffeine.newBuilder()
              .expireAfterWrite(DETECTION_LIFE)
              .executor(Runnable::run)
              .ticker(ticker == null ? Ticker.systemTicker() : ticker)
              .build();
    }
    return detected;
  }

  private ModelNames names() {
    return names == null ? ModelNames.builtIn() : names;
  }

  /**
   * Collects providers.
   *
   * <p>Discovery is off until {@link #discover} turns it on, ranks are those of {@link
   * ProviderRank#DEFAULTS}, model names are {@link ModelNames#builtIn()}, and the default provider
   * is {@code claude} where it is present.
   */
  public static final class Builder {

    /** The provider that steps without provider and model go to, where it is present. */
    public static final ProviderId USUAL_DEFAULT = ProviderId.of("claude");

    private final List<AgentProvider> handedIn = new ArrayList<>();
    private final Map<ProviderId, ProviderRank> ranks = new HashMap<>();
    private @Nullable ModelNames names;
    private @Nullable Ticker ticker;
    private @Nullable ProviderId defaultProvider;
    private @Nullable ClassLoader discoverWith;

    private Builder() {}

    /**
     * Add a provider; it takes the place of a discovered one with the same id.
     *
     * <p>Two that were handed in, or two that were discovered, are refused by {@link #build()} when
     * they have one id.
     */
    public Builder provider(AgentProvider provider) {
      handedIn.add(Objects.requireNonNull(provider, "provider"));
      return this;
    }

    /** Discover further providers with {@link java.util.ServiceLoader} in this class loader. */
    public Builder discover(ClassLoader loader) {
      discoverWith = Objects.requireNonNull(loader, "loader");
      return this;
    }

    /** Take only the providers that were handed in. */
    public Builder discoverNothing() {
      discoverWith = null;
      return this;
    }

    /** Give a provider another rank; it need not be present. */
    public Builder rank(ProviderId id, ProviderRank rank) {
      ranks.put(id, rank);
      return this;
    }

    /** Name the provider for steps that name neither provider nor model; it must be present. */
    public Builder defaultProvider(ProviderId id) {
      defaultProvider = Objects.requireNonNull(id, "id");
      return this;
    }

    /** Use these model names instead of those Maestro comes with. */
    public Builder modelNames(ModelNames replacement) {
      names = Objects.requireNonNull(replacement, "replacement");
      return this;
    }

    Builder ticker(Ticker replacement) {
      ticker = replacement;
      return this;
    }

    private ProviderRank rankOf(ProviderId id) {
      ProviderRank given = ranks.get(id);
      return given == null ? ProviderRank.defaultOf(id) : given;
    }

    /**
     * Discover, check and sort.
     *
     * @throws PermanentException when two have one id, the default one is not there, or a
     *     discovered one cannot be made
     */
    public ProviderRegistry build() {
      Map<ProviderId, AgentProvider> providers = new HashMap<>();
      for (AgentProvider each : handedIn) {
        add(providers, each);
      }
      if (discoverWith != null) {
        Discovery.in(discoverWith).except(handedIn).forEach(each -> add(providers, each));
      }
      return new ProviderRegistry(this, providers);
    }

    private static void add(Map<ProviderId, AgentProvider> providers, AgentProvider provider) {
      AgentProvider other = providers.putIfAbsent(provider.id(), provider);
      if (other != null) {
        throw new PermanentException(
            "two providers are called `%s`: %s and %s"
                .formatted(
                    provider.id(), other.getClass().getName(), provider.getClass().getName()));
      }
    }
  }
}
