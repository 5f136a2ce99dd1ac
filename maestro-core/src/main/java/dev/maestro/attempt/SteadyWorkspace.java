package dev.maestro.attempt;

import dev.maestro.failure.TransientException;
import dev.maestro.process.Cancellation;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.Workspace;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A workspace that is asked again where it fails for a moment: what an agent has been paid for is
 * not given up because somebody holds a lock just now.
 */
final class SteadyWorkspace implements Workspace {

  private static final int TRIES = 3;

  private final Workspace workspace;
  private final Cancellation cancellation;

  SteadyWorkspace(Workspace workspace, Cancellation cancellation) {
    this.workspace = workspace;
    this.cancellation = cancellation;
  }

  /** What may be asked for again. */
  @FunctionalInterface
  interface Call<T> {
    T make() throws InterruptedException;
  }

  /** {@return what the call gives, made again where it fails for a moment} */
  static <T> T steadily(Cancellation cancellation, Call<T> call) throws InterruptedException {
    for (int tried = 1; ; tried++) {
      try {
        return call.make();
      } catch (TransientException e) {
        if (tried == TRIES || cancellation.isCancelled()) {
          throw e;
        }
      }
    }
  }

  private <T> T steadily(Call<T> call) throws InterruptedException {
    return steadily(cancellation, call);
  }

  @Override
  public Path directory() {
    return workspace.directory();
  }

  @Override
  public Checkpoint base() {
    return workspace.base();
  }

  @Override
  public Checkpoint head() {
    return workspace.head();
  }

  @Override
  public List<Change> changesSince(Checkpoint checkpoint) throws InterruptedException {
    return steadily(() -> workspace.changesSince(checkpoint));
  }

  @Override
  public List<Change> changes(Checkpoint from, Checkpoint to) throws InterruptedException {
    return steadily(() -> workspace.changes(from, to));
  }

  @Override
  public Optional<byte[]> content(Checkpoint checkpoint, String path, int most)
      throws InterruptedException {
    return steadily(() -> workspace.content(checkpoint, path, most));
  }

  @Override
  public String diff(Checkpoint from, Checkpoint to, int maxCharacters)
      throws InterruptedException {
    return steadily(() -> workspace.diff(from, to, maxCharacters));
  }

  @Override
  public Optional<String> nameOfDifference(Checkpoint from, Checkpoint to)
      throws InterruptedException {
    return steadily(() -> workspace.nameOfDifference(from, to));
  }

  @Override
  public Checkpoint checkpoint(CommitMessage message) throws InterruptedException {
    return steadily(() -> workspace.checkpoint(message));
  }

  @Override
  public void accept(Checkpoint checkpoint) throws InterruptedException {
    steadily(
        () -> {
          workspace.accept(checkpoint);
          return checkpoint;
        });
  }

  @Override
  public List<String> restore(PathGlobs globs, Checkpoint from) throws InterruptedException {
    return steadily(() -> workspace.restore(globs, from));
  }

  /** What cannot be let go of takes nothing back of what was done. */
  @Override
  public void close() {
    try {
      workspace.close();
    } catch (RuntimeException e) {
      log().warn("The workspace {} could not be closed", workspace.directory(), e);
    }
  }

  private static Logger log() {
    return LoggerFactory.getLogger(SteadyWorkspace.class);
  }
}
