package dev.maestro.git;

import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevCommit;

/**
 * Finds where history is said to end though it goes on.
 *
 * <p>A file {@code shallow} beside the repository names commits whose parents are to be forgotten.
 * Fetching writes it, and so can whoever works here: a merge that does not see what two commits
 * have in common brings back what was deleted since, and a collection of garbage deletes what is
 * cut off. What stood there at first is the user's; of what came since, a commit whose parents are
 * here counts as cut off.
 *
 * <p>Safe for use by any number of threads.
 */
final class CutHistory {

  private final GitRepository repository;
  private final Set<ObjectId> before;

  /** Remember what stands there now. */
  CutHistory(GitRepository repository) {
    this.repository = repository;
    this.before = Set.copyOf(shallow());
  }

  private Set<ObjectId> shallow() {
    return Border.call(
        "read the file shallow of " + repository.place(),
        () -> {
          Pipes.requireNone(repository.common().resolve("shallow"));
          return repository.jgit().getObjectDatabase().getShallowCommits();
        });
  }

  /** {@return why the history of these commits cannot be relied on, if it cannot} */
  Optional<String> among(Collection<ObjectId> tips) {
    Set<ObjectId> fresh = new HashSet<>(shallow());
    fresh.removeAll(before);
    return fresh.stream()
        .filter(this::goesOn)
        .filter(cut -> tips.stream().anyMatch(tip -> repository.contains(tip, cut)))
        .map(this::refusal)
        .findFirst();
  }

  private String refusal(ObjectId cut) {
    return repository.common().resolve("shallow")
        + " was changed while Maestro worked, and hides what came before "
        + cut.name()
        + ", so that no merge can be trusted; take that line out of it, or, if the change is yours,"
        + " start Maestro anew";
  }

  /** Read from the commit itself: whoever walks over history does not see its parents any more. */
  private boolean goesOn(ObjectId commit) {
    return Border.call(
        "read the commit " + commit.name(),
        () -> {
          try (ObjectReader reader = repository.jgit().newObjectReader()) {
            if (!reader.has(commit)) {
              return false;
            }
            for (RevCommit parent : RevCommit.parse(reader.open(commit).getBytes()).getParents()) {
              if (reader.has(parent)) {
                return true;
              }
            }
            return false;
          }
        });
  }
}
