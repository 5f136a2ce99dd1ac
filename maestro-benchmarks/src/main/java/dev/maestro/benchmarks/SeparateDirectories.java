package dev.maestro.benchmarks;

import dev.maestro.failure.PermanentException;
import dev.maestro.failure.TransientException;
import dev.maestro.task.RunKey;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Capacity;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.WorkspaceCapabilities;
import dev.maestro.workspace.WorkspaceRequest;
import dev.maestro.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A plain directory for each task, so that many work at once without a repository. */
final class SeparateDirectories implements Workspaces {

  private final Path parent;
  private final int most;

  SeparateDirectories(Path parent, int most) {
    this.parent = parent;
    this.most = most;
  }

  @Override
  public WorkspaceCapabilities capabilities() {
    return new WorkspaceCapabilities(false, false, false);
  }

  @Override
  public Capacity capacity() {
    return new Capacity("below:" + parent, most);
  }

  @Override
  public Opening open(WorkspaceRequest request) throws InterruptedException {
    try {
      Path own = Files.createDirectories(parent.resolve(request.task().value()));
      return DirectoryWorkspaces.at(own).open(request);
    } catch (IOException e) {
      throw new TransientException("cannot make a directory below " + parent, e);
    }
  }

  @Override
  public Merging merge(MergeRequest request) {
    throw new PermanentException("plain directories are not merged");
  }

  @Override
  public Advance advance(MergeRequest request, Checkpoint before, Checkpoint merged) {
    throw new PermanentException("plain directories are not merged");
  }

  @Override
  public void release(RunKey run) {}

  @Override
  public String description() {
    return parent.toString();
  }

  @Override
  public Optional<String> startBranch() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
