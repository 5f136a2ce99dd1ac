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
import java.util.List;
import java.util.Optional;

/**
 * Runs a scenario as an application would: recover, start, answer, until nothing is left to do, and
 * recover once more as at the next start, because a closing engine gives up what takes it too long.
 */
final class Play {

  static final RunKey RUN = new RunKey(Tenant.DEFAULT, RunId.of("crash"));

  private static final String PEOPLE = "crash-matrix-";

  private final CrashScenario scenario;

  Play(CrashScenario scenario) {
    this.scenario = scenario;
  }

  void toTheEnd(Place place, StoreSource store) throws IOException, InterruptedException {
    try (Maestro maestro = scenario.maestro(place.world()).store(store).build()) {
      maestro.recover();
      Run run = maestro.start(scenario.pipeline(), RUN.run(), scenario.inputs());
      RunResult result = run.await();
      while (answered(place, run, result)
          || !result.status().isTerminal() && scenario.help(run, result)) {
        result = run.await();
      }
    }
    try (Maestro maestro = scenario.maestro(place.world()).store(store).build()) {
      maestro.recover();
    }
  }

  private boolean answered(Place place, Run run, RunResult result) throws IOException {
    boolean any = false;
    for (Question question : result.questions()) {
      Optional<Answer> answer = scenario.answer(question);
      if (answer.isPresent()) {
        answer(place, run, question, answer.get());
        any = true;
      }
    }
    return any;
  }

  /** As many people say yes as it takes; each answer counts for what the question shows. */
  private static void answer(Place place, Run run, Question question, Answer answer)
      throws IOException {
    List<Actor> before = question.answering().approvedBy();
    int people = answer.isApproval() ? question.answering().quorum() - before.size() : 1;
    for (int person = 1; people > 0; person++) {
      Actor actor = Actor.of(PEOPLE + person);
      if (!before.contains(actor)) {
        run.answer(question.id(), answer.to(question), actor);
        place.noteAnswer(question.id(), actor);
        people--;
      }
    }
  }
}
