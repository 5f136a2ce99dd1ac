package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.failure.TransientException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.process.Threads;
import dev.maestro.store.FileStore;
import dev.maestro.task.AttemptId;
import dev.maestro.task.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.bsc.langgraph4j.CompiledGraph;
import org.bsc.langgraph4j.RunnableConfig;
import org.bsc.langgraph4j.state.AgentState;

/** Tasks that all wait at once: what each takes of the heap, and how late it goes on. */
final class WaitingScenario implements Scenario {

  private static final int TASKS_OF_A_RUN = 1_000;
  private static final int CALLERS = 64;
  private static final String RUN = "run-";

  @Override
  public String name() {
    return "waiting-100k";
  }

  @Override
  public String question() {
    return "100,000 tasks wait at once, for answers or for timers: heap of each, and how late it goes on";
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
    return 1;
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) throws Exception {
    int tasks = size.of(20, 10_000, 100_000);
    int tasksOfARun = Math.min(TASKS_OF_A_RUN, tasks / 2);
    Duration rest = Duration.ofMillis(size.of(300, 3_000, 5_000));
    Path store = directory.resolve("store");
    List<Contestant> all = new ArrayList<>();
    int before = size.of(20, 2_000, 8_000);
    all.add(
        Contestant.of(
            "Maestro",
            () -> {
              // how late a timer is in a JVM that wakes somebody for the first time is not asked
              retries(store, before, rest);
              return retries(store, tasks, rest);
            }));
    all.add(Contestant.of("Maestro, approvals", () -> approvals(store, tasks, 1)));
    all.add(
        Contestant.of(
            "Maestro, approvals, 1,000 a run",
            () -> approvals(store, tasks / tasksOfARun, tasksOfARun)));
    all.add(Contestant.of("future + scheduled executor", () -> futures(tasks, rest)));
    if (Threads.areVirtual()) {
      all.add(Contestant.of("virtual threads", () -> threads(tasks, rest)));
    }
    all.add(Contestant.of("LangGraph4j, interrupted", () -> graphs(tasks)));
    all.add(
        new SleepingDbos(
            directory.resolve("postgres"),
            size.of(5, SleepingDbos.most(), SleepingDbos.most()),
            rest));
    return all;
  }

  // ------------------------------------------------------------------ Maestro

  /** Each run has one step, which fails at first and is tried again after a wait. */
  private static List<Reading> retries(Path directory, int tasks, Duration rest) throws Exception {
    Waiting waiting = new Waiting(tasks, rest);
    Pipeline pipeline =
        Pipeline.named("retries")
            .step(
                "try",
                s ->
                    s.code("fail-once", "1")
                        .attempts(2)
                        .backoff(Backoff.fixed(waiting.pause()))
                        .allowNoOp())
            .build();
    try (Maestro maestro =
        Shapes.maestro()
            .step("fail-once", "1", context -> attempt(waiting, context.attempt()))
            .store(FileStore.at(directory))
            .slots(CALLERS)
            .build()) {
      return waiting.play(
          CALLERS, task -> maestro.start(pipeline, RunId.of(RUN + task), Inputs.none()));
    } finally {
      Directories.delete(directory);
    }
  }

  private static String attempt(Waiting waiting, AttemptId attempt) {
    int task = Integer.parseInt(attempt.key().run().value().substring(RUN.length()));
    if (attempt.number() == 1) {
      waiting.begins(task);
      throw new TransientException("not yet");
    }
    waiting.goesOn(task);
    return "done";
  }

  private static List<Reading> approvals(Path directory, int runs, int tasks) throws Exception {
    PipelineBuilder steps = Pipeline.named("approvals");
    for (int i = 0; i < tasks; i++) {
      steps.step("ask-" + i, s -> s.approval("May it go on?"));
    }
    Pipeline pipeline = steps.build();
    try (Maestro maestro = Shapes.maestro().store(FileStore.at(directory)).build();
        Together callers = new Together(CALLERS)) {
      long before = Heap.used();
      callers.each(
          runs,
          run -> {
            Run started = maestro.start(pipeline, RunId.of(RUN + run), Inputs.none());
            requireWaiting(started.await(), tasks);
          });
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

  // ------------------------------------------------------------------ peers

  private static List<Reading> futures(int tasks, Duration rest) throws Exception {
    Waiting waiting = new Waiting(tasks, rest);
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>(tasks);
      return waiting.play(
          1,
          task -> {
            CompletableFuture<String> future = new CompletableFuture<>();
            all.add(future.thenAccept(said -> waiting.goesOn(task)));
            waiting.begins(task);
            executor.schedule(
                () -> future.complete("late"), waiting.pause().toNanos(), TimeUnit.NANOSECONDS);
          });
    } finally {
      executor.shutdownNow();
    }
  }

  private static List<Reading> threads(int tasks, Duration rest) throws Exception {
    Waiting waiting = new Waiting(tasks, rest);
    return waiting.play(
        1,
        task ->
            Threads.start(
                "waiting-" + task,
                () -> {
                  waiting.begins(task);
                  Waiting.sleepUntil(System.nanoTime() + waiting.pause().toNanos());
                  waiting.goesOn(task);
                }));
  }

  /** Each is a thread of one graph, whose state a saver in memory keeps before the last node. */
  private static List<Reading> graphs(int tasks) throws Exception {
    CompiledGraph<AgentState> graph = Graphs.langGraphInterrupted();
    long before = Heap.used();
    for (int i = 0; i < tasks; i++) {
      graph.invoke(Map.of(), RunnableConfig.builder().threadId(RUN + i).build());
    }
    List<Reading> readings = List.of(heap(Heap.used() - before, tasks));
    if (graph.getState(RunnableConfig.builder().threadId(RUN + 0).build()).next().isEmpty()) {
      throw new IllegalStateException("no graph waits");
    }
    return readings;
  }

  private static Reading heap(long bytes, long tasks) {
    return new Reading("heap_bytes_per_task", "B", (double) bytes / tasks);
  }

  /** Workflows that sleep; DBOS keeps a thread for each, so there are fewer. */
  private static final class SleepingDbos implements Contestant {

    private final int tasks;
    private final Duration rest;
    private final Postgres postgres;
    private final Dbos dbos;
    private volatile Waiting waiting;
    private int round;

    /**
     * {@return how many workflows it has going at once: more of them wait for a thread to begin}
     */
    static int most() {
      return 50 * Runtime.getRuntime().availableProcessors();
    }

    SleepingDbos(Path directory, int tasks, Duration rest) throws Exception {
      this.tasks = tasks;
      this.rest = rest;
      waiting = new Waiting(tasks, rest);
      postgres = Postgres.in(directory);
      dbos = new Dbos(postgres.url(), task -> waiting.goesOn(task));
    }

    @Override
    public String name() {
      return "DBOS Transact, " + tasks + " sleeping";
    }

    @Override
    public List<Reading> round() throws Exception {
      Waiting now = new Waiting(tasks, rest);
      waiting = now;
      round++;
      return now.play(
          CALLERS,
          task -> {
            now.begins(task);
            dbos.startSleeping(RUN + round + "-" + task, now.pause(), task);
          });
    }

    @Override
    public void close() throws IOException {
      dbos.close();
      postgres.close();
    }
  }
}
