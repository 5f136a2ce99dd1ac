package dev.maestro.attempt;

import dev.maestro.failure.PermanentException;
import dev.maestro.policy.Verdict;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The application's interceptors around one attempt, in the order in which its step names them. */
final class Chain {

  private static final Logger LOG = LoggerFactory.getLogger(Interceptor.class);

  private final Registered registered;

  Chain(Registered registered) {
    this.registered = registered;
  }

  /** Ask everyone at this place; the first who does not let the attempt go on decides. */
  void ask(Place place, AttemptContext context) throws InterruptedException {
    for (String name : context.step().interceptors()) {
      Interceptor interceptor = registered.interceptors().get(name);
      if (interceptor == null) {
        throw Registered.missing("interceptor " + name);
      }
      if (interceptor.place() == place) {
        obey(name, answer(name, interceptor, context), context);
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

  private void obey(String name, Verdict verdict, AttemptContext context) {
    if (verdict instanceof Verdict.Degrade degrade) {
      LOG.info("{} of {} goes on with less: {}", name, context.attempt(), degrade.how());
    } else if (verdict instanceof Verdict.Ask ask && context.isApproved(ask)) {
      LOG.debug("{} of {} asked what has been answered already", name, context.attempt());
    } else if (!(verdict instanceof Verdict.Proceed)) {
      throw new StoppedException(verdict);
    }
  }
}
