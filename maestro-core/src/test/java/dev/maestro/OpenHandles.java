package dev.maestro;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the open handles of this JVM lead to, on Linux. */
public final class OpenHandles {

  private OpenHandles() {}

  /** {@return one entry for each handle but those that are closed meanwhile, by any thread} */
  public static List<String> list() throws IOException {
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      return links.flatMap(link -> target(link).stream()).toList();
    }
  }

  private static Optional<String> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link).toString());
    } catch (NoSuchFileException e) {
      return Optional.empty(); // closed after it was listed
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
