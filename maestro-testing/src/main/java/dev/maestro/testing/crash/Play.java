package dev.maestro.testing.crash;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.store.StoreSource;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.Tenant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Runs a scenario as an application would: recover, start, answer, until nothing is left to do, and
 * recover once more as at the next start, because a closing engine gives up what takes it too long.
 */
final class Play {

  static final RunKey RUN = new RunKey(Tenant.DEFAULT, RunId.of("crash"));

  private static final Actor PERSON = Actor.of("crash-matrix");

  private final CrashScenario scenario;

  Play(CrashScenario scenario) {
    this.scenario = scenario;
  }

  void toTheEnd(Path world, StoreSource store) throws IOException, InterruptedException {
    try (Maestro maestro = scenario.maestro(world).store(store).build()) {
      maestro.recover();
      Run run = maestro.start(scenario.pipeline(), RUN.run(), scenario.inputs());
      RunResult result = run.await();
      while (answered(run, result)) {
        result = run.await();
      }
    }
    try (Maestro maestro = scenario.maestro(world).store(store).build()) {
      maestro.recover();
    }
  }

  private boolean answered(Run run, RunResult result) {
    boolean any = false;
    for (Question question : result.questions()) {
      Optional<Answer> answer = scenario.answer(question);
      answer.ifPresent(one -> run.answer(question.id(), one, PERSON));
      any |= answer.isPresent();
    }
    return any;
  }
}
