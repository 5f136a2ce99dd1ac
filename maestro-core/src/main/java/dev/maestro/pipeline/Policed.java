package dev.maestro.pipeline;

import dev.maestro.approval.Asking;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Confidence;
import dev.maestro.policy.EvalGate;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Fallback;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.HandOff;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.LoopBreaker;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Policies;
import dev.maestro.policy.Resume;
import dev.maestro.policy.Retries;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Until;
import java.util.Objects;

/**
 * What can be switched on for a step, and in the same words for a pipeline.
 *
 * <p>What is said of a pipeline holds for each of its steps, and what is said of a step that others
 * are inside of for each of these: guardrails are asked from the outermost on, and of every other
 * rule there is one, the innermost that is said. Nothing is on unless it is said; how rules of
 * several levels go together is on {@link Policies}.
 *
 * @param <B> the builder itself
 */
public abstract sealed class Policed<B extends Policed<B>> permits StepBuilder, PipelineBuilder {

  private Policies policies = Policies.NONE;

  Policed() {}

  abstract B self();

  /** Ask this guardrail before, while and after work is done, after those named before. */
  public B guard(Guardrail guardrail) {
    return policies(policies.guard(guardrail));
  }

  /** Let work that cannot be relied on not pass: see {@link Confidence}; any passes unless set. */
  public B confidence(Confidence rule) {
    return policies(policies.confidence(Objects.requireNonNull(rule, "confidence")));
  }

  /** Try these routes one after the other, and a person in the end: see {@link Ladder}. */
  public B ladder(Ladder rule) {
    return policies(policies.ladder(Objects.requireNonNull(rule, "ladder")));
  }

  /** End attempts that get nowhere: see {@link LoopBreaker}. */
  public B breaker(LoopBreaker rule) {
    return policies(policies.breaker(Objects.requireNonNull(rule, "breaker")));
  }

  /**
   * Score the work, and halt when it is much worse than what is usual: see {@link EvalGate};
   * nothing is scored unless set.
   */
  public B evalGate(EvalGate rule) {
    return policies(policies.evalGate(Objects.requireNonNull(rule, "evalGate")));
  }

  /** Let an agent go on until it says that it is done: see {@link Until}. */
  public B until(Until rule) {
    return policies(policies.until(Objects.requireNonNull(rule, "until")));
  }

  /** Let only so many attempts follow failed ones, by cause: see {@link Retries}. */
  public B retries(Retries rule) {
    return policies(policies.retries(Objects.requireNonNull(rule, "retries")));
  }

  /**
   * Pause the run when attempts fail too fast, of whatever is inside together: see {@link
   * FailureWindow}.
   *
   * <p>With {@link StepBuilder#forEach}, those of all elements count together.
   */
  public B failureWindow(FailureWindow rule) {
    return policies(policies.failureWindow(Objects.requireNonNull(rule, "failureWindow")));
  }

  /**
   * Go on like this when the quota of a provider is back, whatever {@code MaestroBuilder.limit}
   * says of the provider.
   */
  public B resume(Resume how) {
    return policies(policies.resume(Objects.requireNonNull(how, "resume")));
  }

  /**
   * Let everything inside use up this much in all, a step with all its attempts, a pipeline in each
   * of its runs; any amount unless set.
   *
   * <p>With {@link StepBuilder#forEach}, that is for all elements together.
   */
  public B budget(Budget limits) {
    return policies(policies.budget(limits));
  }

  /** Let others carry it out when whoever should cannot: see {@link Fallback}; none unless set. */
  public B fallback(String first, String... others) {
    return policies(policies.fallback(Fallback.to(first, others)));
  }

  /**
   * Begin a new conversation where the one there is has been filled to so many percent: see {@link
   * HandOff}; as the persona says unless set.
   */
  public B handOff(int percent) {
    return policies(policies.handOff(HandOff.at(percent)));
  }

  /** Have people agree to work as early as its risk wants; nobody is asked unless set. */
  public B signOff(Tiers tiers) {
    return oversight(policies.oversight().tiers(tiers));
  }

  /**
   * Choose the tiers, and whether failed work is put away, by how much is to be done without
   * people.
   */
  public B autonomy(AutonomyLevel level) {
    return oversight(policies.oversight().autonomy(level));
  }

  /** Have work looked at, after its gates, before it is accepted: READY_FOR_REVIEW until then. */
  public B review() {
    return oversight(policies.oversight().reviewed());
  }

  /** Ask questions this way: how long they wait, and how many have to say yes. */
  public B asking(Asking how) {
    return oversight(policies.oversight().asking(how));
  }

  /** Switch on just these; {@link Policies#NONE} unless set. */
  public B policies(Policies all) {
    policies = Objects.requireNonNull(all, "policies");
    return self();
  }

  B oversight(Oversight all) {
    return policies(policies.oversight(all));
  }

  /** {@return what is switched on so far} */
  Policies policies() {
    return policies;
  }
}
