package dev.maestro.insight;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunState;
import dev.maestro.store.BlobId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A run as its journal tells it, with what that refers to.
 *
 * @param pipeline what it began with
 * @param others what it went on with later, by hash; empty for most runs
 * @param records its journal from the first event on
 * @param blobs finds prompts and large outputs; may find nothing
 * @param riskAsDeclared whether work is as risky as its step declares, because the application
 *     judges no risk itself; false where nobody knows
 */
public record RecordedRun(
    Pipeline pipeline,
    Map<BlobId, Pipeline> others,
    List<RunRecord> records,
    Function<BlobId, Optional<byte[]>> blobs,
    boolean riskAsDeclared) {

  /** Copy the list and the map. */
  public RecordedRun {
    Objects.requireNonNull(pipeline, "pipeline");
    others = Map.copyOf(others);
    records = List.copyOf(records);
    Objects.requireNonNull(blobs, "blobs");
  }

  /**
   * {@return a run that went on with one pipeline all the time, of an application that may have
   * judged risk}
   */
  public static RecordedRun of(
      Pipeline pipeline, List<RunRecord> records, Function<BlobId, Optional<byte[]>> blobs) {
    return new RecordedRun(pipeline, Map.of(), records, blobs, false);
  }

  /** {@return the same, of an application that judges no risk itself} */
  public RecordedRun withRiskAsDeclared() {
    return new RecordedRun(pipeline, others, records, blobs, true);
  }

  /** {@return the state before its first event, which knows every pipeline that its events name} */
  RunState before() {
    RunState state = RunState.before(pipeline);
    others.values().forEach(state::learn);
    return state;
  }

  /** {@return its events, in order} */
  List<RunEvent> events() {
    return records.stream().map(RunRecord::event).toList();
  }
}
