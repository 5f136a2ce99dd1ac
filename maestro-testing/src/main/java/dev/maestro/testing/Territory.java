package dev.maestro.testing;

import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** One directory, below which files are written and deleted, and nowhere else. */
record Territory(Path root) {

  /** Refuse a path that could not be used below any directory. */
  static String check(String path) {
    boolean bad =
        path.isBlank()
            || path.startsWith("/")
            || path.contains("\\")
            || path.contains(":")
            || path.indexOf('\0') >= 0
            || List.of(path.split("/", -1)).stream().anyMatch(Territory::isBadName);
    if (bad) {
      throw new IllegalArgumentException(
          "the path '"
              + path
              + "' must be relative, with '/' between names, and lead neither out of the workspace"
              + " nor into .git");
    }
    return path;
  }

  private static boolean isBadName(String name) {
    return name.isEmpty() || name.equals(".") || name.equals("..") || name.equalsIgnoreCase(".git");
  }

  void write(String path, String content) throws IOException {
    Path target = resolve(path);
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    Files.writeString(target, content);
  }

  void writeBytes(String path, byte[] content) throws IOException {
    Path target = resolve(path);
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    Files.write(target, content);
  }

  void patch(Deed.Patches patch) throws IOException {
    Path target = resolve(patch.path());
    Files.writeString(target, patch.applyTo(Files.readString(target)));
  }

  void delete(String path) throws IOException {
    Files.deleteIfExists(resolve(path));
  }

  private Path resolve(String path) {
    Path step = root;
    for (String name : check(path).split("/")) {
      step = step.resolve(name);
      if (Files.isSymbolicLink(step)) {
        throw new PermanentException(
            "the path '" + path + "' goes through a symbolic link, maybe out of the workspace");
      }
    }
    return step;
  }
}
