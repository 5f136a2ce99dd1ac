package dev.maestro.examples;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.testing.VirtualTime;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * What happens when a provider's quota is used up for five hours?
 *
 * <p>Its tasks wait until then, those of another provider go on, and nobody spends an attempt. Exit
 * code 1 if anything else happened.
 */
public final class QuotaMain {

  private static final Usage SOME = Usage.of(100, 10, Money.usd("0.01"));
  private static final Duration FIVE_HOURS = Duration.ofHours(5);

  private QuotaMain() {}

  /** Tell the story. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    System.exit(tell(System.out) ? 0 : 1);
  }

  /** {@return whether it went as promised} */
  static boolean tell(PrintStream out) throws IOException, InterruptedException {
    Path place = Files.createTempDirectory("quota");
    try (VirtualTime time = VirtualTime.create()) {
      return tell(out, time, place);
    } finally {
      Files.delete(place);
    }
  }

  private static boolean tell(PrintStream out, VirtualTime time, Path place)
      throws InterruptedException {
    Instant back = time.instant().plus(FIVE_HOURS);
    ScriptedAgent empty =
        ScriptedAgent.named("empty")
            .on("write", Turn.quota(back))
            .then(Turn.says("written").uses(SOME))
            .build();
    ScriptedAgent other =
        ScriptedAgent.named("other").otherwise(Turn.says("looked up").uses(SOME)).build();
    Pipeline pipeline =
        Pipeline.named("two-providers")
            .step("write", s -> s.agent("empty").prompt("Write it"))
            .step("look-up", s -> s.agent("other").prompt("Look it up"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(empty)
            .provider(other)
            .time(time)
            .workspaces(DirectoryWorkspaces.at(place))
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("quota-1"), Inputs.none());
      Task waiting = awaitPause(run);
      out.println(
          "write waits until "
              + waiting.until().orElseThrow()
              + ", because "
              + waiting.detail().orElse("its provider takes nothing"));
      time.advance(FIVE_HOURS);
      RunResult ended = run.await();
      out.println("Five hours later the run is " + ended.status());
      return waiting.until().orElseThrow().equals(back)
          && ended.isSuccess()
          && other.launches().size() == 1
          && empty.launches().size() == 2;
    }
  }

  /** The other one is done by then: time that passes while it works is time that it takes. */
  private static Task awaitPause(Run run) {
    RunSnapshot now = run.snapshot();
    while (now.task("write").orElseThrow().until().isEmpty()
        || now.task("look-up").orElseThrow().state() != TaskState.COMPLETED) {
      Thread.onSpinWait();
      now = run.snapshot();
    }
    return now.task("write").orElseThrow();
  }
}
