package dev.maestro.workspace;

import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.task.RunKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Work in one plain directory: one task at a time, nothing kept, nothing undone.
 *
 * <p>A checkpoint is a fingerprint of the files, so that "nothing changed" can be told; it cannot
 * be come back to. {@code .git} and {@code .maestro} are left out of it. Safe for use by any number
 * of threads.
 */
public final class DirectoryWorkspaces implements Workspaces {

  private final Path directory;
  private final Manifests latest = new Manifests();

  private DirectoryWorkspaces(Path directory) {
    this.directory = directory;
  }

  /** {@return workspaces that are all this directory, which must exist when one is opened} */
  public static DirectoryWorkspaces at(Path directory) {
    return new DirectoryWorkspaces(
        Objects.requireNonNull(directory, "directory").toAbsolutePath().normalize());
  }

  @Override
  public WorkspaceCapabilities capabilities() {
    return new WorkspaceCapabilities(false, false, false);
  }

  /** {@return one task at a time, whatever name the directory goes by} */
  @Override
  public Capacity capacity() {
    return new Capacity("directory:" + realDirectory(), 1);
  }

  private Path realDirectory() {
    if (!Files.isDirectory(directory)) {
      return directory;
    }
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      throw new TransientException("cannot resolve the directory " + directory, e);
    }
  }

  /**
   * Open the directory as it stands; the bases of the request cannot be gone back to and play no
   * part.
   */
  @Override
  public Opening open(WorkspaceRequest request) throws InterruptedException {
    if (!Files.isDirectory(directory)) {
      return new Opening.Refused("there is no directory " + directory + "; make it first");
    }
    return new Opening.Opened(new DirectoryWorkspace(directory, latest));
  }

  @Override
  public Merging merge(MergeRequest request) {
    throw cannotMerge();
  }

  @Override
  public Advance advance(MergeRequest request, Checkpoint before, Checkpoint merged) {
    throw cannotMerge();
  }

  private PermanentException cannotMerge() {
    return new PermanentException(
        "the plain directory " + directory + " has no branches to merge; use a git repository");
  }

  /** Do nothing: the directory is the user's. */
  @Override
  public void release(RunKey run) {}

  @Override
  public String description() {
    return directory.toString();
  }

  /** {@return empty: a directory has no branches} */
  @Override
  public Optional<String> startBranch() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
