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

  private static final String TITLE = "Start of a run of Maestro:";

  /**
   * {@return what the ref says, if it is there}
   *
   * @throws MovedException when it points at something else
   */
  static Optional<RunStart> read(GitRepository repository, Names names) {
    Optional<ObjectId> note = repository.refs().get(names.startRef());
    if (note.isPresent() && !repository.isCommit(note.get())) {
      throw MovedException.start(names.startRef(), note.get());
    }
    return note.map(id -> of(repository.parsed(id), names));
  }

  private static RunStart of(RevCommit note, Names names) {
    String text = note.getFullMessage().strip();
    if (note.getParentCount() != 1 || !text.startsWith(TITLE)) {
      throw MovedException.start(names.startRef(), note);
    }
    return new RunStart(note.getParent(0).copy(), text.substring(TITLE.length()).strip());
  }

  /** Check that the ref says what is known otherwise: whoever works here can move it. */
  void require(String known, GitRepository repository, Names names) {
    if (!commit.name().equals(known)) {
      throw MovedException.start(
          names.startRef(), repository.refs().get(names.startRef()).orElse(ObjectId.zeroId()));
    }
  }

  /** Fix the start; whoever is first decides. */
  static RunStart write(GitRepository repository, Names names, ObjectId commit, String origin)
      throws InterruptedException {
    ObjectId note =
        repository.commit(repository.treeOf(commit), List.of(commit), TITLE + " " + origin + "\n");
    repository.refs().create(names.startRef(), note, "maestro: start a run");
    return read(repository, names).orElseThrow();
  }
}
