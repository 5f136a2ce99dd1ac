package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.HandOff;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunRecord;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A conversation that was ended because it was full, and whose files were put back or not: what the
 * next one is told has to be what lies there (M3-34).
 */
@Timeout(300)
class HandOffRollbackTest {

  private static final Actor ANN = Actor.of("ann");
  private static final TaskId WORK = TaskId.of("work");
  private static final Gate GOOD = Gate.command("grep", "-q", "good", "a.txt");

  @TempDir Path directory;

  private Path repository;

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
  }

  private Maestro open(ScriptedAgent agent) {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .workspaces(GitWorkspaces.of(repository))
        .discoverNothing()
        .provider(agent)
        .build();
  }

  /** A turn that fills its conversation. */
  private static Turn full(String session, String words) {
    return Turn.says(words).session(session).emits(new AgentEvent.ContextFilled(95, 100L));
  }

  private static Turn mess() {
    return full("two", "the second half is a mess")
        .writes("a.txt", "half done")
        .writes("stray.txt", "stray");
  }

  private static Turn good(String session) {
    return Turn.says("done").session(session).writes("a.txt", "good");
  }

  private static ScriptedAgent.Builder working(Turn... work) {
    ScriptedAgent.Builder agent =
        ScriptedAgent.named("chat")
            .on("first", full("one", "the first half is done").writes("b.txt", "accepted"))
            .on("work", work[0]);
    for (int i = 1; i < work.length; i++) {
      agent = agent.then(work[i]);
    }
    return agent;
  }

  private static Pipeline pipeline(Consumer<StepBuilder> work) {
    return Pipeline.named("p")
        .handOff(HandOff.USUAL)
        .step("first", s -> s.agent("x").prompt("Begin"))
        .step(
            "work",
            s -> {
              s.agent("x").prompt("Go on").continues("first").gate(GOOD).backoff(Backoff.NONE);
              work.accept(s);
            })
        .step("open", s -> s.approval("Is that all?"))
        .build();
  }

  private static AgentRequest launch(ScriptedAgent agent, int number) {
    return agent.launches("work").get(number - 1).request();
  }

  private static void assertNewConversation(AgentRequest request) {
    assertThat(request.session()).isNull();
  }

  @Test
  void whereTheFilesStayTheNextConversationIsToldWhatTheFullOneSaidAndLeft() throws Exception {
    ScriptedAgent agent = working(mess(), good("three")).build();
    try (Maestro maestro = open(agent)) {
      Run run = maestro.start(pipeline(s -> s.attempts(2)), RunId.of("r"), Inputs.none());
      run.await();

      assertThat(launch(agent, 1).prompt()).contains("95 %", "the first half is done");
      assertNewConversation(launch(agent, 1));
      assertThat(launch(agent, 2).prompt())
          .contains("95 %", "the second half is a mess", "stray.txt", "a.txt")
          .contains("The files are as that attempt left them")
          .doesNotContain("the first half is done");
      assertNewConversation(launch(agent, 2));
    }
  }

  @Test
  void whereAPersonHasPutTheFilesBackItIsToldNothingOfThem() throws Exception {
    ScriptedAgent agent = working(mess(), good("three")).build();
    try (Maestro maestro = open(agent)) {
      Run run = maestro.start(pipeline(s -> {}), RunId.of("r"), Inputs.none());
      run.await();
      run.rollbackToCheckpoint(WORK, ANN);
      run.retry(WORK, ANN);
      run.await();

      assertToldOfWhatWasAcceptedOnly(launch(agent, 2));
      assertThat(run.snapshot().task(WORK).orElseThrow().session()).contains(SessionId.of("three"));
    }
  }

  @Test
  void whereARuleHasPutTheFilesBackItIsToldNothingOfThem() throws Exception {
    ScriptedAgent agent = working(mess(), good("three")).build();
    try (Maestro maestro = open(agent)) {
      Pipeline pipeline = pipeline(s -> s.attempts(2).rollback());
      Run run = maestro.start(pipeline, RunId.of("r"), Inputs.none());
      run.await();

      assertThat(run.journal(1).stream().map(RunRecord::event))
          .hasAtLeastOneElementOfType(RunEvent.RolledBack.class)
          .filteredOn(RunEvent.HandedOff.class::isInstance)
          .hasSize(2);
      assertToldOfWhatWasAcceptedOnly(launch(agent, 2));
    }
  }

  /** What the step before has said stands, as its files do. */
  private static void assertToldOfWhatWasAcceptedOnly(AgentRequest request) {
    assertThat(request.prompt())
        .contains("Its changes were put away", "95 %", "the first half is done")
        .doesNotContain("a mess", "stray.txt");
    assertNewConversation(request);
  }

  @Test
  void aConversationAfterThatIsHandedOffWithWhatItLeftItself() throws Exception {
    Turn again = full("three", "the second half is begun").writes("c.txt", "more");
    ScriptedAgent agent = working(mess(), again, good("four")).build();
    try (Maestro maestro = open(agent)) {
      Run run = maestro.start(pipeline(s -> {}), RunId.of("r"), Inputs.none());
      run.await();
      run.rollbackToCheckpoint(WORK, ANN);
      run.retry(WORK, ANN);
      run.await();
      run.retry(WORK, ANN);
      run.await();

      assertThat(launch(agent, 3).prompt())
          .contains("the second half is begun", "c.txt", "The files are as that attempt left them")
          .doesNotContain("a mess", "stray.txt", "the first half is done");
      assertNewConversation(launch(agent, 3));
      assertThat(run.snapshot().status()).isEqualTo(RunStatus.WAITING);
    }
  }
}
