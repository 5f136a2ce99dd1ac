package dev.maestro.store;

import dev.maestro.store.Verification.Finding;
import dev.maestro.store.Verification.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where damaged files of a store are set aside, each under the path that it had in the store. */
final class Quarantine {

  static final String NAME = "quarantine";

  /** What the names of those end with that somebody has given up. */
  static final String FORGOTTEN = ".forgotten";

  private final Path store;
  private final Path directory;

  Quarantine(Path store) {
    this.store = store;
    this.directory = store.resolve(NAME);
  }

  /** {@return where a file of the store is set aside} */
  Path place(Path file) {
    return directory.resolve(store.relativize(file));
  }

  /** Set a file aside; {@return where} */
  Path take(Path file) throws IOException {
    Path to = place(file);
    Durably.createDirectories(to.resolveSibling(""));
    Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
    Durably.forceDirectory(to.resolveSibling(""));
    Durably.forceDirectory(file.resolveSibling(""));
    return to;
  }

  /** {@return whether a file was set aside and has not come back} */
  boolean holds(Path file) {
    return Files.exists(place(file)) && Files.notExists(file);
  }

  /**
   * {@return a finding for every file that was set aside from a directory and has not come back}
   */
  List<Finding> findings(Path from) throws IOException {
    Path aside = place(from);
    List<Finding> findings = new ArrayList<>();
    if (Files.isDirectory(aside)) {
      try (Stream<Path> all = Files.walk(aside)) {
        for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
          Path original = store.resolve(directory.relativize(file));
          if (!file.toString().endsWith(FORGOTTEN) && Files.notExists(original)) {
            String what = "damaged and set aside; " + original + " has not come back";
            findings.add(new Finding(Kind.SET_ASIDE, file, 0, what));
          }
        }
      }
    }
    return findings;
  }
}
