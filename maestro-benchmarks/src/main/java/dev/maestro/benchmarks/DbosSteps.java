package dev.maestro.benchmarks;

import dev.dbos.transact.workflow.WorkflowHandle;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * DBOS Transact on a PostgreSQL of its own that syncs at each commit: workflows of steps that do
 * nothing.
 */
final class DbosSteps implements Contestant {

  private final Postgres postgres;
  private final Dbos dbos;
  private final Together callers;
  private final int runs;
  private final int steps;
  private int round;

  /** Start the database, and DBOS on it, whose workflows so many threads start. */
  DbosSteps(Path directory, int runs, int steps, int threads) throws IOException, SQLException {
    this.runs = runs;
    this.steps = steps;
    postgres = Postgres.in(directory);
    dbos = new Dbos(postgres.url(), number -> {});
    callers = new Together(threads);
  }

  @Override
  public String name() {
    return "DBOS Transact";
  }

  @Override
  public List<Reading> round() throws InterruptedException, ExecutionException {
    round++;
    long begin = System.nanoTime();
    complete();
    return List.of(Reading.stepsPerSecond(System.nanoTime() - begin, (long) runs * steps));
  }

  private void complete() throws InterruptedException, ExecutionException {
    WorkflowHandle<?, ?>[] all = new WorkflowHandle<?, ?>[runs];
    callers.each(runs, i -> all[i] = dbos.start("run-" + round + "-" + i, steps));
    callers.each(runs, i -> all[i].getResult());
  }

  @Override
  public void close() throws IOException {
    callers.close();
    dbos.close();
    postgres.close();
  }
}
