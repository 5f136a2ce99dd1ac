package dev.maestro.attempt;

import dev.maestro.policy.Reach;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a path that somebody names is called inside a workspace: as it is given, and as it is
 * once links are followed, as far as it exists. What is inside under one name and outside under the
 * other keeps the one: a rule about that name holds for it wherever links lead.
 */
final class WorkspacePaths implements Function<String, Reach.Target> {

  private static final int MOST_LINKS = 40;

  private final Path directory;

  WorkspacePaths(Path directory) {
    this.directory = directory;
  }

  @Override
  public Reach.Target apply(String given) {
    Set<String> names = new LinkedHashSet<>();
    boolean inside;
    try {
      Path path = directory.resolve(given);
      inside = add(names, directory, path.normalize());
      Path real = real(path, MOST_LINKS);
      inside &= real != null && add(names, directory.toRealPath(), real);
    } catch (InvalidPathException | IOException e) {
      // what cannot be found out is not known to be in the workspace
      inside = false;
    }
    return new Reach.Target(given, List.copyOf(names), inside);
  }

  private static boolean add(Set<String> names, Path root, Path path) {
    boolean inside = path.startsWith(root);
    if (inside) {
      String name = root.relativize(path).toString();
      names.add(name.replace(root.getFileSystem().getSeparator(), "/"));
    }
    return inside;
  }

  /** What does not exist yet is below what does; a link that leads nowhere is followed, too. */
  private static @Nullable Path real(Path path, int links) throws IOException {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    Path parent = path.getParent();
    if (parent == null || links == 0) {
      return null;
    }
    if (Files.isSymbolicLink(path)) {
      return real(parent.resolve(Files.readSymbolicLink(path)), links - 1);
    }
    Path above = real(parent, links);
    return above == null ? null : above.resolve(path.getFileName()).normalize();
  }
}
