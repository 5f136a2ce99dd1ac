package dev.maestro.providers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where programs are. */
final class Programs {

  private Programs() {}

  /**
   * {@return the program by an absolute path when it was named by a relative one, so that it is
   * never looked up in a workspace, where an agent could have put another}
   */
  static String settle(String program) {
    return isBare(program) ? program : Path.of(program).toAbsolutePath().normalize().toString();
  }

  /** {@return whether it can be run: at its path, or somewhere on this process's search path} */
  static boolean isPresent(String program) {
    return isPresent(program, System.getenv("PATH"));
  }

  /** {@return whether it can be run: at its path, or somewhere on the search path} */
  static boolean isPresent(String program, @Nullable String searchPath) {
    return find(program, searchPath).isPresent();
  }

  /** {@return the file that is run: at its path, or the first on the search path} */
  static Optional<Path> find(String program, @Nullable String searchPath) {
    Stream<Path> places =
        isBare(program)
            ? Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(searchPath == null ? "" : searchPath)
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, program))
            : Stream.of(Path.of(program));
    return places
        .filter(place -> Files.isRegularFile(place) && Files.isExecutable(place))
        .findFirst();
  }

  /** {@return the script behind a program, if it is laid out as npm does it} */
  static Optional<Path> script(Path program, String folder, String script) {
    try {
      Path real = program.toRealPath();
      return Stream.iterate(real.getParent(), path -> path != null, Path::getParent)
          .filter(path -> path.endsWith(folder))
          .map(path -> path.resolve(script))
          .filter(Files::isRegularFile)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // it went away meanwhile; starting it will say so
    }
  }

  private static boolean isBare(String program) {
    return program.indexOf('/') < 0 && program.indexOf(File.separatorChar) < 0;
  }
}
