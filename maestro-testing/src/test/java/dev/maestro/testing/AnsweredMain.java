package dev.maestro.testing;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Asking;
import dev.maestro.approval.Question;
import dev.maestro.attempt.CodeStep;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A program in which people answer, and which is killed right after one of their answers. */
final class AnsweredMain {

  static final RunId RUN = RunId.of("answered");

  private AnsweredMain() {}

  static Pipeline pipeline() {
    return Pipeline.named("answered")
        .step("two", s -> s.approval("Do both of you agree?").asking(Asking.DEFAULT.quorum(2)))
        .step("work", s -> s.code("work", "1").after("two").output("word").review())
        .step("end", s -> s.code("end", "1").after("work"))
        .build();
  }

  static MaestroBuilder builder(Path directory, CodeStep end) {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .discoverNothing()
        .workspaces(DirectoryWorkspaces.at(directory))
        .step("work", "1", context -> "done")
        .step("end", "1", end);
  }

  static void answer(Run run, String who) throws InterruptedException {
    Question question = run.await().questions().get(0);
    run.answer(question.id(), Answer.approve().to(question), Actor.of(who));
  }

  /** Answer so often, say so, and wait to be killed: {@code <directory> <answers>}. */
  public static void main(String[] args) throws Exception {
    int answers = Integer.parseInt(args[1]);
    CountDownLatch never = new CountDownLatch(1);
    try (Maestro maestro =
        builder(
                Path.of(args[0]),
                context -> {
                  never.await();
                  return "";
                })
            .build()) {
      Run run = maestro.start(pipeline(), RUN, Inputs.none());
      for (int i = 0; i < answers; i++) {
        answer(run, i == 0 ? "ann" : "ben");
      }
      System.out.println("answered");
      never.await();
    }
  }
}
