package dev.maestro.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/** What a run has left in a repository, as far as it does not depend on when it ran. */
final class Branches {

  private Branches() {}

  /** {@return the trees of all branches, the files that lie there, and the worktrees, by name} */
  static Map<String, String> in(Path repository) throws IOException {
    Map<String, String> seen = new TreeMap<>();
    try (Repository git = new FileRepositoryBuilder().setWorkTree(repository.toFile()).build()) {
      for (Ref branch : git.getRefDatabase().getRefsByPrefix("refs/heads/")) {
        seen.put(branch.getName(), ObjectId.toString(git.resolve(branch.getName() + "^{tree}")));
      }
    }
    try (Stream<Path> files = Files.walk(repository)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path name = repository.relativize(file);
        if (!name.startsWith(".git")) {
          seen.put(name.toString(), Files.readString(file, StandardCharsets.UTF_8));
        }
      }
    }
    seen.put("worktrees", names(repository.resolve(".git/worktrees")).toString());
    return seen;
  }

  private static List<String> names(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /**
   * {@return the lines of a log that git has printed, in some order, without the names of commits}
   *
   * @param json the log as a JSON string
   */
  static String withoutCommits(String json) {
    List<String> lines = List.of(json.replace("\"", "").split("\\\\n"));
    return lines.stream()
        .map(line -> line.replaceAll("^[0-9a-f]{7,40} ", ""))
        .sorted()
        .toList()
        .toString();
  }
}
