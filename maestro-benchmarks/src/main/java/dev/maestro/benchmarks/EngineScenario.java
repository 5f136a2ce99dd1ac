package dev.maestro.benchmarks;

import dev.langchain4j.agentic.UntypedAgent;
import dev.maestro.Maestro;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.InMemoryStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.bsc.langgraph4j.CompiledGraph;
import org.bsc.langgraph4j.GraphStateException;
import org.bsc.langgraph4j.state.AgentState;

/** Steps that do nothing, kept in memory only: what the engine itself costs. */
final class EngineScenario implements Scenario {

  private static final int STEPS = 1_000;

  // named, because on two processors a future that is not told begins a thread for each step
  private static final Executor POOL = ForkJoinPool.commonPool();

  /** How the steps stand to each other. */
  enum Shape {
    CHAIN,
    FANOUT
  }

  private final Shape shape;

  EngineScenario(Shape shape) {
    this.shape = shape;
  }

  @Override
  public String name() {
    return shape == Shape.CHAIN ? "engine-chain" : "engine-fanout";
  }

  @Override
  public String question() {
    return shape == Shape.CHAIN
        ? "a chain of 1,000 steps that do nothing, in memory"
        : "1,000 steps that do nothing between a first and a last, in memory";
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    int repeats = size.of(1, 5, 20);
    int steps = size.of(20, STEPS, STEPS);
    return List.of(
        Contestant.of("Maestro", maestro(steps, repeats)),
        Contestant.of("LangGraph4j", repeated(steps, repeats, langGraph(steps))),
        Contestant.of("LangChain4j agentic", repeated(steps, repeats, langChain(steps))),
        Contestant.of("CompletableFuture", repeated(steps, repeats, () -> futures(steps))));
  }

  private Body langGraph(int steps) throws GraphStateException {
    CompiledGraph<AgentState> graph =
        shape == Shape.CHAIN ? Graphs.langGraphChain(steps) : Graphs.langGraphFanOut(steps);
    return () -> graph.invoke(Map.of());
  }

  private Body langChain(int steps) {
    UntypedAgent agent =
        shape == Shape.CHAIN ? Graphs.langChainSequence(steps) : Graphs.langChainParallel(steps);
    return () -> agent.invoke(Map.of());
  }

  private Contestant.Work maestro(int steps, int repeats) {
    Pipeline pipeline = shape == Shape.CHAIN ? Shapes.chain(steps) : Shapes.fanOut(steps);
    return () -> {
      try (Maestro maestro = Shapes.maestro().store(InMemoryStore.create()).build()) {
        int[] run = {0};
        return repeated(steps, repeats, () -> Shapes.complete(maestro, pipeline, "run-" + run[0]++))
            .round();
      }
    };
  }

  /** Something that is done several times in one round. */
  private interface Body {
    void run() throws Exception;
  }

  private static Contestant.Work repeated(int steps, int repeats, Body body) {
    return () -> {
      Allocation allocation = new Allocation();
      long begin = System.nanoTime();
      for (int i = 0; i < repeats; i++) {
        body.run();
      }
      long nanos = System.nanoTime() - begin;
      long all = (long) steps * repeats;
      List<Reading> readings = new ArrayList<>(List.of(Reading.microsPerStep(nanos, all)));
      readings.addAll(allocation.reading("bytes_per_step", all));
      return readings;
    };
  }

  private void futures(int steps) {
    CompletableFuture<Void> first = CompletableFuture.runAsync(EngineScenario::nothing, POOL);
    if (shape == Shape.CHAIN) {
      CompletableFuture<Void> last = first;
      for (int i = 1; i < steps; i++) {
        last = last.thenRunAsync(EngineScenario::nothing, POOL);
      }
      last.join();
    } else {
      CompletableFuture.allOf(
              IntStream.range(0, steps)
                  .mapToObj(i -> first.thenRunAsync(EngineScenario::nothing, POOL))
                  .toArray(CompletableFuture<?>[]::new))
          .thenRunAsync(EngineScenario::nothing, POOL)
          .join();
    }
  }

  private static void nothing() {}
}
