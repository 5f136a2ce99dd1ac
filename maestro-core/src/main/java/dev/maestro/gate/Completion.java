package dev.maestro.gate;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an agent says about being done.
 *
 * <p>It is a statement, not evidence: gates decide whether the work holds.
 *
 * @param ready whether the agent says that it is done
 * @param reason why, in its own words
 * @param progress how far it has come, in its own words
 * @param blockers what keeps it from going on, in the order in which it names them
 */
public record Completion(
    boolean ready, Optional<String> reason, Optional<String> progress, List<String> blockers) {

  /** Check that nothing is missing. */
  public Completion {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(progress, "progress");
    blockers = List.copyOf(blockers);
  }
}
