package dev.maestro.git;

import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;

/**
 * Holds the refs of one workspace against what is known of it elsewhere: whoever works in the
 * repository can write them, too.
 *
 * <p>What is found where it does not belong is kept, so that taking it away loses nothing.
 */
final class OwnRefs {

  private final GitRepository repository;
  private final Names names;

  OwnRefs(GitRepository repository, Names names) {
    this.repository = repository;
    this.names = names;
  }

  /** Check that the workspace stands on one of these. */
  void requireHead(List<String> heads) throws InterruptedException {
    Optional<ObjectId> head = repository.refs().get(names.headRef());
    if (head.isEmpty()) {
      throw MovedException.gone(names.headRef(), heads.get(0));
    } else if (!heads.contains(head.get().name())) {
      throw kept(head.get(), MovedException.of(names.headRef(), head.get(), heads.get(0)));
    } else if (repository.refs().get(names.baseRef()).isEmpty()) {
      throw MovedException.gone(names.baseRef(), heads.get(0));
    }
  }

  /**
   * Check that the workspace has not been made, or is as it is when it has just been.
   *
   * @param start what it starts from
   * @return what it starts from if it has been made: the same, or the same merge made before
   */
  ObjectId requireNothingBegun(ObjectId start) throws InterruptedException {
    Optional<ObjectId> base = repository.refs().get(names.baseRef());
    if (base.isPresent() && !isSame(base.get(), start)) {
      throw kept(base.get(), MovedException.of(names.baseRef(), base.get(), start.name()));
    }
    ObjectId from = base.orElse(start);
    Optional<ObjectId> head = repository.refs().get(names.headRef());
    if (head.isPresent() && base.isEmpty()) {
      throw kept(head.get(), MovedException.planted(names.headRef(), head.get()));
    } else if (head.isPresent() && !head.get().equals(from)) {
      throw kept(head.get(), MovedException.of(names.headRef(), head.get(), from.name()));
    }
    return from;
  }

  /** A merge that is made again differs in its time. */
  private boolean isSame(ObjectId one, ObjectId other) {
    return one.equals(other) || repository.isCommit(one) && isSameMerge(one, other);
  }

  private boolean isSameMerge(ObjectId one, ObjectId other) {
    RevCommit first = repository.parsed(one);
    RevCommit second = repository.parsed(other);
    return second.getParentCount() > 1
        && List.of(first.getParents()).equals(List.of(second.getParents()))
        && first.getTree().equals(second.getTree());
  }

  private MovedException kept(ObjectId found, MovedException moved) throws InterruptedException {
    if (repository.isCommit(found)) {
      repository.refs().create(names.keptRef(found), found, "maestro: keep");
    }
    return moved;
  }
}
