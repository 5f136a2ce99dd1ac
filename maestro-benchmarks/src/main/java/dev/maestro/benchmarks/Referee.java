package dev.maestro.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets the contestants of a scenario take turns, so that a busy moment of the machine hits all of
 * them.
 */
final class Referee {

  private final Scenario scenario;
  private final Size size;
  private final Map<String, Map<String, List<Reading>>> readings = new LinkedHashMap<>();
  private final Set<Contestant> out = new HashSet<>();

  Referee(Scenario scenario, Size size) {
    this.scenario = scenario;
    this.size = size;
  }

  /** Have the scenario played, and say how it ended. */
  List<Row> play(Path directory) throws Exception {
    List<Contestant> contestants = scenario.contestants(size, directory);
    try {
      rounds(contestants, scenario.warmups(size), size.patience().dividedBy(3), false);
      rounds(contestants, scenario.rounds(size), size.patience(), true);
    } finally {
      for (Contestant contestant : contestants) {
        contestant.close();
      }
    }
    return rows();
  }

  /** {@return the peers that have failed} */
  Set<Contestant> leftOut() {
    return out;
  }

  private void rounds(List<Contestant> contestants, int most, Duration patience, boolean counts)
      throws Exception {
    long begin = System.nanoTime();
    for (int i = 0; i < most; i++) {
      if (i > 0 && System.nanoTime() - begin > patience.toNanos()) {
        return;
      }
      round(contestants, i, counts);
    }
  }

  private void round(List<Contestant> contestants, int number, boolean counts) throws Exception {
    List<Contestant> order = new ArrayList<>(contestants);
    // nobody always comes after the same one
    Collections.rotate(order, number);
    order.removeAll(out);
    for (Contestant contestant : order) {
      System.gc();
      List<Reading> read = read(contestant);
      if (counts) {
        read.forEach(reading -> note(contestant, reading));
      }
    }
  }

  /**
   * A peer that fails takes no further part, and what was read off before stays; Maestro may not.
   */
  private List<Reading> read(Contestant contestant) throws Exception {
    try {
      return contestant.round();
    } catch (Exception e) {
      if (contestant.isMaestro() || e instanceof InterruptedException) {
        throw e;
      }
      System.err.println(contestant.name() + " takes no further part: " + e);
      out.add(contestant);
      return List.of();
    }
  }

  private void note(Contestant contestant, Reading reading) {
    readings
        .computeIfAbsent(contestant.name(), name -> new LinkedHashMap<>())
        .computeIfAbsent(reading.metric(), metric -> new ArrayList<>())
        .add(reading);
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    readings.forEach(
        (contestant, byMetric) ->
            byMetric.values().forEach(read -> rows.add(Row.of(scenario.name(), contestant, read))));
    return rows;
  }
}
