package dev.maestro.engine;

import dev.maestro.task.RunKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which runs are told when there may be room, by what it is that they wait for: what ends elsewhere
 * is nothing to them. Confined to the loop.
 */
final class Waiters {

  private final Map<String, Set<RunKey>> waiting = new HashMap<>();
  private final Set<String> roomy = new LinkedHashSet<>();

  /** Have the run told when there may be room there. */
  void add(RunKey run, String where) {
    waiting.computeIfAbsent(where, first -> new LinkedHashSet<>()).add(run);
  }

  /** There may be room. */
  void madeRoom(String where) {
    if (waiting.containsKey(where)) {
      roomy.add(where);
    }
  }

  /** {@return who is to be told, in the order in which they came; each is told once} */
  List<RunKey> take() {
    if (roomy.isEmpty()) {
      return List.of();
    }
    Set<RunKey> told = new LinkedHashSet<>();
    roomy.forEach(where -> told.addAll(waiting.remove(where)));
    roomy.clear();
    return new ArrayList<>(told);
  }
}
