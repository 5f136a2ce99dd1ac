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

  /**
   * {@return how many bytes were written to the files in it; zeros at the end are room for more}
   */
  static long written(Path directory) throws IOException {
    long size = 0;
    for (Path path : below(directory)) {
      size += Files.isRegularFile(path) ? written(Files.readAllBytes(path)) : 0;
    }
    return size;
  }

  private static int written(byte[] file) {
    int length = file.length;
    while (length > 0 && file[length - 1] == 0) {
      length--;
    }
    return length;
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
