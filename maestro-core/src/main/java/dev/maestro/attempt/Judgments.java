package dev.maestro.attempt;

import dev.maestro.policy.Judgment;
import java.util.ArrayList;
import java.util.List;

/**
 * What rules have said in a phase of an attempt and is not in the journal yet.
 *
 * <p>Safe for use by any number of threads: an agent asks about its tools on threads of its own.
 */
public final class Judgments {

  // guarded by this
  private List<Judgment> waiting = List.of();

  /** Begin with nothing. */
  public Judgments() {}

  synchronized void add(Judgment judgment) {
    if (waiting.isEmpty()) {
      waiting = new ArrayList<>();
    }
    waiting.add(judgment);
  }

  /** {@return what is waiting, in order; whoever takes it has it recorded} */
  public synchronized List<Judgment> take() {
    List<Judgment> taken = waiting;
    waiting = List.of();
    return taken;
  }
}
