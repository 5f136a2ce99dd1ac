package dev.maestro.engine;

import dev.maestro.run.Decision;
import dev.maestro.run.RunCommand;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunRules;
import dev.maestro.run.RunState;
import dev.maestro.store.Commit;
import dev.maestro.store.Envelope;
import dev.maestro.store.RunIndex;
import dev.maestro.task.RunStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything the loop decides before it goes to the store once.
 *
 * <p>Each accepted decision is applied to the run's private state at once, so that the next one
 * sees it; nobody else sees anything before the commit.
 */
final class Batch {

  private final RunEventCodec codec;
  private final Map<Live, Part> parts = new LinkedHashMap<>();
  private final List<Runnable> afterCommit = new ArrayList<>();

  Batch(RunEventCodec codec) {
    this.codec = codec;
  }

  /** What the batch holds of one run. */
  static final class Part {

    private final long sequenceBefore;
    private final RunStatus statusBefore;
    private final List<RunEvent> events = new ArrayList<>();
    private final List<RunCommand> commands = new ArrayList<>();

    private Part(RunState state) {
      sequenceBefore = state.sequence();
      statusBefore = state.status();
    }

    long sequenceBefore() {
      return sequenceBefore;
    }

    List<RunEvent> events() {
      return events;
    }

    List<RunCommand> commands() {
      return commands;
    }
  }

  Decision decide(Live run, RunInput input) {
    Decision decision = RunRules.decide(run.state, input);
    if (decision instanceof Decision.Accepted accepted) {
      Part part = parts.computeIfAbsent(run, live -> new Part(live.state));
      accepted.events().forEach(run.state::apply);
      accepted.events().forEach(run::noteValues);
      part.events.addAll(accepted.events());
      part.commands.addAll(accepted.commands());
    }
    return decision;
  }

  /** Have the action run once everything decided so far is durable. */
  void afterCommit(Runnable action) {
    afterCommit.add(action);
  }

  /** Note that the run was looked at, so that it is tidied up with the others. */
  void touch(Live run) {
    parts.computeIfAbsent(run, live -> new Part(live.state));
  }

  Map<Live, Part> parts() {
    return parts;
  }

  List<Runnable> afterCommit() {
    return afterCommit;
  }

  /** {@return one commit a run that has something to write, in the order of {@link #writers}} */
  List<Commit> commits() {
    return parts.entrySet().stream()
        .filter(entry -> !entry.getValue().events.isEmpty())
        .map(entry -> commit(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** {@return the runs that have something to write} */
  List<Live> writers() {
    return parts.entrySet().stream()
        .filter(entry -> !entry.getValue().events.isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  private Commit commit(Live run, Part part) {
    List<Envelope> envelopes = part.events.stream().map(codec::encode).toList();
    boolean indexed = part.sequenceBefore == 0 || part.statusBefore != run.state.status();
    return new Commit(
        run.key(),
        part.sequenceBefore,
        run.lease.token(),
        envelopes,
        indexed ? index(run.state) : null,
        List.of());
  }

  private static RunIndex index(RunState state) {
    return new RunIndex(
        state.key(),
        state.started().pipeline(),
        state.status().name(),
        !state.status().isTerminal(),
        state.started().at(),
        state.updatedAt(),
        state.started().labels());
  }
}
