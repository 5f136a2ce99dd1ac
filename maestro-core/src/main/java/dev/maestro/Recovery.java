package dev.maestro;

import dev.maestro.process.Reaped;
import dev.maestro.task.RunKey;
import java.util.List;
import java.util.Map;

/**
 * What {@link Maestro#recover()} did.
 *
 * @param runs the runs that go on
 * @param interrupted how many tasks had been at work when the engine before this one ended
 * @param processes what became of processes it had left; those that could not be proved to be ours
 *     were left alone
 * @param refused runs that cannot be opened, and why
 */
public record Recovery(
    List<Run> runs, int interrupted, List<Reaped> processes, Map<RunKey, String> refused) {

  /** Copy the lists. */
  public Recovery {
    runs = List.copyOf(runs);
    processes = List.copyOf(processes);
    refused = Map.copyOf(refused);
  }

  /** {@return one line for an operator} */
  public String summary() {
    long ended = processes.stream().filter(p -> p.outcome() == Reaped.Outcome.REAPED).count();
    long unproven = processes.stream().filter(p -> p.outcome() == Reaped.Outcome.UNPROVEN).count();
    return "%d runs go on, %d tasks had been interrupted, %d left processes were ended, %d could not be proved to be ours, %d runs are refused"
        .formatted(runs.size(), interrupted, ended, unproven, refused.size());
  }
}
