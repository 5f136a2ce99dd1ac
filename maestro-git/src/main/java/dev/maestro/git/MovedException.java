package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import org.eclipse.jgit.lib.ObjectId;

/** One of Maestro's own refs is not what it has to be. */
final class MovedException extends PermanentException {

  private static final long serialVersionUID = 1L;

  private MovedException(String message) {
    super(message);
  }

  /** Say where the ref points and where it has to. */
  static MovedException of(String ref, ObjectId found, String wanted) {
    return new MovedException(
        "%s points to %s, but has to point to %s; %s: put it back with 'git update-ref %s %s'"
            .formatted(ref, found.name(), wanted, WHO, ref, wanted));
  }

  /** Say that there is a ref that nothing has made. */
  static MovedException planted(String ref, ObjectId found) {
    return new MovedException(
        "%s points to %s, but nothing was begun that it could be of; %s: take it away with 'git update-ref -d %s'"
            .formatted(ref, found.name(), WHO, ref));
  }

  /** Say that a ref is gone. */
  static MovedException gone(String ref, String wanted) {
    return new MovedException(
        "%s is gone; %s: put it back with 'git update-ref %s %s'".formatted(ref, WHO, ref, wanted));
  }

  /** Say that the ref of a run's start is not what Maestro wrote there. */
  static MovedException start(String ref, ObjectId found) {
    return new MovedException(
        "%s points to %s, which is not what Maestro wrote there; %s: take it away with 'git update-ref -d %s'"
            .formatted(ref, found.name(), WHO, ref));
  }

  private static final String WHO =
      "something moved Maestro's own refs, so nothing that is there is taken";
}
