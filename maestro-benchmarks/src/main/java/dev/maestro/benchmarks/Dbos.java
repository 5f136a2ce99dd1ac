package dev.maestro.benchmarks;

import dev.dbos.transact.DBOS;
import dev.dbos.transact.StartWorkflowOptions;
import dev.dbos.transact.config.DBOSConfig;
import dev.dbos.transact.workflow.Workflow;
import dev.dbos.transact.workflow.WorkflowHandle;
import java.time.Duration;

/** DBOS Transact on a database: workflows of steps that do nothing, and of waiting. */
final class Dbos implements AutoCloseable {

  private final DBOS dbos;
  private final Chain chain;

  /** A workflow. */
  public interface Chain {

    /** Take so many steps. */
    void take(int steps);

    /** Wait so long, then say that it is over. */
    void sleep(long millis, int number);
  }

  /** Hears that a workflow has waited. */
  @FunctionalInterface
  interface Alarm {

    /** The workflow of this number goes on. */
    void ring(int number);
  }

  private static final class Nothing implements Chain {

    private final DBOS dbos;
    private final Alarm alarm;

    Nothing(DBOS dbos, Alarm alarm) {
      this.dbos = dbos;
      this.alarm = alarm;
    }

    @Override
    @Workflow(name = "nothing")
    public void take(int steps) {
      for (int i = 0; i < steps; i++) {
        dbos.runStep(() -> "done", "step-" + i);
      }
    }

    @Override
    @Workflow(name = "sleep")
    public void sleep(long millis, int number) {
      dbos.sleep(Duration.ofMillis(millis));
      alarm.ring(number);
    }
  }

  /** Launch it on the database at this address. */
  Dbos(String url, Alarm alarm) {
    dbos =
        new DBOS(
            DBOSConfig.defaults("benchmark")
                .withDatabaseUrl(url)
                .withDbUser("postgres")
                .withDbPassword(""));
    chain = dbos.registerProxy(Chain.class, new Nothing(dbos, alarm));
    dbos.launch();
  }

  /** Start a workflow of so many steps. */
  WorkflowHandle<Void, RuntimeException> start(String id, int steps) {
    return dbos.startWorkflow(() -> chain.take(steps), new StartWorkflowOptions(id));
  }

  /** Start a workflow that waits. */
  WorkflowHandle<Void, RuntimeException> startSleeping(String id, Duration wait, int number) {
    return dbos.startWorkflow(
        () -> chain.sleep(wait.toMillis(), number), new StartWorkflowOptions(id));
  }

  @Override
  public void close() {
    dbos.close();
  }
}
