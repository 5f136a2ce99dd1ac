package dev.maestro.benchmarks;

import dev.failsafe.Bulkhead;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.Timeout;
import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Retry, breaker, rate limit and bulkhead round something that does nothing.
 *
 * <p>Maestro has no breaker, limiter and bulkhead of its own yet. What is measured of it is a whole
 * step, from decision to journal in memory, bare and with four interceptors that let it pass.
 */
final class PoliciesScenario implements Scenario {

  private static final int PERMITS = 1_000_000_000;
  private static final int STEPS = 500;

  @Override
  public String name() {
    return "policies";
  }

  @Override
  public String question() {
    return "four policies round something that does nothing; of Maestro a whole step with four interceptors";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    int calls = size.of(1_000, 500_000, 3_000_000);
    int slowCalls = Math.max(1_000, calls / 20);
    List<Contestant> all = new ArrayList<>();
    all.add(maestro("Maestro", 4, size.of(1, 4, 20)));
    all.add(maestro("Maestro without interceptors", 0, size.of(1, 4, 20)));
    all.add(contestant("Resilience4j", resilience(), calls));
    all.add(new TimeLimited(slowCalls));
    all.add(contestant("Failsafe", failsafe(), calls));
    all.add(contestant("Failsafe with time limit", failsafeTimed(), slowCalls));
    return all;
  }

  private static Contestant maestro(String name, int interceptors, int repeats) {
    Pipeline pipeline = Shapes.chain(STEPS, interceptors);
    return Contestant.of(
        name,
        () -> {
          try (Maestro maestro = Shapes.maestro().store(InMemoryStore.create()).build()) {
            Allocation allocation = new Allocation();
            long begin = System.nanoTime();
            for (int i = 0; i < repeats; i++) {
              Shapes.complete(maestro, pipeline, "run-" + i);
            }
            return readings(System.nanoTime() - begin, allocation, (long) STEPS * repeats);
          }
        });
  }

  private static Contestant contestant(String name, Supplier<Object> call, int calls) {
    return Contestant.of(
        name,
        () -> {
          Allocation allocation = new Allocation();
          long begin = System.nanoTime();
          for (int i = 0; i < calls; i++) {
            call.get();
          }
          return readings(System.nanoTime() - begin, allocation, calls);
        });
  }

  private static List<Reading> readings(long nanos, Allocation allocation, long calls) {
    return List.of(
        new Reading("ns_per_call", "ns", (double) nanos / calls),
        new Reading("bytes_per_call", "B", (double) allocation.bytes() / calls));
  }

  private static Supplier<Object> resilience() {
    Supplier<Object> call = () -> "done";
    call =
        io.github.resilience4j.bulkhead.Bulkhead.decorateSupplier(
            io.github.resilience4j.bulkhead.Bulkhead.ofDefaults("b"), call);
    call = RateLimiter.decorateSupplier(RateLimiter.of("l", unlimited()), call);
    call = CircuitBreaker.decorateSupplier(CircuitBreaker.ofDefaults("c"), call);
    return Retry.decorateSupplier(Retry.ofDefaults("r"), call);
  }

  private static RateLimiterConfig unlimited() {
    return RateLimiterConfig.custom()
        .limitForPeriod(PERMITS)
        .limitRefreshPeriod(Duration.ofSeconds(1))
        .build();
  }

  private static Supplier<Object> failsafe() {
    FailsafeExecutor<Object> executor =
        Failsafe.with(
            dev.failsafe.RetryPolicy.ofDefaults(),
            dev.failsafe.CircuitBreaker.ofDefaults(),
            dev.failsafe.RateLimiter.burstyBuilder(PERMITS, Duration.ofSeconds(1)).build(),
            Bulkhead.of(25));
    return () -> executor.get(() -> "done");
  }

  private static Supplier<Object> failsafeTimed() {
    FailsafeExecutor<Object> executor =
        Failsafe.with(
            dev.failsafe.RetryPolicy.ofDefaults(),
            dev.failsafe.CircuitBreaker.ofDefaults(),
            dev.failsafe.RateLimiter.burstyBuilder(PERMITS, Duration.ofSeconds(1)).build(),
            Bulkhead.of(25),
            Timeout.of(Duration.ofSeconds(10)));
    return () -> executor.get(() -> "done");
  }

  /** Resilience4j limits the time of futures only, so each call goes over a thread. */
  private static final class TimeLimited implements Contestant {

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final TimeLimiter limiter = TimeLimiter.of(Duration.ofSeconds(10));
    private final Supplier<Object> policies = resilience();
    private final int calls;

    TimeLimited(int calls) {
      this.calls = calls;
    }

    @Override
    public String name() {
      return "Resilience4j with time limit";
    }

    @Override
    public List<Reading> round() throws Exception {
      Callable<Object> timed =
          TimeLimiter.decorateFutureSupplier(limiter, () -> thread.submit(policies::get));
      Allocation allocation = new Allocation();
      long begin = System.nanoTime();
      for (int i = 0; i < calls; i++) {
        timed.call();
      }
      return readings(System.nanoTime() - begin, allocation, calls);
    }

    @Override
    public void close() {
      thread.shutdown();
    }
  }
}
