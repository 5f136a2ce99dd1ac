package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import java.io.IOException;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.api.errors.JGitInternalException;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LockFailedException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.ObjectWritingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the exceptions of JGit and of files become Maestro's. */
final class Border {

  private static final Logger LOG = LoggerFactory.getLogger(GitWorkspaces.class);
  private static final int TRIES = 5;

  private Border() {}

  /** Something that reads or writes a repository. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException, GitAPIException;
  }

  /** Something that writes a repository and has nothing to say. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException, GitAPIException;
  }

  static void step(String what, Step step) {
    call(
        what,
        () -> {
          step.run();
          return what;
        });
  }

  static <T> T call(String what, Work<T> work) {
    try {
      return patiently(work);
    } catch (MissingObjectException | CorruptObjectException | IncorrectObjectTypeException e) {
      throw new PermanentException("cannot " + what + ": " + e.getMessage(), e);
    } catch (LockFailedException e) {
      throw locked(what, e);
    } catch (IOException e) {
      throw new TransientException("cannot " + what + ": " + e.getMessage(), e);
    } catch (JGitInternalException | GitAPIException e) {
      throw e.getCause() instanceof LockFailedException lock
          ? locked(what, lock)
          : new PermanentException("cannot " + what + ": " + e.getMessage(), e);
    }
  }

  /**
   * A git that collects garbage meanwhile takes away directories of objects that are empty, also
   * the one that JGit has just made to put an object into. An object is written again with the same
   * outcome.
   */
  private static <T> T patiently(Work<T> work) throws IOException, GitAPIException {
    for (int tried = 1; tried < TRIES; tried++) {
      try {
        return work.run();
      } catch (ObjectWritingException e) {
        LOG.debug("An object could not be written, and is written again", e);
      }
    }
    return work.run();
  }

  private static TransientException locked(String what, LockFailedException e) {
    return new TransientException(
        "cannot "
            + what
            + ": "
            + e.getFile()
            + " is locked; if no git process is at work there, remove the .lock file beside it",
        e);
  }
}
