package dev.maestro.benchmarks;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** Chains of steps that do nothing, in runs side by side, on a store in a directory. */
final class JournaledMaestro implements Contestant {

  private final Path directory;
  private final int runs;
  private final int steps;
  private final Together callers;
  private final Pipeline pipeline;

  /** Make one that drives so many runs of so many steps at once, which so many threads start. */
  JournaledMaestro(Path directory, int runs, int steps, int threads) {
    this.directory = directory;
    this.callers = new Together(threads);
    this.runs = runs;
    this.steps = steps;
    this.pipeline = Shapes.chain(steps);
  }

  @Override
  public String name() {
    return "Maestro";
  }

  @Override
  public List<Reading> round() throws Exception {
    long all = (long) runs * steps;
    long nanos;
    List<Reading> allocated;
    try (Maestro maestro = open()) {
      Allocation allocation = new Allocation();
      long begin = System.nanoTime();
      complete(maestro);
      nanos = System.nanoTime() - begin;
      allocated = allocation.reading("bytes_per_step", all);
    }
    List<Reading> readings = new ArrayList<>(allocated);
    readings.add(0, Reading.stepsPerSecond(nanos, all));
    readings.add(Reading.journalBytesPerStep(journal(), all));
    Directories.delete(directory);
    return readings;
  }

  /** {@return how many bytes of its journal one step takes; found out by trying} */
  int bytesPerStep() throws Exception {
    try (Maestro maestro = open()) {
      complete(maestro);
    }
    int bytes = (int) (journal() / ((long) runs * steps));
    Directories.delete(directory);
    return bytes;
  }

  private Maestro open() {
    return Shapes.maestro().store(FileStore.at(directory)).slots(runs).build();
  }

  private void complete(Maestro maestro) throws InterruptedException, ExecutionException {
    Run[] all = new Run[runs];
    callers.each(runs, i -> all[i] = maestro.start(pipeline, RunId.of("run-" + i), Inputs.none()));
    for (Run run : all) {
      Shapes.await(run);
    }
  }

  @Override
  public void close() {
    callers.close();
  }

  private long journal() throws IOException {
    return Directories.written(directory.resolve("log"));
  }
}
