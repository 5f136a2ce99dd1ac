package dev.maestro;

import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.PipelineBuilder;
import dev.maestro.store.FileStore;
import dev.maestro.task.RunId;
import java.nio.file.Path;
import java.util.List;

/** A JVM that says which classes it loads, and does nothing else that is worth telling. */
final class StartMain {

  private static final int STEPS = 10;

  private StartMain() {}

  /** {@return the command of a JVM that does so to a store in this directory} */
  static List<String> command(String what, Path directory) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xlog:class+load:stdout",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        StartMain.class.getName(),
        what,
        directory.toString());
  }

  /**
   * Do one thing: {@code begin} takes ten steps and asks a person, {@code recover} goes on with
   * that, {@code nothing} is for comparison.
   */
  public static void main(String[] args) throws InterruptedException {
    if (args[0].equals("nothing")) {
      return;
    }
    try (Maestro maestro =
        Maestro.builder()
            .discoverNothing()
            .step("nothing", "1", context -> null)
            .store(FileStore.at(Path.of(args[1])))
            .build()) {
      if (args[0].equals("begin")) {
        maestro.start(pipeline(), RunId.of("run"), Inputs.none()).await();
      } else {
        maestro.recover();
      }
    }
  }

  private static Pipeline pipeline() {
    PipelineBuilder steps = Pipeline.named("ten-steps");
    for (int i = 0; i < STEPS; i++) {
      int number = i;
      steps.step(
          "step-" + i,
          s -> {
            s.code("nothing", "1").allowNoOp();
            if (number > 0) {
              s.after("step-" + (number - 1));
            }
          });
    }
    return steps.step("ask", s -> s.approval("Well?").after("step-" + (STEPS - 1))).build();
  }
}
