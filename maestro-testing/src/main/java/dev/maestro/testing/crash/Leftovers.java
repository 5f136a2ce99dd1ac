package dev.maestro.testing.crash;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds processes that still work in a directory; where there is no /proc it finds nothing. */
final class Leftovers {

  private static final Path PROCESSES = Path.of("/proc");

  private Leftovers() {}

  static List<String> in(Path directory) throws IOException {
    List<String> found = new ArrayList<>();
    if (Files.isDirectory(PROCESSES)) {
      try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
        for (Path process : processes) {
          if (worksIn(process, directory)) {
            found.add("process " + process.getFileName() + " still works there");
          }
        }
      }
    }
    return found;
  }

  private static boolean worksIn(Path process, Path directory) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).startsWith(directory);
    } catch (IOException e) {
      // It has ended meanwhile, or is somebody else's, who has no business there.
      return false;
    }
  }
}
