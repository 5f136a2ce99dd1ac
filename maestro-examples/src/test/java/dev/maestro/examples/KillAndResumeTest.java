package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.run.Move;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.store.FileStore;
import dev.maestro.store.Store;
import dev.maestro.store.StoredEvent;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Tenant;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job as a user starts it, killed with {@code kill -9} at a random moment and run again;
 * {@link EveryCrashTest} kills its pipeline everywhere else.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class KillAndResumeTest {

  private static final RunKey RUN = new RunKey(Tenant.DEFAULT, RunId.of("feature-1"));
  private static final int ATTEMPTS = 4;

  /**
   * The files of {@code main} after a run that nobody disturbs; another when the demo's project or
   * its cassette was changed. Delivering once more to compare takes as long as all the rest.
   */
  private static final String DELIVERED = "1d3efd58b002de3bc87584d2842059fadfd7fc4c";

  // milliseconds; at the shortest the JVM has just started
  private static final long SHORTEST = 300;
  private static final long LONGEST = 17_000;

  // kept when a round fails, to be looked at
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  @Test
  void endsAsAnUndisturbedRunDoes() throws Exception {
    killAndResume();
  }

  @Test
  @Tag("torture")
  void anUndisturbedRunEndsSo() throws Exception {
    Path home = directory.resolve("undisturbed");

    run(home, Map.of());

    assertThat(treeOfMain(home)).isEqualTo(DELIVERED);
  }

  /** Deliver, or go on delivering, with these variables and further arguments. */
  static void run(Path home, Map<String, String> variables, String... arguments) throws Exception {
    Process process = start(home, variables, arguments);
    assertThat(process.waitFor()).as(() -> log(home)).isZero();
  }

  private void killAndResume() throws Exception {
    long moment = LONGEST;
    Path home = directory;
    for (boolean over = true; over; ) {
      // one that was over before it was killed proves nothing, and the next is killed earlier
      moment = ThreadLocalRandom.current().nextLong(SHORTEST, moment);
      home = directory.resolve("killed-after-" + moment);
      Process process = start(home);
      over = process.waitFor(moment, TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
    }
    check(home, moment);
  }

  private static void check(Path home, long moment) throws Exception {
    String story = "killed after " + moment + " ms and " + events(home).size() + " events";
    Process again = start(home);
    assertThat(again.waitFor()).as(() -> story + "\n" + log(home)).isZero();

    System.out.println(story);
    checkHistory(events(home), story);
    assertThat(treeOfMain(home)).as(story).isEqualTo(DELIVERED);
    assertThat(leftOf(home)).as(story).isEmpty();
  }

  static void checkHistory(List<RunEvent> events, String story) {
    Map<TaskId, Integer> launches = new HashMap<>();
    Set<TaskId> completed = new HashSet<>();
    int ends = 0;
    for (RunEvent event : events) {
      if (event instanceof RunEvent.Launched launched && launched.agent()) {
        launches.merge(launched.task(), 1, Integer::sum);
      } else if (event instanceof RunEvent.Dispatched dispatched) {
        assertThat(completed).as(story).doesNotContain(dispatched.task());
      } else if (event instanceof RunEvent.RunMoved moved && moved.to().isTerminal()) {
        assertThat(moved.to()).as(story).isEqualTo(RunStatus.SUCCEEDED);
        ends++;
      }
      event.moves().stream()
          .filter(move -> move.to() == TaskState.COMPLETED)
          .map(Move::task)
          .forEach(completed::add);
    }
    assertThat(launches.values()).as(story).allMatch(count -> count <= ATTEMPTS);
    assertThat(ends).as(story).isOne();
  }

  static List<RunEvent> events(Path home) {
    RunEventCodec codec = new RunEventCodec();
    List<RunEvent> events = new ArrayList<>();
    if (!Files.exists(home.resolve("store"))) {
      return events;
    }
    try (Store store = FileStore.readOnly(home.resolve("store")).open(InstantSource.system())) {
      for (StoredEvent stored : store.read(RUN, 1)) {
        events.add(codec.decode(stored.envelope()));
      }
    }
    return events;
  }

  static String treeOfMain(Path home) throws IOException {
    Path repository = home.resolve("repository");
    try (Repository git = new FileRepositoryBuilder().setWorkTree(repository.toFile()).build()) {
      return git.resolve("refs/heads/main^{tree}").name();
    }
  }

  private static List<String> leftOf(Path home) {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(command -> command.contains(home.toString()))
        .toList();
  }

  private static Process start(Path home) throws IOException {
    return start(home, Map.of());
  }

  static Process start(Path home, Map<String, String> variables, String... arguments)
      throws IOException {
    Files.createDirectories(home);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(FeatureDeliveryMain.class.getName());
    command.addAll(List.of("--home", home.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile(home)));
    builder.environment().putAll(variables);
    return builder.start();
  }

  private static File logFile(Path home) {
    return home.resolveSibling(home.getFileName() + ".log").toFile();
  }

  static String log(Path home) {
    try {
      return Files.readString(logFile(home).toPath());
    } catch (IOException e) {
      return e.toString();
    }
  }
}
