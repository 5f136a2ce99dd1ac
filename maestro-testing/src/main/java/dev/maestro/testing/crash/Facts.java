package dev.maestro.testing.crash;

import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.RunState;
import dev.maestro.run.Task;
import dev.maestro.run.Value;
import dev.maestro.store.Envelope;
import dev.maestro.store.FileStore;
import dev.maestro.store.RecordKey;
import dev.maestro.store.Store;
import dev.maestro.store.StoredEvent;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.TaskState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of a run from outside, once no JVM works on it.
 *
 * @param journal every record
 * @param snapshot what the records add up to, or null when there are none
 * @param outputs the outputs of tasks as JSON, without what differs from run to run
 * @param executions how often each task was carried out, as it noted itself
 * @param observed what the scenario sees in its directory; only of a run that has ended
 * @param answered the answers that the run has taken, as whoever gave them noted
 * @param books what was done to budgets that runs share, by their names; there is no other run that
 *     has
 */
record Facts(
    List<Envelope> journal,
    @Nullable RunSnapshot snapshot,
    Map<String, String> outputs,
    Map<String, Integer> executions,
    Map<String, String> observed,
    List<String> answered,
    Map<String, Books> books) {

  private static final String BUDGETS = "budget/";
  // what stands beside the lines of runs
  private static final Set<String> OTHERS = Set.of("+granted", "+turn");

  /** Look at a run that was killed. */
  static Facts atKill(Place place, CrashScenario scenario) throws IOException {
    return read(place, scenario, Map.of());
  }

  /** Look at a run that has come to its end. */
  static Facts atEnd(Place place, CrashScenario scenario) throws IOException {
    return read(place, scenario, new TreeMap<>(scenario.observe(place.world())));
  }

  private static Facts read(Place place, CrashScenario scenario, Map<String, String> observed)
      throws IOException {
    RunState state = RunState.before(scenario.pipeline());
    RunEventCodec codec = new RunEventCodec();
    Map<String, String> outputs = new TreeMap<>();
    List<Envelope> journal;
    Map<String, Books> books;
    try (Store store = FileStore.readOnly(place.store()).open(InstantSource.system())) {
      journal = store.read(Play.RUN, 1).stream().map(StoredEvent::envelope).toList();
      journal.forEach(record -> state.apply(codec.decode(record)));
      for (Task task : state.tasks()) {
        task.output()
            .ifPresent(
                value ->
                    outputs.put(
                        task.id().value(),
                        scenario.comparable(task.id().value(), text(store, value))));
      }
      books = books(store);
    }
    RunSnapshot snapshot = state.exists() ? RunSnapshot.of(state) : null;
    return new Facts(
        journal, snapshot, outputs, executions(place.world()), observed, place.answered(), books);
  }

  private static Map<String, Books> books(Store store) {
    Map<String, Books> books = new TreeMap<>();
    for (VersionedRecord record : store.records()) {
      RecordKey key = record.key();
      if (key.namespace().startsWith(BUDGETS) && !OTHERS.contains(key.key())) {
        String name = key.namespace().substring(BUDGETS.length());
        books.merge(name, Books.read(record), Books::and);
      }
    }
    return books;
  }

  private static String text(Store store, Value value) {
    if (value instanceof Value.Inline inline) {
      return inline.json().toString();
    }
    Value.Stored stored = (Value.Stored) value;
    return store
        .blob(stored.blob())
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .orElse("the blob " + stored.blob() + " is missing");
  }

  private static Map<String, Integer> executions(Path world) throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    Path file = world.resolve(CrashScenario.EXECUTIONS);
    if (Files.exists(file)) {
      Files.readAllLines(file).forEach(task -> counts.merge(task.strip(), 1, Integer::sum));
    }
    return counts;
  }

  /** {@return the run, of which there are records} */
  RunSnapshot requireRun() {
    return Objects.requireNonNull(snapshot, "there is no run");
  }

  List<JournalPlace> places() {
    return new JournalPlace.Naming().all(journal);
  }

  List<Task> tasks() {
    return snapshot == null ? List.of() : snapshot.tasks();
  }

  Set<String> completed() {
    return tasks().stream()
        .filter(task -> task.state() == TaskState.COMPLETED)
        .map(task -> task.id().value())
        .collect(Collectors.toSet());
  }

  int executionsOf(String task) {
    return executions.getOrDefault(task, 0);
  }
}
