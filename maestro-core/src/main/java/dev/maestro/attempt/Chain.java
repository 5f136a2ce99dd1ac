package dev.maestro.attempt;

import dev.maestro.approval.Shown;
import dev.maestro.failure.PermanentException;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules around one attempt: at each place first the policies, then the application's
 * interceptors in the order in which the step names them.
 */
final class Chain {

  private static final Logger LOG = LoggerFactory.getLogger(Interceptor.class);

  private final Registered registered;

  Chain(Registered registered) {
    this.registered = registered;
  }

  /** Ask everyone at this place; the first who does not let the attempt go on decides. */
  void ask(Place place, AttemptContext context) throws InterruptedException {
    if (!context.policies().isNone()) {
      guard(place, context);
    }
    intercept(place, context);
  }

  private static void guard(Place place, AttemptContext context) throws InterruptedException {
    Optional<Subject> subject = context.subject(place);
    if (subject.isEmpty()) {
      return;
    }
    for (Guardrail guardrail : context.policies().guardrails()) {
      Optional<Finding> finding = guardrail.check(subject.get());
      if (finding.isPresent()) {
        obey(guardrail.rule(), place, bound(finding.get(), place, context), context);
      }
    }
  }

  private void intercept(Place place, AttemptContext context) throws InterruptedException {
    for (String name : context.step().interceptors()) {
      Interceptor interceptor = registered.interceptors().get(name);
      if (interceptor == null) {
        throw Registered.missing("interceptor " + name);
      }
      if (interceptor.place() == place) {
        Verdict verdict = answer(name, interceptor, context);
        obey(name, place, bound(Finding.of(verdict), place, context), context);
      }
    }
  }

  private static Verdict answer(String name, Interceptor interceptor, AttemptContext context)
      throws InterruptedException {
    try {
      Verdict verdict =
          Interruptible.call(context.cancellation(), () -> interceptor.before(context));
      return Objects.requireNonNull(verdict, () -> "the interceptor " + name + " said nothing");
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new PermanentException("the interceptor " + name + " failed: " + e, e);
    }
  }

  /** Do as a policy says that stands where the gates have passed. */
  void obey(String name, Finding finding, AttemptContext context) {
    obey(name, Place.CONFIDENCE, finding, context);
  }

  /** A yes is about what is at hand at that place, and says nothing about anything else. */
  private static Finding bound(Finding finding, Place place, AttemptContext context)
      throws InterruptedException {
    if (!(finding.verdict() instanceof Verdict.Ask ask) || ask.shown() != null) {
      return finding;
    }
    Optional<Shown> atHand = context.atHand(place);
    return atHand.isEmpty()
        ? finding
        : new Finding(
            new Verdict.Ask(ask.reason(), ask.question(), atHand.get()), finding.numbers());
  }

  static void obey(String name, Place place, Finding finding, AttemptContext context) {
    Verdict verdict = finding.verdict();
    context.judge(Judgment.of(name, place, verdict, finding.numbers()));
    if (verdict instanceof Verdict.Degrade degrade) {
      LOG.info("{} of {} goes on with less: {}", name, context.attempt(), degrade.how());
    } else if (verdict instanceof Verdict.Ask ask && context.isApproved(ask)) {
      LOG.debug("{} of {} asked what has been answered already", name, context.attempt());
    } else if (!(verdict instanceof Verdict.Proceed)) {
      throw new StoppedException(context.hiding(verdict));
    }
  }
}
