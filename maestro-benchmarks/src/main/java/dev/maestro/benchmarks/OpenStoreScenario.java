package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A store with many unfinished runs is opened, and a new run started. */
final class OpenStoreScenario implements Scenario {

  private static final int THREADS = 64;

  @Override
  public String name() {
    return "open-store";
  }

  @Override
  public String question() {
    return "opening a store with many unfinished runs, then the first step of a new one";
  }

  @Override
  public List<String> jvmOptions() {
    return List.of("-Xms4g", "-Xmx4g");
  }

  @Override
  public int warmups(Size size) {
    return 0;
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    int runs = size.of(20, 5_000, 100_000);
    Path store = directory.resolve("store");
    fill(store, runs);
    int[] round = {0};
    return List.of(Contestant.of("Maestro", () -> open(store, round[0]++)));
  }

  private static List<Reading> open(Path store, int round) throws InterruptedException {
    long begin = System.nanoTime();
    try (Maestro maestro = Shapes.maestro().store(FileStore.at(store)).build()) {
      long opened = System.nanoTime();
      Shapes.complete(maestro, Shapes.chain(1), "new-" + round);
      long worked = System.nanoTime();
      return List.of(
          Reading.seconds(opened - begin),
          new Reading("first_step_s", "s", (worked - opened) / 1e9));
    }
  }

  /** Leave runs that wait for an answer, each with about ten events. */
  private static void fill(Path store, int runs) throws Exception {
    PipelineBuilder steps = Pipeline.named("unfinished");
    Pipeline pipeline =
        Shapes.chain(steps, 2, 0).step("ask", s -> s.after("step-1").approval("Go on?")).build();
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Maestro maestro = Shapes.maestro().store(FileStore.at(store)).slots(THREADS).build()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        RunId id = RunId.of("run-" + i);
        all.add(threads.submit(() -> maestro.start(pipeline, id, Inputs.none()).await()));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdown();
    }
  }
}
