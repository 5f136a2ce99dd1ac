package dev.maestro.store;

import static dev.maestro.store.Fixtures.commit;
import static dev.maestro.store.Fixtures.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A process of its own that uses a store; says on its standard output what it has done. */
final class StoreChild {

  private StoreChild() {}

  /** Run {@code hold DIRECTORY} or {@code commit DIRECTORY}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Path.of(args[1]);
    try (Store store = FileStore.at(directory).open(InstantSource.system())) {
      say("open");
      if (args[0].equals("hold")) {
        System.in.read();
      } else {
        commitForEver(store);
      }
    } catch (StoreException e) {
      say(e.getMessage());
    }
  }

  private static void commitForEver(Store store) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d")) {
      Thread thread = new Thread(() -> commitForEver(store, name));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void commitForEver(Store store, String name) {
    for (long sequence = 0; ; sequence += 3) {
      commit(store, commit(run(name), sequence, 3));
      say(name + " " + (sequence + 3));
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Start such a process with the class path of this one. */
  static Process start(String mode, Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            StoreChild.class.getName(),
            mode,
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
