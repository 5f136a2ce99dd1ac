package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.RunOptions;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Priority;
import dev.maestro.task.RunId;
import dev.maestro.task.Tenant;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A store with many unfinished runs is opened, and what was interrupted goes on. */
final class OpenStoreScenario implements Scenario {

  private static final int THREADS = 64;
  private static final int URGENT_STEPS = 100;
  private static final String CODE = "interrupted";

  @Override
  public String name() {
    return "open-store";
  }

  @Override
  public String question() {
    return "opening a store with 100,000 unfinished runs and 1,000,000 events, and going on";
  }

  @Override
  public List<String> jvmOptions() {
    return List.of("-Xms4g", "-Xmx4g");
  }

  @Override
  public int warmups(Size size) {
    // what can be warm is the files' cache
    return size.of(0, 1, 1);
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    Path store = directory.resolve("store");
    fill(store, size.of(20, 5_000, 100_000));
    return List.of(Contestant.of("Maestro", () -> open(store)));
  }

  /** An application opens its store once, and cold: each round has a JVM of its own. */
  private static List<Reading> open(Path store) throws Exception {
    List<String> command = ClassPath.java("-Xms4g", "-Xmx4g");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(OpenStoreMain.class.getName(), store.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("opening the store failed: " + said);
    }
    String[] nanos =
        said.strip().lines().reduce((first, second) -> second).orElseThrow().split(" ");
    return List.of(
        Reading.seconds(Long.parseLong(nanos[0])),
        new Reading("first_dispatch_s", "s", Long.parseLong(nanos[1]) / 1e9),
        new Reading("all_recovered_s", "s", Long.parseLong(nanos[2]) / 1e9));
  }

  /** Open it, and go on; prints how many nanoseconds each took. */
  static void openHere(Path store) throws Exception {
    Step step = new Step(1);
    long begin = System.nanoTime();
    try (Maestro maestro = maestro(store, step)) {
      long opened = System.nanoTime();
      maestro.recover();
      long recovered = System.nanoTime();
      long dispatched = step.first.get();
      step.isBlocked.await();
      System.out.println(
          (opened - begin) + " " + (dispatched - opened) + " " + (recovered - opened));
    }
  }

  private static Maestro maestro(Path store, Step step) {
    return Shapes.maestro()
        .step(CODE, "1", context -> step.run())
        .store(FileStore.at(store))
        .slots(THREADS)
        .build();
  }

  /** Leave runs that wait for an answer, each with ten events, and one that is at work. */
  private static void fill(Path store, int runs) throws Exception {
    Pipeline pipeline =
        Shapes.chain(Pipeline.named("unfinished"), 3, 0)
            .step("ask", s -> s.after("step-2").approval("Go on?"))
            .build();
    Step step = new Step(0);
    try (Maestro maestro = maestro(store, step);
        Together callers = new Together(THREADS)) {
      callers.each(runs, i -> maestro.start(pipeline, RunId.of("run-" + i), Inputs.none()).await());
      maestro.start(urgent(), RunId.of("urgent"), Inputs.none(), first());
      step.isBlocked.await();
    }
  }

  private static RunOptions first() {
    return RunOptions.of(Tenant.DEFAULT, Actor.APPLICATION).priority(Priority.of(1));
  }

  /** Each opening takes one step to its end and is closed during the next. */
  private static Pipeline urgent() {
    PipelineBuilder pipeline = Pipeline.named("urgent");
    for (int i = 0; i < URGENT_STEPS; i++) {
      String[] before = i == 0 ? new String[0] : new String[] {"step-" + (i - 1)};
      pipeline.step(
          "step-" + i,
          s -> s.code(CODE, "1").after(before).attempts(2).backoff(Backoff.NONE).allowNoOp());
    }
    return pipeline.build();
  }

  /** Ends so many times, notes when it first began, and then blocks until it is interrupted. */
  private static final class Step {

    final CompletableFuture<Long> first = new CompletableFuture<>();
    final CountDownLatch isBlocked = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);
    private final AtomicInteger endsLeft;

    Step(int ends) {
      endsLeft = new AtomicInteger(ends);
    }

    @Nullable Object run() throws InterruptedException {
      first.complete(System.nanoTime());
      if (endsLeft.getAndDecrement() > 0) {
        return null;
      }
      isBlocked.countDown();
      never.await();
      return null;
    }
  }
}
