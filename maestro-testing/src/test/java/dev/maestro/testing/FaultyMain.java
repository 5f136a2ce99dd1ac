package dev.maestro.testing;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.MaestroException;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.providers.CommandAgent;
import dev.maestro.store.FileStore;
import dev.maestro.store.StoreException;
import dev.maestro.task.RunId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that gets into trouble in a JVM of its own, and says how that ended. */
final class FaultyMain {

  static final RunId RUN = RunId.of("faulty");
  static final RunId NEXT = RunId.of("next");

  /** Three that use up the heap, beside a chain that minds its own business. */
  static final Pipeline HOGS =
      Pipeline.named("hogs")
          .step("one", s -> s.code("count", "1"))
          .step("hog-1", s -> s.code("hog", "1").after("one"))
          .step("hog-2", s -> s.code("hog", "1").after("one"))
          .step("hog-3", s -> s.code("hog", "1").after("one"))
          .step("two", s -> s.code("count", "1").after("one"))
          .step("three", s -> s.code("count", "1").after("two"))
          .build();

  static final Pipeline SMALL =
      Pipeline.named("small").step("one", s -> s.code("count", "1")).build();

  static final Pipeline AGENT =
      Pipeline.named("flood")
          .step("flood", s -> s.agent("flooder").prompt("go").output("said").attempts(1))
          .build();

  private FaultyMain() {}

  static MaestroBuilder builder(Path directory) {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .discoverNothing()
        .step("count", "1", c -> count(directory, c.attempt().task().value()))
        .workspaces(DirectoryWorkspaces.at(directory));
  }

  private static String count(Path directory, String task) throws Exception {
    Files.createDirectories(directory.resolve("done"));
    Files.createTempFile(directory.resolve("done"), task + ".", "");
    return "";
  }

  /** Take all there is, and keep it for a while, so that others get nothing. */
  private static String hog() {
    List<byte[]> all = new ArrayList<>();
    for (int size = 1 << 20; size >= 16; size /= 2) {
      try {
        while (true) {
          all.add(new byte[size]);
        }
      } catch (OutOfMemoryError e) {
        if (size == 16) {
          throw e;
        }
      }
    }
    throw new IllegalStateException("there is no end to the heap");
  }

  /** Do what the first argument says, in the directory that the second names. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "hog" -> hogTheHeap(directory);
      case "flood" -> flood(directory, arguments[2]);
      case "open" -> open(directory);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void hogTheHeap(Path directory) throws Exception {
    try (Maestro maestro = builder(directory).step("hog", "1", c -> hog()).build()) {
      say(() -> maestro.start(HOGS, RUN, Inputs.none()).await().status().toString());
      say(() -> maestro.start(SMALL, NEXT, Inputs.none()).await().status().toString());
    }
    System.out.println("closed");
  }

  private static void say(Attempt attempt) throws InterruptedException {
    String word;
    try {
      word = attempt.make();
    } catch (MaestroException | OutOfMemoryError e) {
      // a caller may be the one who is hit
      word = "refused";
    }
    System.out.println(word);
  }

  private static void flood(Path directory, String script) throws Exception {
    CommandAgent agent = CommandAgent.of(ProviderId.of("flooder"), "sh", "-c", script);
    try (Maestro maestro = builder(directory).provider(agent).build()) {
      Run run = maestro.start(AGENT, RUN, Inputs.none());
      RunResult result = run.await();
      System.out.println(result.status());
      System.out.println(result.text("said").map(String::length).orElse(-1));
    }
  }

  /** Open the store, and keep it until stdin ends. */
  private static void open(Path directory) throws Exception {
    try (Maestro maestro = builder(directory).build()) {
      System.out.println("open " + maestro.runs(dev.maestro.store.RunQuery.allOpen()).size());
      if (System.in.read() >= 0) {
        throw new IllegalStateException("nobody talks to this program");
      }
    } catch (StoreException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  @FunctionalInterface
  private interface Attempt {
    String make() throws InterruptedException;
  }
}
