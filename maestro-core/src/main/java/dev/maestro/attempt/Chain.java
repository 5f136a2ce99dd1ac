package dev.maestro.attempt;

import dev.maestro.approval.Shown;
import dev.maestro.failure.PermanentException;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Place;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules around one attempt: at each place first the policies, then the application's
 * interceptors in the order in which the step names them.
 */
final class Chain {

  private final Registered registered;

  Chain(Registered registered) {
    this.registered = registered;
  }

  /** Ask everyone at this place; the first who does not let the attempt go on decides. */
  void ask(Place place, AttemptContext context) throws InterruptedException {
    each(place, context, (name, finding) -> obey(name, place, finding, context));
  }

  /**
   * Ask everyone at this place about something that is there. Who wants a person asked does not
   * keep the others from being asked: after a yes it goes on.
   *
   * @return what a person has to say
   * @throws StoppedException when one refuses it
   */
  Optional<Verdict.Ask> doubts(Place place, AttemptContext context) throws InterruptedException {
    List<Verdict.Ask> all = new ArrayList<>();
    each(
        place,
        context,
        (name, finding) -> {
          try {
            obey(name, place, finding, context);
          } catch (StoppedException e) {
            if (!(e.verdict() instanceof Verdict.Ask ask)) {
              throw e;
            }
            all.add(ask);
          }
        });
    return all.size() < 2 ? all.stream().findFirst() : Optional.of(all(all));
  }

  private static Verdict.Ask all(List<Verdict.Ask> asks) {
    String questions = asks.stream().map(Verdict.Ask::question).collect(Collectors.joining("\n"));
    List<Shown> shown = new ArrayList<>();
    for (Verdict.Ask ask : asks) {
      if (ask.shown() != null && !shown.contains(ask.shown())) {
        shown.add(ask.shown());
      }
    }
    return new Verdict.Ask(asks.get(0).reason(), questions, together(shown));
  }

  private static @Nullable Shown together(List<Shown> all) {
    if (all.size() < 2) {
      return all.isEmpty() ? null : all.get(0);
    }
    return Shown.of(
        all.stream().map(Shown::text).collect(Collectors.joining("\n")),
        all.stream().map(Shown::hash).toList());
  }

  private void each(Place place, AttemptContext context, BiConsumer<String, Finding> then)
      throws InterruptedException {
    if (!context.policies().isNone()) {
      guard(place, context, then);
    }
    intercept(place, context, then);
  }

  private static void guard(Place place, AttemptContext context, BiConsumer<String, Finding> then)
      throws InterruptedException {
    Optional<Subject> subject = context.subject(place);
    if (subject.isEmpty()) {
      return;
    }
    for (Guardrail guardrail : context.policies().guardrails()) {
      Optional<Finding> finding = guardrail.check(subject.get());
      if (finding.isPresent()) {
        then.accept(guardrail.rule(), bound(finding.get(), place, context));
      }
    }
  }

  private void intercept(Place place, AttemptContext context, BiConsumer<String, Finding> then)
      throws InterruptedException {
    List<String> names = context.step().interceptors();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      Interceptor interceptor = registered.interceptors().get(name);
      if (interceptor == null) {
        throw Registered.missing("interceptor " + name);
      }
      if (interceptor.place() == place) {
        Verdict verdict = answer(name, interceptor, context);
        then.accept(name, bound(Finding.of(verdict), place, context));
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
      log().info("{} of {} goes on with less: {}", name, context.attempt(), degrade.how());
    } else if (verdict instanceof Verdict.Ask ask && context.isApproved(ask)) {
      log().debug("{} of {} asked what has been answered already", name, context.attempt());
    } else if (!(verdict instanceof Verdict.Proceed)) {
      throw new StoppedException(context.hiding(verdict));
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(Interceptor.class);
  }
}
