package dev.maestro.pipeline;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.gate.Gate;
import dev.maestro.json.Json;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Policies;
import dev.maestro.store.BlobId;
import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One node of a pipeline: what to do, after what, and under which policies.
 *
 * <p>Made by the pipeline builder.
 *
 * @param id its name
 * @param title what commits and reports call it, or null for the id
 * @param action what it does
 * @param after the steps it waits for, in declaration order; holds {@code continues} too
 * @param when whether it runs at all, or null for always
 * @param continues the step whose workspace and session it goes on with, or null for its own
 * @param output the name of its output, or null for none
 * @param json whether the output must be JSON; otherwise it is text
 * @param gates what must pass before it counts as done
 * @param attempts how often it may be launched; at least 1
 * @param backoff how long to wait between attempts
 * @param mergeInto the branch its work is merged into, or null for none
 * @param priority how urgent it is among the ready
 * @param limits how long a launch may take
 * @param allowNoOp whether doing nothing counts as success
 * @param secrets names of secrets handed to its processes as environment variables
 * @param interceptors names of the application's own interceptors around it
 * @param delay how long after what it waits for it starts, or null for at once
 * @param policies what is switched on for it, beside what holds for all steps of its pipeline
 */
public record Step(
    String id,
    @Nullable String title,
    Action action,
    List<String> after,
    @Nullable Condition when,
    @Nullable String continues,
    @Nullable String output,
    boolean json,
    List<Gate> gates,
    int attempts,
    Backoff backoff,
    @Nullable String mergeInto,
    Priority priority,
    Limits limits,
    boolean allowNoOp,
    List<String> secrets,
    List<String> interceptors,
    @Nullable Duration delay,
    Policies policies) {

  /** Check that nothing required is missing, and copy the lists. */
  public Step {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(backoff, "backoff");
    Objects.requireNonNull(priority, "priority");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(policies, "policies");
    after = List.copyOf(after);
    gates = List.copyOf(gates);
    secrets = List.copyOf(secrets);
    interceptors = List.copyOf(interceptors);
  }

  /** {@return the same step, which does this} */
  Step action(Action other) {
    return with(other, backoff, policies);
  }

  /** {@return the same step, with just these policies} */
  Step policies(Policies all) {
    return with(action, backoff, all);
  }

  /** {@return the same step, which waits so between attempts} */
  Step backoff(Backoff other) {
    return with(action, other, policies);
  }

  private Step with(Action does, Backoff waits, Policies rules) {
    return new Step(
        id,
        title,
        does,
        after,
        when,
        continues,
        output,
        json,
        gates,
        attempts,
        waits,
        mergeInto,
        priority,
        limits,
        allowNoOp,
        secrets,
        interceptors,
        delay,
        rules);
  }

  /** {@return the name of its output, if it has one} */
  public Optional<String> outputName() {
    return Optional.ofNullable(output);
  }

  /** {@return the branch its work is merged into, if any} */
  public Optional<String> mergeBranch() {
    return Optional.ofNullable(mergeInto);
  }

  /** {@return the pipeline that runs inside it, if one does} */
  public Optional<Pipeline> inside() {
    return action instanceof Action.SubPipeline sub
        ? Optional.of(sub.pipeline())
        : Optional.empty();
  }

  /** {@return how it goes over a list, if it does} */
  public Optional<Action.ForEach> each() {
    return action instanceof Action.ForEach each ? Optional.of(each) : Optional.empty();
  }

  /** {@return what is done for each element of a list, or the step itself when it has none} */
  public Step body() {
    return action instanceof Action.ForEach each ? each.body() : this;
  }

  /**
   * {@return the SHA-256 of what decides its result: all but its id and title, how often, how long
   * and how soon it runs, and its policies}
   *
   * <p>A step whose hash is unchanged need not be done again when its pipeline was edited: another
   * number of attempts, say, costs nothing that was paid for already. Policies do not count either:
   * they say who may try, at what price, and when somebody is asked, but what the step is to do,
   * and the gates that accept it, are the same. They hold for whatever is done from then on; work
   * that was accepted before and is to be judged by them is reworked.
   */
  public BlobId hash() {
    return BlobId.of(Json.bytes(PipelineWriter.meaning(this)));
  }

  /**
   * {@return whether a value of this name can reach it: a template or its condition names it, or
   * code of the application runs, which may look at every value}
   */
  public boolean sees(String name) {
    return Uses.readsEverything(this)
        || Uses.of(this).uses().stream().anyMatch(use -> use.name().equals(name));
  }

  /** {@return what commits and reports call it} */
  public String displayTitle() {
    return title == null ? id : title;
  }
}
