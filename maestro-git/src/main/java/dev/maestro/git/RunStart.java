package dev.maestro.git;

import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;

/**
 * What a run started from, kept as a commit of its own on top of it.
 *
 * @param commit where tasks start that depend on no other, however the branch moves meanwhile
 * @param origin which of the runs of this name it is
 */
record RunStart(ObjectId commit, String origin) {

  private static final String TITLE = "Start of a run of Maestro: ";

  static Optional<RunStart> read(GitRepository repository, Names names) {
    return repository.refs().get(names.startRef()).map(id -> of(repository.parsed(id)));
  }

  private static RunStart of(RevCommit note) {
    return new RunStart(
        note.getParent(0), note.getFullMessage().strip().substring(TITLE.strip().length()).strip());
  }

  /** Fix the start; whoever is first decides. */
  static RunStart write(GitRepository repository, Names names, ObjectId commit, String origin)
      throws InterruptedException {
    ObjectId note =
        repository.commit(repository.treeOf(commit), List.of(commit), TITLE + origin + "\n");
    repository.refs().create(names.startRef(), note, "maestro: start a run");
    return read(repository, names).orElseThrow();
  }
}
