package dev.maestro.testing.crash;

import dev.maestro.store.StoreSource;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * The JVM that is killed, and the one that goes on.
 *
 * <p>Arguments: the scenario's class, the directory of the point, and maybe the kind of the kill,
 * the label of a record and its occurrence. It exits with 0 when the run has come to its end.
 */
public final class CrashMain {

  /** What it prints when it stands where it is to be killed. */
  static final String HERE = "maestro-crash-matrix: kill me here";

  /** How a JVM ends that halts itself; as if it had been killed. */
  static final int HALTED = 137;

  private CrashMain() {}

  /** Run to the end, or to the point. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Place place = new Place(Path.of(arguments[1]));
    StoreSource store = Content.store(place.store());
    if (arguments.length > 2) {
      CrashPoint.Kind kind = CrashPoint.Kind.valueOf(arguments[2]);
      JournalPlace record = new JournalPlace(arguments[3], Integer.parseInt(arguments[4]));
      Runnable end = kind.isFromOutside() ? CrashMain::waitForTheKill : CrashMain::halt;
      store = new Doom(Play.RUN, record, kind.isAfter(), end).of(store);
    }
    new Play(Scenarios.create(arguments[0])).toTheEnd(place, store);
  }

  private static void halt() {
    Runtime.getRuntime().halt(HALTED);
  }

  private static void waitForTheKill() {
    // past whatever the scenario has made of the standard output, and on a line of its own
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    out.println();
    out.println(HERE);
    boolean interrupted = false;
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        // Nothing but a kill ends this wait; whoever interrupts gets no further for it.
        interrupted |= Thread.interrupted();
      }
    }
  }
}
