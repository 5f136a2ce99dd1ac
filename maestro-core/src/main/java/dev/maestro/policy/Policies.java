package dev.maestro.policy;

import dev.maestro.workspace.PathGlobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a step, or a pipeline for all of its steps, may switch on. Data, the same in
 * Java, YAML and JSON; nothing is on unless it is said.
 *
 * <p>What a pipeline, or a step that others are inside of, switches on holds for every step in it:
 * its guardrails are asked before the step's own; of the other rules there is one, and the step's
 * own goes before that of what is around it.
 *
 * @param guardrails asked in this order
 * @param confidence how far work must be relied on, or null for any way
 * @param ladder which routes are tried one after the other, and who in the end, or null for none
 * @param breaker what ends attempts that get nowhere, or null for their number alone
 * @param until how an agent says that it is done, or null when it need not
 * @param budget how much may be used up, or null for any amount
 * @param oversight what people have to say
 * @param evalGate how far a score may drop, or null when nothing is scored
 * @param retries how many attempts may follow failed ones by cause, or null for any number
 * @param failureWindow how fast failures may come before the run pauses, or null for any rate
 * @param resume when it goes on after a quota was used up, or null for as its provider's limits say
 * @param fallback who carries it out when whoever should cannot, or null for nobody else
 * @param handOff when a conversation is ended and a new one begun, or null for never
 */
public record Policies(
    List<Guardrail> guardrails,
    @Nullable Confidence confidence,
    @Nullable Ladder ladder,
    @Nullable LoopBreaker breaker,
    @Nullable Until until,
    @Nullable Budget budget,
    Oversight oversight,
    @Nullable EvalGate evalGate,
    @Nullable Retries retries,
    @Nullable FailureWindow failureWindow,
    @Nullable Resume resume,
    @Nullable Fallback fallback,
    @Nullable HandOff handOff) {

  /** Nothing is switched on: no rule is asked, and nothing more is recorded. */
  public static final Policies NONE =
      new Policies(
          List.of(),
          null,
          null,
          null,
          null,
          null,
          Oversight.NONE,
          null,
          null,
          null,
          null,
          null,
          null);

  /** Copy the list. */
  public Policies {
    guardrails = List.copyOf(guardrails);
    Objects.requireNonNull(oversight, "oversight");
  }

  /** {@return these, and this guardrail after the others} */
  public Policies guard(Guardrail guardrail) {
    return guardrails(concat(guardrails, List.of(guardrail)));
  }

  /** {@return these, with just these guardrails} */
  public Policies guardrails(List<Guardrail> others) {
    return with(c -> c.guardrails = others);
  }

  /** {@return these, with this oversight instead} */
  public Policies oversight(Oversight other) {
    return with(c -> c.oversight = other);
  }

  /** {@return these with this rule of confidence} */
  public Policies confidence(Confidence rule) {
    return with(c -> c.confidence = rule);
  }

  /** {@return these with this ladder} */
  public Policies ladder(Ladder rule) {
    return with(c -> c.ladder = rule);
  }

  /** {@return these with this breaker} */
  public Policies breaker(LoopBreaker rule) {
    return with(c -> c.breaker = rule);
  }

  /** {@return these with this way to say that it is done} */
  public Policies until(Until rule) {
    return with(c -> c.until = rule);
  }

  /** {@return these with this eval gate} */
  public Policies evalGate(EvalGate rule) {
    return with(c -> c.evalGate = rule);
  }

  /** {@return these with these ceilings of attempts by cause} */
  public Policies retries(Retries rule) {
    return with(c -> c.retries = rule);
  }

  /** {@return these with this failure window, instead of the one there was} */
  public Policies failureWindow(@Nullable FailureWindow rule) {
    return with(c -> c.failureWindow = rule);
  }

  /** {@return these, going on like this after a quota was used up} */
  public Policies resume(Resume how) {
    return with(c -> c.resume = how);
  }

  /** {@return these with this budget, instead of the one there was} */
  public Policies budget(@Nullable Budget limits) {
    return with(c -> c.budget = limits);
  }

  /** {@return these with these routes to fall back to} */
  public Policies fallback(Fallback rule) {
    return with(c -> c.fallback = rule);
  }

  /** {@return these with this hand-off of full conversations} */
  public Policies handOff(HandOff rule) {
    return with(c -> c.handOff = rule);
  }

  private Policies with(Consumer<Copy> change) {
    Copy copy = new Copy(this);
    change.accept(copy);
    return copy.policies();
  }

  /** {@return what counts over all elements of a list, without what is asked of each attempt} */
  public Policies ofAll() {
    return budget == null && failureWindow == null
        ? NONE
        : NONE.budget(budget).failureWindow(failureWindow);
  }

  /** {@return what is asked of each element of a list, without what counts over all of them} */
  public Policies ofEach() {
    return budget == null && failureWindow == null ? this : budget(null).failureWindow(null);
  }

  /** {@return how much may be used up, if that is limited here} */
  public Optional<Budget> limits() {
    return Optional.ofNullable(budget);
  }

  /** {@return how far work must be relied on, if that is said} */
  public Optional<Confidence> confidenceRule() {
    return Optional.ofNullable(confidence);
  }

  /** {@return the ladder, if there is one} */
  public Optional<Ladder> ladderRule() {
    return Optional.ofNullable(ladder);
  }

  /** {@return the breaker, if there is one} */
  public Optional<LoopBreaker> breakerRule() {
    return Optional.ofNullable(breaker);
  }

  /** {@return how an agent says that it is done, if it has to} */
  public Optional<Until> untilRule() {
    return Optional.ofNullable(until);
  }

  /** {@return how far a score may drop, if something is scored} */
  public Optional<EvalGate> evalGateRule() {
    return Optional.ofNullable(evalGate);
  }

  /** {@return the ceilings of attempts by cause, if there are any} */
  public Optional<Retries> retriesRule() {
    return Optional.ofNullable(retries);
  }

  /** {@return the failure window, if there is one} */
  public Optional<FailureWindow> failureWindowRule() {
    return Optional.ofNullable(failureWindow);
  }

  /** {@return when it goes on after a quota was used up, if that is said} */
  public Optional<Resume> resumeRule() {
    return Optional.ofNullable(resume);
  }

  /** {@return the routes to fall back to, in order; maybe none} */
  public List<String> fallbacks() {
    return fallback == null ? List.of() : fallback.routes();
  }

  /** {@return when a conversation is handed off, if it is} */
  public Optional<HandOff> handOffRule() {
    return Optional.ofNullable(handOff);
  }

  /** {@return whether nothing is switched on} */
  public boolean isNone() {
    return this == NONE || equals(NONE);
  }

  /** {@return what holds for a step inside: these and those of the step} */
  public Policies and(Policies inner) {
    if (inner.isNone()) {
      return this;
    }
    return isNone() ? inner : with(c -> c.goInside(inner));
  }

  /** {@return the names of the judges that are asked} */
  public List<String> judges() {
    List<String> judges = confidence == null ? List.of() : confidence.judges();
    return evalGate == null ? judges : concat(judges, List.of(evalGate.scoredBy()));
  }

  /** {@return whether any of them looks at the lines that were changed} */
  public boolean readLines() {
    return guardrails.stream()
        .anyMatch(
            one ->
                one instanceof SecretGuard
                    || one instanceof WriteGuard writes && writes.lines() != null);
  }

  /** {@return whether any of them looks for words in what an agent says last} */
  public boolean readWords() {
    return until != null || confidence != null;
  }

  /** {@return whether secrets of known shapes are taken out of what is stored} */
  public boolean hideSecrets() {
    for (int i = 0; i < guardrails.size(); i++) {
      if (guardrails.get(i) instanceof SecretGuard) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether a secret in a prompt is taken out of it before it is sent} */
  public boolean redactPrompts() {
    return guardrails.stream()
        .anyMatch(one -> one instanceof SecretGuard secrets && !secrets.refuses());
  }

  /** {@return the files that are not to be changed} */
  public PathGlobs protectedPaths() {
    return new PathGlobs(
        guardrails.stream()
            .filter(PathGuard.class::isInstance)
            .flatMap(one -> ((PathGuard) one).protectedPaths().patterns().stream())
            .distinct()
            .toList());
  }

  private static <T> List<T> concat(List<T> some, List<T> more) {
    List<T> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  /** The same rules once more, of which some may be replaced. */
  private static final class Copy {

    private List<Guardrail> guardrails;
    private @Nullable Confidence confidence;
    private @Nullable Ladder ladder;
    private @Nullable LoopBreaker breaker;
    private @Nullable Until until;
    private @Nullable Budget budget;
    private Oversight oversight;
    private @Nullable EvalGate evalGate;
    private @Nullable Retries retries;
    private @Nullable FailureWindow failureWindow;
    private @Nullable Resume resume;
    private @Nullable Fallback fallback;
    private @Nullable HandOff handOff;

    private Copy(Policies of) {
      guardrails = of.guardrails;
      confidence = of.confidence;
      ladder = of.ladder;
      breaker = of.breaker;
      until = of.until;
      budget = of.budget;
      oversight = of.oversight;
      evalGate = of.evalGate;
      retries = of.retries;
      failureWindow = of.failureWindow;
      resume = of.resume;
      fallback = of.fallback;
      handOff = of.handOff;
    }

    private void goInside(Policies inner) {
      guardrails = concat(guardrails, inner.guardrails);
      oversight = oversight.and(inner.oversight);
      confidence = inner.confidence == null ? confidence : inner.confidence;
      ladder = inner.ladder == null ? ladder : inner.ladder;
      breaker = inner.breaker == null ? breaker : inner.breaker;
      until = inner.until == null ? until : inner.until;
      budget = inner.budget == null ? budget : inner.budget;
      evalGate = inner.evalGate == null ? evalGate : inner.evalGate;
      retries = inner.retries == null ? retries : inner.retries;
      failureWindow = inner.failureWindow == null ? failureWindow : inner.failureWindow;
      resume = inner.resume == null ? resume : inner.resume;
      fallback = inner.fallback == null ? fallback : inner.fallback;
      handOff = inner.handOff == null ? handOff : inner.handOff;
    }

    private Policies policies() {
      return new Policies(
          guardrails,
          confidence,
          ladder,
          breaker,
          until,
          budget,
          oversight,
          evalGate,
          retries,
          failureWindow,
          resume,
          fallback,
          handOff);
    }
  }
}
