package dev.maestro;

import dev.maestro.agent.Capability;
import dev.maestro.agent.Persona;
import dev.maestro.agent.ProviderRegistry;
import dev.maestro.agent.Route;
import dev.maestro.agent.Routing;
import dev.maestro.agent.Thinking;
import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.gate.Gate;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Dataflow;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Policies;
import dev.maestro.policy.SecretShapes;
import dev.maestro.store.BlobId;
import dev.maestro.workspace.WorkspaceCapabilities;
import dev.maestro.workspace.Workspaces;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a pipeline fits its inputs, the providers and the workspaces; asked before anything
 * starts.
 */
final class StartChecks {

  private static final int MOST_KNOWN = 100;
  private static final int MOST_LOOKED_AT = 1_000;

  private final ProviderRegistry providers;
  private final Map<String, Persona> personas;
  private final Workspaces workspaces;
  // guarded by itself, the latest first: what is started again and again is looked into once
  private final Deque<Known> known = new ArrayDeque<>();
  // names of agents, each of which is told once where it looks misspelt
  private final Set<String> lookedAt = ConcurrentHashMap.newKeySet();

  /**
   * What follows from a pipeline alone; holds nothing of which the pipeline could be had, or nobody
   * would ever let go of that.
   *
   * @param problems what is wrong with it
   * @param dataflow which values go where
   * @param json its canonical JSON
   * @param hash the hash of that
   */
  record Facts(List<Problem> problems, Dataflow dataflow, byte[] json, BlobId hash) {

    static Facts of(Pipeline pipeline) {
      Dataflow dataflow = pipeline.dataflow();
      byte[] json = pipeline.canonicalJson();
      return new Facts(pipeline.validate(dataflow).problems(), dataflow, json, BlobId.of(json));
    }
  }

  /** A pipeline that was looked into, and is let go of by whoever has it. */
  private record Known(WeakReference<Pipeline> pipeline, Facts facts) {}

  StartChecks(ProviderRegistry providers, Map<String, Persona> personas, Workspaces workspaces) {
    this.providers = providers;
    this.personas = Map.copyOf(personas);
    this.workspaces = workspaces;
  }

  Facts about(Pipeline pipeline) {
    synchronized (known) {
      for (Known one : known) {
        if (one.pipeline().refersTo(pipeline)) {
          return one.facts();
        }
      }
    }
    Facts facts = Facts.of(pipeline);
    remember(new Known(new WeakReference<>(pipeline), facts));
    return facts;
  }

  private void remember(Known one) {
    synchronized (known) {
      known.removeIf(other -> other.pipeline().refersTo(null));
      known.addFirst(one);
      if (known.size() > MOST_KNOWN) {
        known.removeLast();
      }
    }
  }

  void orThrow(Pipeline pipeline, Inputs inputs) {
    List<Problem> problems = new ArrayList<>(about(pipeline).dataflow().check(inputs));
    if (pipeline.policies().guardrails().contains(Guardrail.noSecrets())) {
      checkSecrets(inputs, problems);
    }
    orThrow(pipeline, problems);
  }

  /** What a run is started with is in its journal before any step could refuse it. */
  private static void checkSecrets(Inputs inputs, List<Problem> problems) {
    for (String name : inputs.names()) {
      List<String> found =
          inputs.value(name).map(Json::write).map(SecretShapes::in).orElseGet(List::of);
      if (!found.isEmpty()) {
        problems.add(
            new Problem(
                "secret-in-input",
                "inputs." + name,
                "the input `%s` holds what looks like a secret: %s; hand it over as a secret of the step"
                    .formatted(name, String.join(", ", found))));
      }
    }
  }

  /** Check a pipeline whose inputs are known to fit. */
  void orThrow(Pipeline pipeline) {
    orThrow(pipeline, List.of());
  }

  private void orThrow(Pipeline pipeline, List<Problem> ofInputs) {
    List<Problem> problems = new ArrayList<>(about(pipeline).problems());
    problems.addAll(ofInputs);
    check(pipeline, new Place("", "", Policies.NONE), problems);
    if (!problems.isEmpty()) {
      throw new InvalidDefinitionException("pipeline '" + pipeline.name() + "'", problems);
    }
  }

  /** Check the steps of a pipeline; one that stands in others has their paths and names before. */
  private void check(Pipeline pipeline, Place around, List<Problem> problems) {
    Place at = around.with(pipeline.policies());
    for (Step step : pipeline.steps()) {
      check(step, at, "steps.", problems);
    }
    for (Step template : pipeline.templates()) {
      check(template, at, "templates.", problems);
    }
  }

  private void check(Step step, Place around, String list, List<Problem> problems) {
    if (needsSomething(step.body())) {
      check(step, around.to(list, step), problems);
    }
  }

  /** {@return whether it needs anything that may not be there, or has steps inside} */
  private static boolean needsSomething(Step body) {
    return !body.gates().isEmpty()
        || body.mergeInto() != null
        || agent(body.action()) != null
        || body.inside().isPresent();
  }

  private void check(Step step, Place place, List<Problem> problems) {
    Step body = step.body();
    if (!body.gates().isEmpty() || body.mergeInto() != null) {
      checkWorkspaces(body, place, problems);
    }
    Place inside = body == step ? place : place.with(body.policies());
    if (!body.policies().oversight().claimed()) {
      checkProviders(body, inside, problems);
    }
    body.inside().ifPresent(pipeline -> check(pipeline, inside.inside(), problems));
  }

  /**
   * Where a step stands.
   *
   * @param path in the pipeline's file
   * @param name its id, after those of the steps around it
   * @param policies what is switched on for it
   */
  private record Place(String path, String name, Policies policies) {

    Place with(Policies more) {
      return new Place(path, name, policies.and(more));
    }

    Place to(String list, Step step) {
      return new Place(path + list + step.id(), name + step.id(), policies.and(step.policies()));
    }

    Place inside() {
      return new Place(path + ".pipeline.", name + "/", policies);
    }
  }

  private void checkWorkspaces(Step step, Place at, List<Problem> problems) {
    WorkspaceCapabilities place = workspaces.capabilities();
    boolean isProtecting = step.gates().stream().anyMatch(gate -> !gate.protectedPaths().isEmpty());
    if (isProtecting && !place.checkpoints()) {
      problems.add(
          problem(at, "gates", "protects paths, which needs workspaces that keep checkpoints"));
    }
    boolean isCounting =
        step.gates().stream()
            .anyMatch(gate -> gate instanceof Gate.CommandGate command && command.tests() != null);
    if (isCounting && !place.checkpoints()) {
      problems.add(
          problem(at, "gates", "keeps tests, which needs workspaces that keep checkpoints"));
    }
    if (step.mergeInto() != null && !place.merges()) {
      problems.add(problem(at, "mergeInto", "merges, which needs workspaces that can merge"));
    }
  }

  private Problem problem(Place at, String field, String what) {
    return new Problem(
        "capability",
        at.path() + "." + field,
        "step `%s` %s; %s cannot: use git workspaces"
            .formatted(at.name(), what, workspaces.description()));
  }

  /**
   * A step may be carried out by others than its own provider, when it climbs, must be cheap or
   * falls back: each has to be able to do what the step needs.
   */
  private void checkProviders(Step step, Place at, List<Problem> problems) {
    Action.Agent agent = agent(step.action());
    if (agent == null) {
      return;
    }
    warnOfTypingErrors(agent, at);
    List<Route> others = others(agent, at.policies());
    List<Problem> found = new ArrayList<>();
    for (String model : models(agent, at.policies())) {
      Routing routing = providers.route(agent.agent(), model, personas);
      if (routing instanceof Routing.Missing missing && others.isEmpty()) {
        found.add(new Problem("provider-missing", at.path(), missing.why()));
      }
      routing.route().ifPresent(route -> found.addAll(lacks(step, at, agent, route)));
    }
    others.forEach(route -> found.addAll(lacks(step, at, agent, route)));
    found.stream().distinct().forEach(problems::add);
  }

  /** A role needs neither persona nor provider, so that nothing is wrong with it for certain. */
  private void warnOfTypingErrors(Action.Agent agent, Place at) {
    if (lookedAt.size() == MOST_LOOKED_AT || !lookedAt.add(agent.agent())) {
      return;
    }
    List<String> meant = providers.meantBy(agent.agent(), personas.keySet());
    if (!meant.isEmpty()) {
      log()
          .warn(
              "Step {}: there is no persona and no provider `{}`, so it is a role that whoever is the default plays; did you mean `{}`? There are: {}",
              at.name(),
              agent.agent(),
              meant.get(0),
              String.join(", ", meant));
    }
  }

  /** {@return the routes that are fallen back to and are here} */
  private List<Route> others(Action.Agent agent, Policies policies) {
    return policies.fallbacks().stream()
        .map(instead -> providers.fallback(agent.agent(), instead, personas))
        .flatMap(routing -> routing.route().stream())
        .toList();
  }

  private static List<Problem> lacks(Step step, Place at, Action.Agent agent, Route route) {
    Set<Capability> needs = EnumSet.noneOf(Capability.class);
    needs.addAll(route.persona().needs().all());
    if (step.continues() != null) {
      needs.add(Capability.SESSIONS);
    }
    if (route.thinking(agent.thinking()).filter(Thinking::isOn).isPresent()) {
      needs.add(Capability.THINKING);
    }
    return route.require(at.name(), needs.toArray(new Capability[0]));
  }

  private static Action.@Nullable Agent agent(Action action) {
    return action instanceof Action.Plan plan
        ? plan.asAgent()
        : action instanceof Action.Agent agent ? agent : null;
  }

  /** {@return the models that its attempts may be on; null for that of the agent} */
  private static List<@Nullable String> models(Action.Agent agent, Policies policies) {
    List<@Nullable String> models = new ArrayList<>();
    policies.ladderRule().ifPresent(ladder -> models.addAll(ladder.models()));
    if (models.isEmpty()) {
      models.add(agent.model());
    }
    policies.limits().map(Budget::cheaper).ifPresent(models::add);
    return models;
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Maestro.class);
  }
}
