package dev.maestro.benchmarks;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Policy;
import dev.failsafe.Timeout;
import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
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
   * Whole steps of Maestro, in memory: it has no breaker, limiter and bulkhead of its own yet, only
   * the place where they will stand.
   */
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
