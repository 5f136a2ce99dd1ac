package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Tasks that all wait at once: what each takes of the heap. */
final class WaitingScenario implements Scenario {

  private static final int TASKS_OF_A_RUN = 1_000;

  @Override
  public String name() {
    return "waiting-100k";
  }

  @Override
  public String question() {
    return "100,000 tasks wait at once, Maestro's for answers of people: heap of each";
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
  public int rounds(Size size) {
    return size.of(1, 1, 3);
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    int runs = size.of(2, 10, 100);
    int tasks = size.of(10, TASKS_OF_A_RUN, TASKS_OF_A_RUN);
    return List.of(
        Contestant.of("Maestro", () -> approvals(directory.resolve("store"), runs, tasks)),
        Contestant.of("future + scheduled executor", () -> futures(runs * tasks)));
  }

  private static List<Reading> approvals(Path directory, int runs, int tasks) throws Exception {
    PipelineBuilder steps = Pipeline.named("approvals");
    for (int i = 0; i < tasks; i++) {
      steps.step("ask-" + i, s -> s.approval("May it go on?"));
    }
    Pipeline pipeline = steps.build();
    try (Maestro maestro = Shapes.maestro().store(FileStore.at(directory)).build()) {
      long before = Heap.used();
      List<Run> all = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        all.add(maestro.start(pipeline, RunId.of("run-" + i), Inputs.none()));
      }
      for (Run run : all) {
        requireWaiting(run.await(), tasks);
      }
      return List.of(heap(Heap.used() - before, (long) runs * tasks));
    } finally {
      Directories.delete(directory);
    }
  }

  private static void requireWaiting(RunResult result, int tasks) {
    if (result.questions().size() != tasks) {
      throw new IllegalStateException("not every task of " + result + " waits");
    }
  }

  private static List<Reading> futures(int tasks) {
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    try {
      long before = Heap.used();
      List<CompletableFuture<String>> all = new ArrayList<>(tasks);
      for (int i = 0; i < tasks; i++) {
        CompletableFuture<String> future = new CompletableFuture<>();
        executor.schedule(() -> future.complete("late"), 1, TimeUnit.HOURS);
        all.add(future);
      }
      Reading reading = heap(Heap.used() - before, all.size());
      return List.of(reading);
    } finally {
      executor.shutdownNow();
    }
  }

  private static Reading heap(long bytes, long tasks) {
    return new Reading("heap_bytes_per_task", "B", (double) bytes / tasks);
  }
}
