package dev.maestro.gate;

import dev.maestro.process.Cancellation;
import dev.maestro.task.AttemptId;
import dev.maestro.workspace.Checkpoint;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What a gate runs on.
 *
 * @param attempt whose work it is
 * @param directory the files
 * @param checkpoint what the files are
 * @param cancellation says when to stop
 */
public record GateSubject(
    AttemptId attempt, Path directory, Checkpoint checkpoint, Cancellation cancellation) {

  /** Check that nothing is missing. */
  public GateSubject {
    Objects.requireNonNull(attempt, "attempt");
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(checkpoint, "checkpoint");
    Objects.requireNonNull(cancellation, "cancellation");
  }
}
