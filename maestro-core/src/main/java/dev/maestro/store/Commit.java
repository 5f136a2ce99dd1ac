package dev.maestro.store;

import dev.maestro.task.RunKey;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything that must become durable together.
 *
 * @param run the run
 * @param expectedSequence the sequence number of the run's last event, 0 for a run that does not
 *     exist
 * @param token the fencing token of the lease under which this is written; a lower one than was
 *     written with before is refused
 * @param events to append; they get the numbers from {@code expectedSequence + 1} on
 * @param index the run's new index entry, or null to keep the old one
 * @param records records to write along
 */
public record Commit(
    RunKey run,
    long expectedSequence,
    long token,
    List<Envelope> events,
    @Nullable RunIndex index,
    List<RecordWrite> records) {

  /** Check the numbers and copy the lists. */
  public Commit {
    Objects.requireNonNull(run, "run");
    events = List.copyOf(events);
    records = List.copyOf(records);
    if (expectedSequence < 0 || token < 0) {
      throw new IllegalArgumentException("sequence and token cannot be negative");
    }
    if (index != null && !index.run().equals(run)) {
      throw new IllegalArgumentException(
          "the index entry is of run " + index.run() + ", not " + run);
    }
  }
}
