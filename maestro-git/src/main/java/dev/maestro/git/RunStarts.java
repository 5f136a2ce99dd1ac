package dev.maestro.git;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Where runs started, remembered from the first look at their refs on: agents can move those.
 *
 * <p>A restart forgets it, and then goes by what whoever opens a workspace knows.
 */
final class RunStarts {

  private final GitRepository repository;
  private final Map<String, RunStart> seen = new ConcurrentHashMap<>();

  RunStarts(GitRepository repository) {
    this.repository = repository;
  }

  /**
   * {@return where the run started, if it has}
   *
   * @throws MovedException when that is not where it started a while ago
   */
  Optional<RunStart> of(Names names) {
    Optional<RunStart> start = RunStart.read(repository, names);
    if (start.isPresent()) {
      String run = key(names, start.get().origin());
      RunStart known = seen.computeIfAbsent(run, first -> start.get());
      if (!known.equals(start.get())) {
        throw MovedException.start(names.startRef(), ref(names));
      }
    }
    return start;
  }

  /**
   * {@return where this run started; fixed by its first task}
   *
   * @param start the id of what it started from, where that is known otherwise
   * @param now what it starts from if this is its first task
   */
  Optional<RunStart> begin(
      Names names, String origin, @Nullable String start, Optional<ObjectId> now)
      throws InterruptedException {
    if (start != null) {
      seen.put(key(names, origin), new RunStart(ObjectId.fromString(start), origin));
    }
    Optional<RunStart> known = of(names);
    if (known.isPresent()) {
      return known;
    }
    Optional<ObjectId> from =
        Optional.ofNullable(seen.get(key(names, origin))).map(RunStart::commit).or(() -> now);
    if (from.isEmpty()) {
      return known;
    }
    RunStart.write(repository, names, from.get(), origin);
    return of(names);
  }

  private ObjectId ref(Names names) {
    return repository.refs().get(names.startRef()).orElse(ObjectId.zeroId());
  }

  /** Forget runs whose directories are taken away. */
  void forget(String run) {
    seen.keySet().removeIf(key -> key.startsWith(run + "\n"));
  }

  private static String key(Names names, String origin) {
    return names.run() + "\n" + origin;
  }
}
