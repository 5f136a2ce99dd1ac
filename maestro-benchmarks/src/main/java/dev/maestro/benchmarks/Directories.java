package dev.maestro.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What is asked of directories. */
final class Directories {

  private Directories() {}

  /** Delete a directory and all it holds. */
  static void delete(Path directory) throws IOException {
    for (Path path : below(directory).stream().sorted(Comparator.reverseOrder()).toList()) {
      Files.delete(path);
    }
  }

  /** {@return how many bytes the files in it hold} */
  static long size(Path directory) throws IOException {
    long size = 0;
    for (Path path : below(directory)) {
      size += Files.isRegularFile(path) ? Files.size(path) : 0;
    }
    return size;
  }

  private static List<Path> below(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.toList();
    }
  }
}
