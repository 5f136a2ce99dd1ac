package dev.maestro.workspace;

import dev.maestro.failure.PermanentException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A plain directory as a workspace; knows the manifests of the latest fingerprints. */
final class DirectoryWorkspace implements Workspace {

  private final Path directory;
  private final Checkpoint base;
  private final Map<String, Manifest> manifests = new HashMap<>();
  private final Manifests latest;
  // confined to the one thread that uses the workspace
  private Checkpoint head;

  DirectoryWorkspace(Path directory, Manifests latest) throws InterruptedException {
    this.directory = directory;
    this.latest = latest;
    this.base = fingerprint();
    this.head = base;
  }

  @Override
  public Path directory() {
    return directory;
  }

  @Override
  public Checkpoint base() {
    return base;
  }

  @Override
  public Checkpoint head() {
    return head;
  }

  /**
   * {@return what differs; a single change of {@code .} when all that is known of the checkpoint is
   * that it differs, as after a restart}
   */
  @Override
  public List<Change> changesSince(Checkpoint checkpoint) throws InterruptedException {
    return changes(checkpoint, fingerprint());
  }

  /** {@return what differs; a single change of {@code .} as in {@link #changesSince}} */
  @Override
  public List<Change> changes(Checkpoint from, Checkpoint to) {
    if (from.tree().equals(to.tree())) {
      return List.of();
    }
    Optional<Manifest> before = manifest(from);
    Optional<Manifest> after = manifest(to);
    return before.isEmpty() || after.isEmpty()
        ? List.of(new Change(Change.Kind.MODIFIED, "."))
        : before.get().changesTo(after.get());
  }

  private Optional<Manifest> manifest(Checkpoint checkpoint) {
    return Optional.ofNullable(manifests.get(checkpoint.tree()))
        .or(() -> latest.find(checkpoint.tree()));
  }

  /** {@return the names of the files that differ, for their former content was not kept} */
  @Override
  public String diff(Checkpoint from, Checkpoint to, int maxCharacters) {
    String names =
        changes(from, to).stream()
            .map(change -> change.kind() + " " + change.path() + "\n")
            .collect(Collectors.joining());
    return DiffText.cut(names, maxCharacters);
  }

  @Override
  public Optional<byte[]> content(Checkpoint checkpoint, String path, int most) {
    return Optional.empty();
  }

  @Override
  public Checkpoint checkpoint(CommitMessage message) throws InterruptedException {
    return fingerprint();
  }

  private Checkpoint fingerprint() throws InterruptedException {
    Manifest manifest = Manifest.of(directory);
    manifests.put(manifest.hash(), manifest);
    latest.keep(manifest);
    return new Checkpoint(manifest.hash(), manifest.hash());
  }

  @Override
  public void accept(Checkpoint checkpoint) {
    head = checkpoint;
  }

  @Override
  public List<String> restore(PathGlobs globs, Checkpoint from) {
    throw new PermanentException(
        "files in the plain directory "
            + directory
            + " cannot be put back, because nothing keeps what they were; use a git repository");
  }

  @Override
  public void close() {}
}
