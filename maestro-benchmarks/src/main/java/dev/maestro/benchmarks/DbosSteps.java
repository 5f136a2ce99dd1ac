package dev.maestro.benchmarks;

import dev.dbos.transact.DBOS;
import dev.dbos.transact.StartWorkflowOptions;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;
import dev.dbos.transact.workflow.WorkflowHandle;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * DBOS Transact on a PostgreSQL of its own that syncs at each commit: workflows of steps that do
 * nothing.
 */
final class DbosSteps implements Contestant {

  private final EmbeddedPostgres postgres;
  private final DBOS dbos;
  private final Chain chain;
  private final int runs;
  private final int steps;
  private int round;

  /** A workflow. */
  public interface Chain {

    /** Take so many steps. */
    void take(int steps);
  }

  /** The workflow's code. */
  public static final class Nothing implements Chain {

    private final DBOS dbos;

    Nothing(DBOS dbos) {
      this.dbos = dbos;
    }

    @Override
    @Workflow(name = "nothing")
    public void take(int steps) {
      for (int i = 0; i < steps; i++) {
        dbos.runStep(() -> "done", "step-" + i);
      }
    }
  }

  /** Start the database, and DBOS on it. */
  DbosSteps(Path directory, int runs, int steps) throws IOException {
    this.runs = runs;
    this.steps = steps;
    // for tests it is started with neither
    postgres =
        EmbeddedPostgres.builder()
            .setDataDirectory(directory)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .start();
    dbos =
        new DBOS(
            DBOSConfig.defaults("benchmark")
                .withDatabaseUrl(postgres.getJdbcUrl("postgres", "postgres"))
                .withDbUser("postgres")
                .withDbPassword(""));
    chain = dbos.registerProxy(Chain.class, new Nothing(dbos));
    dbos.launch();
  }

  @Override
  public String name() {
    return "DBOS Transact";
  }

  @Override
  public List<Reading> round() {
    round++;
    long begin = System.nanoTime();
    complete();
    return List.of(Reading.stepsPerSecond(System.nanoTime() - begin, (long) runs * steps));
  }

  private void complete() {
    List<WorkflowHandle<Void, RuntimeException>> all = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      all.add(
          dbos.startWorkflow(
              () -> chain.take(steps), new StartWorkflowOptions("run-" + round + "-" + i)));
    }
    all.forEach(WorkflowHandle::getResult);
  }

  @Override
  public void close() throws IOException {
    dbos.close();
    postgres.close();
  }
}
