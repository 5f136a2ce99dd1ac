package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunRecord;
import dev.maestro.store.Envelope;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every rule by which a crashed run is judged can be broken. */
@Timeout(60)
class ComparisonTest {

  private static final Usage CENT = Usage.of(10, 1, Money.usd("0.01"));
  private static final Turn WELL = Turn.says("done").uses(CENT);
  private static final Turn BADLY = Turn.failing(ErrorClass.TRANSIENT, "not yet").uses(CENT);

  @TempDir Path directory;

  @Test
  void findsNoFaultWithTheSame() throws Exception {
    Facts undisturbed = run(WELL);
    Comparison comparison = new Comparison(undisturbed);

    assertThat(comparison.ofEnds(run(WELL))).isEmpty();
    assertThat(comparison.ofHistories(nothing(), run(WELL))).isEmpty();
  }

  @Test
  void noticesAnotherOutput() throws Exception {
    List<String> problems = new Comparison(run(WELL)).ofEnds(run(Turn.says("else").uses(CENT)));

    assertThat(problems).containsExactly("the outputs, work: \"else\" instead of \"done\"");
  }

  @Test
  void noticesAnotherEnd() throws Exception {
    List<String> problems = new Comparison(run(WELL)).ofEnds(run(BADLY, BADLY, BADLY));

    assertThat(problems)
        .contains("the run: FAILED instead of SUCCEEDED", "task work: FAILED instead of COMPLETED");
  }

  @Test
  void noticesThatNothingIsThere() throws Exception {
    assertThat(new Comparison(run(WELL)).ofEnds(nothing())).containsExactly("there is no run");
  }

  @Test
  void noticesAnotherFile() throws Exception {
    Facts found = with(run(WELL), Map.of(), Map.of("main", "tree"));

    assertThat(new Comparison(run(WELL)).ofEnds(found))
        .containsExactly("what was observed, main: tree instead of null");
  }

  @Test
  void noticesThatSomethingDurableIsLost() throws Exception {
    Facts crashed = run(WELL);
    Facts atKill = run(BADLY, WELL);

    assertThat(new Comparison(run(WELL)).ofHistories(atKill, crashed))
        .contains("the journal does not begin with what was durable when the JVM was killed");
  }

  @Test
  void noticesThatCompletedWorkIsDoneAgain() throws Exception {
    Facts before = with(run(WELL), Map.of("work", 1), Map.of());
    Facts after =
        new Facts(before.journal(), before.snapshot(), Map.of(), Map.of("work", 2), Map.of());

    assertThat(new Comparison(run(WELL)).ofHistories(before, after))
        .containsExactly("task work was completed before the kill and carried out after it");
  }

  @Test
  void noticesLaunchesThatNoKillExplains() throws Exception {
    assertThat(new Comparison(run(WELL)).ofHistories(nothing(), run(BADLY, BADLY, WELL)))
        .contains("task work: one kill took 2 launches more");
  }

  @Test
  void noticesMoreExecutionsThanAttempts() throws Exception {
    Facts found = with(run(WELL), Map.of("work", 4), Map.of());

    assertThat(new Comparison(run(WELL)).ofHistories(nothing(), found))
        .containsExactly("task work was carried out 4 times of 3");
  }

  @Test
  void noticesMoneyThatWasSpentTwice() throws Exception {
    List<String> problems = new Comparison(run(WELL)).ofHistories(nothing(), run(BADLY, WELL));

    assertThat(problems).singleElement().asString().startsWith("task work: the usage: Usage[");
  }

  @Test
  void allowsForALaunchThatWasCutOffWhenItsUsageIsPresumed() throws Exception {
    Turn unknown = Turn.failing(ErrorClass.TRANSIENT, "cut off").usesUnknown();

    assertThat(new Comparison(run(WELL)).ofHistories(nothing(), run(unknown, WELL))).isEmpty();
  }

  private static Facts nothing() {
    return new Facts(List.of(), null, Map.of(), Map.of(), Map.of());
  }

  private static Facts with(
      Facts facts, Map<String, Integer> executions, Map<String, String> observed) {
    return new Facts(facts.journal(), facts.snapshot(), facts.outputs(), executions, observed);
  }

  /** {@return what is known of a run in which the agent does so in one attempt after the other} */
  private Facts run(Turn first, Turn... then) throws Exception {
    ScriptedAgent.Builder agent = ScriptedAgent.named("scripted").on("work", first);
    for (Turn turn : then) {
      agent.then(turn);
    }
    Pipeline pipeline =
        Pipeline.named("work")
            .step(
                "work",
                s ->
                    s.agent("engineer")
                        .prompt("work")
                        .output("out")
                        .attempts(3)
                        .backoff(Backoff.NONE))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .discoverNothing()
            .provider(agent.build())
            .workspaces(DirectoryWorkspaces.at(directory))
            .build()) {
      Run run = maestro.start(pipeline, RunId.of("work"), Inputs.none());
      RunResult result = run.await();
      Map<String, String> outputs =
          result.text("out").map(text -> Map.of("work", "\"" + text + "\"")).orElse(Map.of());
      return new Facts(journal(run), result.snapshot(), outputs, Map.of(), Map.of());
    }
  }

  private static List<Envelope> journal(Run run) {
    RunEventCodec codec = new RunEventCodec();
    return run.journal(1).stream().map(RunRecord::event).map(codec::encode).toList();
  }
}
