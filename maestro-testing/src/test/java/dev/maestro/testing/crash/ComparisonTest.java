package dev.maestro.testing.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Question;
import dev.maestro.approval.QuestionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.policy.Backoff;
import dev.maestro.run.Phase;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunEventCodec;
import dev.maestro.run.RunRecord;
import dev.maestro.run.RunSnapshot;
import dev.maestro.store.Envelope;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Amount;
import dev.maestro.task.Money;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import dev.maestro.workspace.DirectoryWorkspaces;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every rule by which a crashed run is judged can be broken. */
@Timeout(300)
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
    Facts after = facts(before.journal(), before.snapshot(), Map.of(), Map.of("work", 2), Map.of());

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

  @Test
  void noticesAnAnswerThatIsLost() throws Exception {
    Facts found = with(run(WELL), List.of("work.1 ann"), Map.of());

    assertThat(new Comparison(run(WELL)).ofHistories(nothing(), found))
        .containsExactly("this answer is lost: work.1 ann");
  }

  @Test
  void noticesThatTheSameIsAskedAgain() throws Exception {
    Facts once = asking(1);

    assertThat(new Comparison(once).ofHistories(nothing(), asking(1))).isEmpty();
    assertThat(new Comparison(run(WELL)).ofHistories(nothing(), asking(1)))
        .noneMatch(problem -> problem.startsWith("asked"));
    assertThat(new Comparison(once).ofHistories(nothing(), asking(2)))
        .anyMatch(problem -> problem.startsWith("asked 2 times: work, POLICY: May it?"));
    assertThat(new Comparison(asking(2)).ofHistories(nothing(), asking(2))).isEmpty();
  }

  @Test
  void noticesBooksThatDoNotSayWhatTheJournalSays() throws Exception {
    Facts run = run(WELL);
    Amount spent = run.tasks().get(0).spent();
    Books right = new Books(spent, Set.of());
    Books wrong = new Books(spent.plus(spent), Set.of("run/work#1"));

    assertThat(new Comparison(run).ofHistories(nothing(), with(run, List.of(), Map.of("a", right))))
        .isEmpty();
    assertThat(
            new Comparison(run)
                .ofHistories(
                    nothing(),
                    with(run, List.of(), Map.of("application", wrong, "day-2026-01-01", right))))
        .hasSize(2)
        .anyMatch(problem -> problem.startsWith("the budget of the application: Amount["))
        .contains("application: still put aside for run/work#1");
  }

  /** {@return a run whose journal has the same question so many times} */
  private Facts asking(int times) throws Exception {
    Facts run = run(WELL);
    List<Envelope> journal = new ArrayList<>(run.journal());
    for (int i = 0; i < times; i++) {
      Question question =
          new Question(
              QuestionId.of("work." + i),
              TaskId.of("work"),
              Question.Kind.POLICY,
              "May it?",
              Instant.EPOCH);
      journal.add(new RunEventCodec().encode(new RunEvent.Asked(question, Phase.ACT, List.of())));
    }
    return facts(journal, run.snapshot(), run.outputs(), Map.of(), Map.of());
  }

  private static Facts with(Facts facts, List<String> answered, Map<String, Books> books) {
    return new Facts(
        facts.journal(),
        facts.snapshot(),
        facts.outputs(),
        facts.executions(),
        facts.observed(),
        answered,
        books);
  }

  private static Facts facts(
      List<Envelope> journal,
      @Nullable RunSnapshot snapshot,
      Map<String, String> outputs,
      Map<String, Integer> executions,
      Map<String, String> observed) {
    return new Facts(journal, snapshot, outputs, executions, observed, List.of(), Map.of());
  }

  private static Facts nothing() {
    return facts(List.of(), null, Map.of(), Map.of(), Map.of());
  }

  private static Facts with(
      Facts facts, Map<String, Integer> executions, Map<String, String> observed) {
    return facts(facts.journal(), facts.snapshot(), facts.outputs(), executions, observed);
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
      return facts(journal(run), result.snapshot(), outputs, Map.of(), Map.of());
    }
  }

  private static List<Envelope> journal(Run run) {
    RunEventCodec codec = new RunEventCodec();
    return run.journal(1).stream().map(RunRecord::event).map(codec::encode).toList();
  }
}
