package dev.maestro.pipeline;

import dev.maestro.failure.InvalidDefinitionException;
import dev.maestro.failure.Problem;
import dev.maestro.graph.DependencyGraph;
import dev.maestro.json.Json;
import dev.maestro.policy.Policies;
import dev.maestro.store.BlobId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable, named, versioned graph of steps: data, the same in Java, YAML and JSON.
 *
 * @param name what runs are listed by
 * @param version the application's own; starts at {@code 1}
 * @param description for people; may be empty
 * @param steps in declaration order
 * @param templates steps that only plans make tasks from, in declaration order
 * @param timeLimit how long a run of it may take from its start, or null for any time
 * @param policies what is switched on for all of its steps, asked before what a step itself has
 */
public record Pipeline(
    String name,
    String version,
    String description,
    List<Step> steps,
    List<Step> templates,
    @Nullable Duration timeLimit,
    Policies policies) {

  /** Check that nothing is missing, and copy the lists. */
  public Pipeline {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(description, "description");
    steps = List.copyOf(steps);
    templates = List.copyOf(templates);
    Objects.requireNonNull(policies, "policies");
  }

  /** Make a pipeline for whose steps nothing is switched on. */
  public Pipeline(
      String name,
      String version,
      String description,
      List<Step> steps,
      List<Step> templates,
      @Nullable Duration timeLimit) {
    this(name, version, description, steps, templates, timeLimit, Policies.NONE);
  }

  /** Make a pipeline whose runs may take any time. */
  public Pipeline(
      String name, String version, String description, List<Step> steps, List<Step> templates) {
    this(name, version, description, steps, templates, null);
  }

  /** {@return every step and template, those of pipelines inside too, each before what is in it} */
  public List<Step> allSteps() {
    List<Step> all = new ArrayList<>();
    addTo(all);
    return all;
  }

  private void addTo(List<Step> all) {
    for (List<Step> section : List.of(steps, templates)) {
      for (Step step : section) {
        Step body = step.body();
        all.add(step);
        if (body != step) {
          all.add(body);
        }
        Optional<Pipeline> inside = body.inside();
        if (inside.isPresent()) {
          inside.get().addTo(all);
        }
      }
    }
  }

  /** {@return the step with this id, if there is one} */
  public Optional<Step> step(String id) {
    return steps.stream().filter(step -> step.id().equals(id)).findFirst();
  }

  /** {@return the template with this id, if there is one} */
  public Optional<Step> template(String id) {
    return templates.stream().filter(step -> step.id().equals(id)).findFirst();
  }

  /** {@return the steps by id, in declaration order} */
  public Map<String, Step> stepsById() {
    return byId(steps);
  }

  /** {@return the templates by id, in declaration order} */
  public Map<String, Step> templatesById() {
    return byId(templates);
  }

  private static Map<String, Step> byId(List<Step> steps) {
    Map<String, Step> byId = new LinkedHashMap<>();
    for (Step step : steps) {
      byId.putIfAbsent(step.id(), step);
    }
    return byId;
  }

  /** {@return everything that is wrong with it; nothing, when it was built or read from a file} */
  public Validation validate() {
    return validate(dataflow());
  }

  /**
   * {@return the same, for whoever has worked out already which values go where}
   *
   * @param dataflow what {@link #dataflow} gave
   */
  public Validation validate(Dataflow dataflow) {
    return Checks.of(this, dataflow);
  }

  /** {@return which step waits for which, with their priorities} */
  public DependencyGraph<String> graph() {
    DependencyGraph.Builder<String> builder = DependencyGraph.builder();
    for (Step step : stepsById().values()) {
      builder.add(step.id(), step.priority(), step.after());
    }
    return builder.build();
  }

  /**
   * {@return the names of the inputs and outputs that decide what runs; computed anew, so keep it}
   */
  public Set<String> steering() {
    return Steering.of(this);
  }

  /** {@return which values go where; computed anew, so keep it} */
  public Dataflow dataflow() {
    return new Dataflow(this);
  }

  /** {@return the names it must be started with, in the order in which they are first used} */
  public Set<String> inputs() {
    return dataflow().inputs();
  }

  /**
   * Compare what a run is started with and what the pipeline needs.
   *
   * <p>{@code task} may be given to every pipeline. Others that no template names are superfluous,
   * unless the pipeline runs code of the application, which may look at any.
   */
  public List<Problem> check(Inputs inputs) {
    return dataflow().check(inputs);
  }

  /** {@return its JSON form in UTF-8, as short as can be; the same bytes for equal pipelines} */
  public byte[] canonicalJson() {
    return Json.bytes(PipelineWriter.tree(this));
  }

  /** {@return the SHA-256 of {@link #canonicalJson()}} */
  public BlobId hash() {
    return BlobId.of(canonicalJson());
  }

  /**
   * Read what {@link #canonicalJson()} wrote, in this or an earlier release; the checks are not
   * made again.
   *
   * @throws InvalidDefinitionException when it cannot be understood
   */
  public static Pipeline restore(byte[] canonicalJson) {
    return PipelineFormat.restore(canonicalJson);
  }

  /**
   * {@return the same pipeline, all of whose agent and plan steps wait for somebody who claims
   * them, those inside other steps too; see {@link StepBuilder#byClaim}}
   *
   * <p>Between their attempts they do not wait {@linkplain dev.maestro.policy.Backoff#DEFAULT the
   * usual time}, which is there for providers; another back-off is kept.
   */
  public Pipeline byClaim() {
    return ByClaim.of(this);
  }

  /** {@return a builder of a pipeline of this name} */
  public static PipelineBuilder named(String name) {
    return new PipelineBuilder(name);
  }
}
