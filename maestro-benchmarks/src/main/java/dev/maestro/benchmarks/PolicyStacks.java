package dev.maestro.benchmarks;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Policy;
import dev.failsafe.Timeout;
import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Account;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Breaker;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.RateLimit;
import dev.maestro.policy.Reservation;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import dev.maestro.process.Registration;
import dev.maestro.process.Time;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What {@link PoliciesScenario} has JMH measure: retry, breaker, rate limit and bulkhead, from the
 * outermost to the innermost, round something that does nothing.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyStacks {

  /** How many interceptors stand round a step of {@link Steps}; four of them make a stack. */
  static final int INTERCEPTORS = 40;

  private static final int STEPS = 500;
  private static final int PERMITS = 1_000_000_000;
  private static final int AT_ONCE = 25;
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Resilience4j's policies. */
  @State(Scope.Benchmark)
  public static class Resilience4j {

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Object value = new Object();
    private final Supplier<Object> stack = stack();
    private final Callable<Object> timed =
        TimeLimiter.decorateFutureSupplier(TimeLimiter.of(LIMIT), () -> thread.submit(stack::get));

    private Supplier<Object> stack() {
      RateLimiterConfig unlimited =
          RateLimiterConfig.custom().limitForPeriod(PERMITS).limitRefreshPeriod(PERIOD).build();
      Supplier<Object> call = Bulkhead.decorateSupplier(Bulkhead.ofDefaults("b"), () -> value);
      call = RateLimiter.decorateSupplier(RateLimiter.of("l", unlimited), call);
      call = CircuitBreaker.decorateSupplier(CircuitBreaker.ofDefaults("c"), call);
      return Retry.decorateSupplier(Retry.ofDefaults("r"), call);
    }

    /** End the thread. */
    @TearDown
    public void close() {
      thread.shutdown();
    }
  }

  /** Failsafe's policies. */
  @State(Scope.Benchmark)
  public static class FailsafePolicies {

    private final Object value = new Object();
    private final FailsafeExecutor<Object> stack =
        Failsafe.with(
            dev.failsafe.RetryPolicy.ofDefaults(),
            dev.failsafe.CircuitBreaker.ofDefaults(),
            dev.failsafe.RateLimiter.burstyBuilder(PERMITS, PERIOD).build(),
            dev.failsafe.Bulkhead.of(AT_ONCE));
    private final FailsafeExecutor<Object> timed =
        Failsafe.with(
            List.<Policy<Object>>of(
                Timeout.of(LIMIT),
                dev.failsafe.RetryPolicy.ofDefaults(),
                dev.failsafe.CircuitBreaker.ofDefaults(),
                dev.failsafe.RateLimiter.burstyBuilder(PERMITS, PERIOD).build(),
                dev.failsafe.Bulkhead.of(AT_ONCE)));
  }

  /**
   * Maestro's rules, with the state that the engine keeps for them.
   *
   * <p>Time goes on by 20 ms a call, so that sixty calls a second are never reached and the moments
   * of fifty are remembered.
   */
  @State(Scope.Benchmark)
  public static class Rules {

    private static final Duration STEP = Duration.ofMillis(20);

    private final Object value = new Object();
    private final Backoff retry = Backoff.DEFAULT;
    private final Breaker breaker = Breaker.DEFAULT;
    private final RateLimit rate = new RateLimit(60, PERIOD);
    private final Guardrail terms = Guardrail.terms();
    private final Subject prompt = new Subject.Prompt("Make the tests of the parser pass.");
    private final Cap perAttempt = Cap.ofTokens(50_000).usd("0.50");
    private final Usage used = Usage.of(9_000, 1_000, Money.usd("0.05"));
    private final Account step = Account.of("step", Budget.usd("2.00").perAttempt(perAttempt));
    private final Account run = Account.of("run", Budget.ofTokens(400_000).asks());
    private final Time time = Time.system();
    private Breaker.Seen calls = Breaker.Seen.NOTHING;
    private List<Instant> begun = List.of();
    private int busy;
    private Instant now = Instant.EPOCH;

    Object call() {
      now = now.plus(STEP);
      if (breaker.holdsUntil(calls, now).isPresent()
          || rate.holdsUntil(begun, now).isPresent()
          || busy >= AT_ONCE) {
        throw new IllegalStateException("held back");
      }
      begun = rate.begun(begun, now);
      calls = breaker.begun(calls, now);
      busy++;
      Object result = value;
      busy--;
      calls = breaker.ended(calls, now, null);
      return result == null ? retry.after(1, 0.5) : result;
    }

    Object timed() {
      Registration limit = time.after(LIMIT, () -> {});
      Object result = call();
      limit.close();
      return result;
    }

    /** With a list of terms, and a launch that is paid for before it begins and settled after. */
    Object stack() {
      if (terms.check(prompt).orElseThrow().verdict() != Verdict.proceed()) {
        throw new IllegalStateException("blocked");
      }
      List<Account> accounts = List.of(step, run);
      if (!(Reservation.of(accounts, perAttempt, false) instanceof Reservation.Made made)) {
        throw new IllegalStateException("no money");
      }
      Amount reserved = made.amount();
      List<Account> under = List.of(step.reserving(reserved), run.reserving(reserved));
      Object result = call();
      Amount amount = Amount.of(used, STEP);
      boolean over = under.get(0).settled(reserved, amount).isOverrun();
      boolean overAll = under.get(1).settled(reserved, amount).isOverrun();
      return over || overAll ? under : result;
    }

    /** Let go of the clock. */
    @TearDown
    public void close() {
      time.close();
    }
  }

  /** Whole steps of Maestro, in memory. */
  @State(Scope.Benchmark)
  public static class Steps {

    private final Pipeline bare = Shapes.chain(STEPS);
    private final Pipeline intercepted = Shapes.chain(STEPS, INTERCEPTORS);
    private Maestro maestro = open();
    private int run;

    private static Maestro open() {
      return Shapes.maestro().store(InMemoryStore.create()).build();
    }

    void complete(Pipeline pipeline) throws InterruptedException {
      Shapes.complete(maestro, pipeline, "run-" + run++);
    }

    /** Forget the runs, which are kept for as long as a store is. */
    @Setup(Level.Iteration)
    public void forget() {
      maestro.close();
      maestro = open();
    }

    /** Let go of everything. */
    @TearDown
    public void close() {
      maestro.close();
    }
  }

  /** Resilience4j. */
  @Benchmark
  public Object resilience4j(Resilience4j policies) {
    return policies.stack.get();
  }

  /** Resilience4j, which limits the time of futures only, so each call goes over a thread. */
  @Benchmark
  public Object resilience4jTimed(Resilience4j policies) throws Exception {
    return policies.timed.call();
  }

  /** Maestro's rules. */
  @Benchmark
  public Object maestroRules(Rules rules) {
    return rules.call();
  }

  /** Maestro's rules with a time limit round them. */
  @Benchmark
  public Object maestroRulesTimed(Rules rules) {
    return rules.timed();
  }

  /** Maestro's rules with a guardrail and two budgets round them. */
  @Benchmark
  public Object maestroStack(Rules rules) {
    return rules.stack();
  }

  /** Failsafe. */
  @Benchmark
  public Object failsafe(FailsafePolicies policies) {
    return policies.stack.get(() -> policies.value);
  }

  /** Failsafe with a time limit round the rest. */
  @Benchmark
  public Object failsafeTimed(FailsafePolicies policies) {
    return policies.timed.get(() -> policies.value);
  }

  /** Steps without an interceptor. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void step(Steps steps) throws InterruptedException {
    steps.complete(steps.bare);
  }

  /** Steps with {@value #INTERCEPTORS} interceptors that let them pass. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public void interceptedStep(Steps steps) throws InterruptedException {
    steps.complete(steps.intercepted);
  }
}
