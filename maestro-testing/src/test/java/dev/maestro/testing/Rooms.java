package dev.maestro.testing;

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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A plain directory for each task, so that any number of them can work at once. */
final class Rooms implements Workspaces {

  private final Path house;
  private final Map<Path, DirectoryWorkspaces> rooms = new ConcurrentHashMap<>();

  private Rooms(Path house) {
    this.house = house;
  }

  static Rooms in(Path house) {
    return new Rooms(house);
  }

  @Override
  public WorkspaceCapabilities capabilities() {
    return new WorkspaceCapabilities(true, false, false);
  }

  @Override
  public Capacity capacity() {
    return new Capacity("rooms:" + house, Integer.MAX_VALUE);
  }

  @Override
  public Opening open(WorkspaceRequest request) throws InterruptedException {
    Path room = house.resolve(request.run().run() + "-" + request.task().flat());
    try {
      Files.createDirectories(room);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rooms.computeIfAbsent(room, DirectoryWorkspaces::at).open(request);
  }

  @Override
  public Merging merge(MergeRequest request) {
    throw new UnsupportedOperationException("rooms have no branches");
  }

  @Override
  public Advance advance(MergeRequest request, Checkpoint before, Checkpoint merged) {
    throw new UnsupportedOperationException("rooms have no branches");
  }

  @Override
  public void release(RunKey run) {}

  @Override
  public String description() {
    return house.toString();
  }

  @Override
  public Optional<String> startBranch() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
