package dev.maestro.benchmarks;

import dev.maestro.benchmarks.Resolvers.Resolved;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** From ids and their dependencies to the order of all. */
final class ResolveScenario implements Scenario {

  @Override
  public String name() {
    return "resolve-1m";
  }

  @Override
  public String question() {
    return "ids and dependencies in, order out: 1,000,000 tasks with 3 dependencies each, and fewer";
  }

  @Override
  public int warmups(Size size) {
    // everyone has ordered all of it once before
    return 1;
  }

  @Override
  public int rounds(Size size) {
    return size.of(1, 3, 5);
  }

  @Override
  public List<String> jvmOptions() {
    return List.of("-Xms5g", "-Xmx5g");
  }

  @Override
  public List<Contestant> contestants(Size size, Path directory) {
    Map<String, Dag> dags = new LinkedHashMap<>();
    dags.put("", Dag.of(size.of(1_000, 300_000, 1_000_000)));
    dags.put("_100k", Dag.of(size.of(1_000, 100_000, 100_000)));
    dags.put("_10k", Dag.of(size.of(1_000, 10_000, 10_000)));
    List<Contestant> all = new ArrayList<>();
    all.add(contestant("Maestro", dags, Resolvers::maestro));
    all.add(contestant("int arrays (floor)", dags, Resolvers::intArrays));
    all.add(contestant("HashMap Kahn", dags, Resolvers::hashMaps));
    all.add(contestant("Guava", dags, Resolvers::guava));
    all.add(contestant("JGraphT", dags, Resolvers::jgrapht));
    return all;
  }

  private static Contestant contestant(
      String name, Map<String, Dag> dags, Function<Dag, Resolved> resolver) {
    int longest = dags.values().stream().mapToInt(Dag::elements).max().orElse(1);
    dags.values().forEach(dag -> check(name, dag, resolver.apply(dag).order()));
    return Contestant.of(
        name,
        () -> {
          List<Reading> readings = new ArrayList<>();
          dags.forEach((suffix, dag) -> readings.addAll(resolve(suffix, dag, longest, resolver)));
          return readings;
        });
  }

  private static List<Reading> resolve(
      String suffix, Dag dag, int elements, Function<Dag, Resolved> resolver) {
    // about as long, whatever the size of the graph
    int repeats = Math.max(1, elements / dag.elements() / 4);
    long before = Heap.used();
    Allocation allocation = new Allocation();
    long begin = System.nanoTime();
    Resolved resolved = ordered(dag, resolver);
    for (int i = 1; i < repeats; i++) {
      resolved = ordered(dag, resolver);
    }
    long nanos = System.nanoTime() - begin;
    long each = dag.elements();
    List<Reading> readings = new ArrayList<>();
    readings.add(new Reading("ns_per_element" + suffix, "ns", (double) nanos / each / repeats));
    readings.addAll(allocation.reading("bytes_per_element" + suffix, each * repeats));
    long kept = Heap.used() - before;
    requireAll(dag, resolved.order());
    readings.add(new Reading("kept_bytes_per_element" + suffix, "B", (double) kept / each));
    return readings;
  }

  /** The order is read as well: one that is only worked out when it is looked at has to be. */
  private static Resolved ordered(Dag dag, Function<Dag, Resolved> resolver) {
    Resolved resolved = resolver.apply(dag);
    int hash = 0;
    for (String id : resolved.order()) {
      hash += id.hashCode();
    }
    if (hash != dag.hash()) {
      throw new IllegalStateException("not every task was ordered");
    }
    return resolved;
  }

  private static void requireAll(Dag dag, List<String> order) {
    if (order.size() != dag.nodes()) {
      throw new IllegalStateException("not every task was ordered");
    }
  }

  /** A contestant that orders wrongly is out. */
  private static void check(String name, Dag dag, List<String> order) {
    requireAll(dag, order);
    Map<String, List<String>> dependencies = new LinkedHashMap<>();
    for (int i = 0; i < dag.nodes(); i++) {
      dependencies.put(dag.ids().get(i), dag.dependencies().get(i));
    }
    Set<String> done = new HashSet<>();
    for (String id : order) {
      if (!done.containsAll(dependencies.getOrDefault(id, List.of())) || !done.add(id)) {
        throw new IllegalStateException(name + " puts '" + id + "' before what it depends on");
      }
    }
  }
}
