package dev.maestro.testing.crash;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Starts JVMs that run a scenario, kills those that ask for it, and says how each ended. */
final class ChildJvm {

  /** How a JVM ended. */
  enum Fate {
    /** The run came to its end. */
    ENDED,
    /** It was halted or killed where it should be. */
    KILLED,
    /** It failed; its log tells why. */
    FAILED,
    /** It did not end in time. */
    HUNG
  }

  private final String scenario;
  private final List<String> options;
  private final Duration patience;

  ChildJvm(String scenario, List<String> options, Duration patience) {
    this.scenario = scenario;
    this.options = options;
    this.patience = patience;
  }

  /** Run to the end. */
  Fate run(Place place) throws IOException, InterruptedException {
    return await(place, start(place, List.of()));
  }

  /** Run to a point, and no further. */
  Fate runTo(Place place, CrashPoint.Kind kind, JournalPlace record)
      throws IOException, InterruptedException {
    String occurrence = Integer.toString(record.occurrence());
    return await(place, start(place, List.of(kind.name(), record.label(), occurrence)));
  }

  private Process start(Place place, List<String> point) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CrashMain.class.getName(), scenario, place.directory().toString()));
    command.addAll(point);
    note(place, "---- " + (point.isEmpty() ? "to the end" : String.join(" ", point)));
    ProcessBuilder.Redirect log = ProcessBuilder.Redirect.appendTo(place.log().toFile());
    return new ProcessBuilder(command).redirectError(log).start();
  }

  private Fate await(Place place, Process process) throws IOException, InterruptedException {
    AtomicBoolean hung = new AtomicBoolean();
    CompletableFuture<Process> limit =
        process.onExit().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    limit.exceptionally(
        late -> {
          hung.set(true);
          return process.destroyForcibly();
        });
    try {
      boolean killed = killWhereItAsks(place, process);
      int exit = process.waitFor();
      if (hung.get()) {
        return Fate.HUNG;
      }
      return killed || exit == CrashMain.HALTED ? Fate.KILLED : ended(exit);
    } finally {
      limit.cancel(false);
      process.destroyForcibly();
    }
  }

  private static Fate ended(int exit) {
    return exit == 0 ? Fate.ENDED : Fate.FAILED;
  }

  private static boolean killWhereItAsks(Place place, Process process) throws IOException {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(CrashMain.HERE)) {
          process.destroyForcibly();
          return true;
        }
        note(place, line);
      }
    }
    return false;
  }

  private static void note(Place place, String line) {
    try {
      Files.writeString(
          place.log(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
