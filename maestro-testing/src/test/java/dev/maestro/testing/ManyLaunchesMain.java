package dev.maestro.testing;

import dev.maestro.Maestro;
import dev.maestro.agent.Capability;
import dev.maestro.store.FileStore;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A program with many launches under way, none of which comes to its end before it is killed. */
final class ManyLaunchesMain {

  /** So many are under way when it says so. */
  static final int TOGETHER = 20;

  static final ManyLaunchesTest.Limits LIMITS = new ManyLaunchesTest.Limits(20, 40, 40);

  private ManyLaunchesMain() {}

  static FileStore store(Path house) {
    return FileStore.at(house.resolve("store"));
  }

  /** Run until it is killed: {@code <directory>}. */
  public static void main(String[] args) throws InterruptedException {
    Path house = Path.of(args[0]);
    CountDownLatch together = new CountDownLatch(TOGETHER);
    ScriptedAgent agent =
        ScriptedAgent.named("scripted")
            .capabilities(Capability.CAPS_SPEND, Capability.PROMPT_AFTER_START)
            .otherwise(Turn.nothing().signals(together).hangs())
            .build();
    try (VirtualTime time = VirtualTime.create();
        Maestro maestro =
            ManyLaunchesTest.builder(house, store(house), time, LIMITS, agent).build()) {
      ManyLaunchesTest.startAll(maestro, LIMITS);
      together.await();
      System.out.println("together");
      new CountDownLatch(1).await();
    }
  }
}
