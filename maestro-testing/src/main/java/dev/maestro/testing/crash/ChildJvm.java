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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

  /** How long what a JVM has printed is waited for when it has ended. */
  private static final Duration REST = Duration.ofSeconds(2);

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

  private Fate await(Place place, Process process) throws InterruptedException {
    CompletableFuture<Void> asks = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(place, process, asks), "maestro-crash-matrix-output");
    reader.setDaemon(true);
    reader.start();
    try {
      CompletableFuture.anyOf(asks, process.onExit())
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      boolean killed = process.isAlive();
      process.destroyForcibly();
      int exit = process.waitFor();
      // what it has left behind may keep its output open for as long as it likes
      reader.join(REST.toMillis());
      return killed || exit == CrashMain.HALTED ? Fate.KILLED : ended(exit);
    } catch (TimeoutException e) {
      process.destroyForcibly().waitFor();
      return Fate.HUNG;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the output of a JVM cannot be read", e.getCause());
    } finally {
      process.destroyForcibly();
    }
  }

  private static Fate ended(int exit) {
    return exit == 0 ? Fate.ENDED : Fate.FAILED;
  }

  /** Copy what it prints into the log, until it asks to be killed. */
  private static void read(Place place, Process process, CompletableFuture<Void> asks) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals(CrashMain.HERE)) {
          asks.complete(null);
          return;
        }
        note(place, line);
      }
    } catch (IOException | UncheckedIOException e) {
      asks.completeExceptionally(e);
    }
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
