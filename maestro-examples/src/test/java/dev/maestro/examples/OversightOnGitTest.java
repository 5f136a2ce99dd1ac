package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.MaestroBuilder;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.Capability;
import dev.maestro.agent.SessionId;
import dev.maestro.approval.Answer;
import dev.maestro.approval.Question;
import dev.maestro.attempt.Interceptor;
import dev.maestro.gate.Gate;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.StepBuilder;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Budget;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Place;
import dev.maestro.policy.Tiers;
import dev.maestro.policy.Verdict;
import dev.maestro.run.Task;
import dev.maestro.store.InMemoryStore;
import dev.maestro.task.Actor;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.Risk;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskState;
import dev.maestro.task.Usage;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is asked when about work in a real repository, and what a yes is about. */
@Timeout(300)
class OversightOnGitTest {

  private static final Actor ANN = Actor.of("ann");
  private static final RunId RUN = RunId.of("r");
  private static final String KEY = "first-line-of-the-key\nit-ends-here\n";
  private static final Gate THERE = Gate.command("test", "-e", "a.txt");

  @TempDir Path directory;

  private Path repository;
  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .on("a", Turn.says("done").writes("a.txt", "first"))
          .then(Turn.says("done").writes("a.txt", "second"))
          .build();

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
  }

  private MaestroBuilder builder() {
    return Maestro.builder()
        .store(InMemoryStore.create())
        .workspaces(GitWorkspaces.of(repository))
        .discoverNothing()
        .provider(agent);
  }

  private static Pipeline pipeline(Consumer<StepBuilder> more) {
    return Pipeline.named("overseen")
        .step(
            "a",
            s -> {
              s.agent("writer").prompt("Write a.txt");
              more.accept(s);
            })
        .build();
  }

  private ObjectId commit(String branch) throws Exception {
    try (Git git = Git.open(repository.toFile())) {
      return git.getRepository().resolve(branch);
    }
  }

  private static Task task(RunResult result) {
    return result.snapshot().task("a").orElseThrow();
  }

  private static Question only(RunResult result) {
    assertThat(result.questions()).hasSize(1);
    return result.questions().get(0);
  }

  private static RunResult answer(Run run, Answer answer) throws InterruptedException {
    Question question = only(run.await());
    run.answer(question.id(), answer.to(question), ANN);
    return run.await();
  }

  // ------------------------------------------------------------------ reviews

  @Test
  void reviewedWorkIsOnItsBranchOnlyAfterTheYes() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline(s -> s.gate(THERE).review()), RUN, Inputs.none());
      RunResult ready = run.await();
      ObjectId before = commit("maestro/r/a");

      assertThat(task(ready).state()).isEqualTo(TaskState.READY_FOR_REVIEW);
      assertThat(only(ready).kind()).isEqualTo(Question.Kind.REVIEW);
      assertThat(only(ready).shown().text()).contains("+first");
      assertThat(before).isEqualTo(commit("main"));

      RunResult done = answer(run, Answer.approve());
      assertThat(done.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(commit("maestro/r/a").name())
          .isEqualTo(task(done).checkpoint().orElseThrow().id());
      assertThat(commit("main")).as("nothing is merged that nobody wants merged").isEqualTo(before);
    }
  }

  @Test
  void changesOfAReviewAreMadeAndReviewedAgain() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline(s -> s.gate(THERE).review()), RUN, Inputs.none());
      Question first = only(run.await());
      RunResult again = answer(run, Answer.changes("say second"));

      assertThat(agent.launches("a").get(1).request().prompt()).contains("say second");
      assertThat(only(again).hash()).isNotEqualTo(first.hash());
      assertThat(only(again).shown().text()).contains("+second");
      assertThat(answer(run, Answer.approve()).status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void whatAStepReturnsIsShownAndBelongsToWhatAYesIsAbout() throws Exception {
    ScriptedAgent adviser =
        ScriptedAgent.named("scripted")
            .on("a", Turn.says("sell everything").uses(Usage.of(5, 5, Money.ZERO)))
            .on("b", Turn.says("sell nothing").uses(Usage.of(5, 5, Money.ZERO)))
            .build();
    Pipeline advice =
        Pipeline.named("advice")
            .step("a", s -> s.agent("adviser").prompt("What now?").output("first").review())
            .step("b", s -> s.agent("adviser").prompt("What now?").output("second").review())
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .provider(adviser)
            .build()) {
      List<Question> asked = maestro.start(advice, RUN, Inputs.none()).await().questions();

      assertThat(asked)
          .extracting(question -> question.shown().text())
          .containsExactlyInAnyOrder("sell everything", "sell nothing");
      assertThat(asked.get(0).hash()).isNotEqualTo(asked.get(1).hash());
    }
  }

  private RunResult asked(Place place, Consumer<StepBuilder> more, Change meanwhile)
      throws Exception {
    Interceptor asks = Interceptor.at(place, c -> new Verdict.Ask(Reason.ESCALATED, "Is it fine?"));
    try (Maestro maestro = builder().interceptor("asks", asks).build()) {
      Run run = maestro.start(pipeline(more), RUN, Inputs.none());
      Question first = only(run.await());
      assertThat(first.shown().text()).contains("+first");
      meanwhile.happens();
      Question second = only(answer(run, Answer.approve()));
      assertThat(second.hash()).isNotEqualTo(first.hash());
      return answer(run, Answer.approve());
    }
  }

  private interface Change {
    void happens() throws Exception;
  }

  @Test
  void aYesToAnInterceptorIsAboutTheDiffThatItShowed() throws Exception {
    Path evil = repository.resolve(".maestro/worktrees/r/a/evil.txt");

    RunResult done =
        asked(Place.DIFF, s -> s.intercept("asks"), () -> Files.writeString(evil, "not looked at"));

    assertThat(done.status()).isEqualTo(RunStatus.SUCCEEDED);
    assertThat(task(done).changed()).isEqualTo(2);
  }

  @Test
  void aYesToAnInterceptorIsAboutTheMergeThatItShowed() throws Exception {
    RunResult done =
        asked(Place.MERGE, s -> s.mergeInto("main").intercept("asks"), this::commitOther);

    assertThat(done.status()).isEqualTo(RunStatus.SUCCEEDED);
  }

  private void commitOther() throws Exception {
    try (Git git = Git.open(repository.toFile())) {
      Files.writeString(repository.resolve("other.txt"), "meanwhile");
      git.add().addFilepattern("other.txt").call();
      git.commit().setMessage("Meanwhile").setAuthor("x", "x@y").setSign(false).call();
    }
  }

  private RunResult reviewed(Turn turn, Consumer<StepBuilder> more, List<String> hidden)
      throws Exception {
    ScriptedAgent leaking = ScriptedAgent.named("scripted").otherwise(turn).build();
    Map<String, String> secrets = Map.of("TOKEN", "canary-0123", "KEY", KEY);
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .secrets(name -> Optional.ofNullable(secrets.get(name)))
            .provider(leaking)
            .build()) {
      Run run = maestro.start(pipeline(more), RUN, Inputs.none());
      RunResult ready = run.await();
      String shown = only(ready).shown().text();
      StringBuilder journal = new StringBuilder();
      run.journal(1).forEach(one -> journal.append(one.event()));
      assertThat(shown).contains("***");
      assertThat(hidden).noneMatch(shown::contains).noneMatch(journal.toString()::contains);
      assertThat(answer(run, Answer.approve()).status()).isEqualTo(RunStatus.SUCCEEDED);
      return ready;
    }
  }

  @Test
  void declaredSecretsInWorkAreShownToNobodyWhereverTheDiffIsCut() throws Exception {
    Turn turn =
        Turn.says("done")
            .writes("a.txt", "it is " + KEY)
            .writes("b.txt", "canary-0123\n".repeat(600));

    reviewed(
        turn,
        s -> s.secret("TOKEN").secret("KEY").review(),
        List.of("can", "line-of-the-key", "ends-here"));
  }

  @Test
  void whatLooksLikeASecretInLinesThatAreRemovedIsShownToNobody() throws Exception {
    String token = "ghp_" + "a1B2".repeat(9);
    Files.writeString(repository.resolve("token.txt"), token + "\n");
    try (Git git = Git.open(repository.toFile())) {
      git.add().addFilepattern("token.txt").call();
      git.commit().setSign(false).setMessage("A token").call();
    }

    reviewed(
        Turn.says("done").deletes("token.txt"),
        s -> s.guard(Guardrail.secrets()).review(),
        List.of(token));
  }

  // ------------------------------------------------------------------ tiers

  @Test
  void aMergeThatSomebodyAgreedToStaysAgreedWhenTheBranchHasMovedOnInOtherFiles() throws Exception {
    Pipeline merging =
        pipeline(s -> s.gate(THERE).mergeInto("main").signOff(Tiers.USUAL).risk(Risk.MEDIUM));
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(merging, RUN, Inputs.none());
      Question first = only(run.await());
      assertThat(first.shown().text()).contains("+first");
      commitOther();

      RunResult done = answer(run, Answer.approve());

      assertThat(done.status()).isEqualTo(RunStatus.SUCCEEDED);
      try (Git git = Git.open(repository.toFile())) {
        assertThat(git.getRepository().resolve("main:a.txt")).isNotNull();
        assertThat(git.getRepository().resolve("main:other.txt")).isNotNull();
      }
    }
  }

  @Test
  void aMergeIsAskedOnceWhenNothingHasChanged() throws Exception {
    Pipeline merging =
        pipeline(s -> s.gate(THERE).mergeInto("main").signOff(Tiers.USUAL).risk(Risk.MEDIUM));
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(merging, RUN, Inputs.none());

      assertThat(answer(run, Answer.approve()).status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(agent.launches("a")).hasSize(1);
    }
  }

  @Test
  void lowRiskGoesThroughWhenItsGatesPassAndIsLookedAtWhenThereAreNone() throws Exception {
    try (Maestro maestro = builder().build()) {
      Run tested =
          maestro.start(
              pipeline(s -> s.gate(THERE).mergeInto("main").signOff(Tiers.USUAL).risk(Risk.LOW)),
              RunId.of("tested"),
              Inputs.none());
      assertThat(tested.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      Run untested =
          maestro.start(
              pipeline(s -> s.signOff(Tiers.USUAL).risk(Risk.LOW)),
              RunId.of("untested"),
              Inputs.none());
      assertThat(task(untested.await()).state()).isEqualTo(TaskState.READY_FOR_REVIEW);
    }
  }

  @Test
  void highRiskBeginsOnlyAfterAYesAndAFurtherAttemptDoesNotAskForThatAgain() throws Exception {
    Gate second = Gate.command("grep", "-q", "second", "a.txt");
    Pipeline pipeline =
        pipeline(s -> s.gate(second).attempts(2).signOff(Tiers.USUAL).risk(Risk.HIGH));
    try (Maestro maestro = builder().build()) {
      Run run = maestro.start(pipeline, RUN, Inputs.none());
      assertThat(only(run.await()).text()).contains("begin");
      assertThat(agent.launches("a")).isEmpty();

      RunResult review = answer(run, Answer.approve());
      assertThat(agent.launches("a")).hasSize(2);
      assertThat(only(review).kind()).isEqualTo(Question.Kind.REVIEW);
      assertThat(answer(run, Answer.approve()).status()).isEqualTo(RunStatus.SUCCEEDED);
    }
  }

  @Test
  void aClassifierRaisesTheRiskThatTheStepSays() throws Exception {
    MaestroBuilder careful =
        builder().riskClassifier(c -> c.prompt().contains("a.txt") ? Risk.HIGH : Risk.LOW);
    try (Maestro maestro = careful.build()) {
      Run run =
          maestro.start(
              pipeline(s -> s.gate(THERE).signOff(Tiers.USUAL).risk(Risk.LOW)), RUN, Inputs.none());
      assertThat(only(run.await()).text()).contains("Its risk is high.");
    }
  }

  @Test
  void withoutTiersNobodyIsAskedAndNothingIsJudged() throws Exception {
    MaestroBuilder careful = builder().riskClassifier(c -> Risk.HIGH);
    try (Maestro maestro = careful.build()) {
      Run run = maestro.start(pipeline(s -> s.gate(THERE)), RUN, Inputs.none());
      assertThat(run.await().status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(run.judgments()).isEmpty();
    }
  }

  // ------------------------------------------------------------------ level 3

  @Test
  void atLevelThreeTheFilesOfAFailedAttemptAreWhatWasAccepted() throws Exception {
    List<Boolean> leftovers = new ArrayList<>();
    ScriptedAgent failing =
        ScriptedAgent.named("scripted")
            .on("a", Turn.says("done").writes("wrong.txt", "x"))
            .then(
                Turn.says("done")
                    .does((r, h) -> leftovers.add(Files.exists(r.directory().resolve("wrong.txt"))))
                    .writes("wrong.txt", "y"))
            .build();
    Pipeline guarded =
        Pipeline.named("guarded")
            .autonomy(AutonomyLevel.GUARDED)
            .step("a", s -> s.agent("writer").prompt("Write a.txt").gate(THERE).attempts(2))
            .step("open", s -> s.approval("Is that all?"))
            .build();
    try (Maestro maestro =
        Maestro.builder()
            .store(InMemoryStore.create())
            .workspaces(GitWorkspaces.of(repository))
            .discoverNothing()
            .provider(failing)
            .build()) {
      Run run = maestro.start(guarded, RUN, Inputs.none());
      RunResult result = run.await();

      assertThat(task(result).state()).isEqualTo(TaskState.FAILED);
      assertThat(leftovers).containsExactly(false);
      Path worktree = failing.launches("a").get(1).request().directory();
      assertThat(worktree.resolve("wrong.txt")).doesNotExist();
      assertThat(failing.launches("a").get(1).request().prompt())
          .contains("Its changes were put away");
    }
  }

  // ------------------------------------------------------------------ rolled back, or only waiting

  @Test
  void aTaskThatOnlyWaitsForMoneyKeepsItsWorkAndItsConversation() throws Exception {
    Usage much = Usage.of(120, 0, Money.ZERO);
    ScriptedAgent metered =
        ScriptedAgent.named("metered")
            .capabilities(Capability.SESSIONS, Capability.METERS)
            .on(
                "a",
                Turn.says("half")
                    .session("s1")
                    .writes("a.txt", "half")
                    .emits(new AgentEvent.UsageReported(much))
                    .hangs())
            .then(Turn.says("done"))
            .build();
    RunResult waiting = rolledBackWith(metered, s -> s.budget(Budget.ofTokens(100)));

    assertThat(task(waiting).state()).isEqualTo(TaskState.PAUSED);
    assertThat(metered.launches("a").get(0).request().directory().resolve("a.txt"))
        .hasContent("half");
    assertThat(task(waiting).session()).contains(SessionId.of("s1"));
  }

  @Test
  void aTaskThatOnlyWaitsForItsQuotaKeepsItsWork() throws Exception {
    Turn quota = Turn.quota(Instant.now().plus(Duration.ofDays(9))).writes("a.txt", "half");
    ScriptedAgent limited = ScriptedAgent.named("limited").on("a", quota).build();
    RunResult waiting = rolledBackWith(limited, s -> s.attempts(2));

    assertThat(task(waiting).reason()).contains(Reason.QUOTA_EXHAUSTED);
    assertThat(limited.launches("a").get(0).request().directory().resolve("a.txt"))
        .hasContent("half");
  }

  /** {@return the run when its task stands still} */
  private RunResult rolledBackWith(ScriptedAgent other, Consumer<StepBuilder> more)
      throws Exception {
    CountDownLatch paused = new CountDownLatch(1);
    try (Maestro maestro = builder().provider(other).defaultProvider(other.id()).build()) {
      maestro.listen(
          record ->
              record.event().moves().stream()
                  .filter(move -> move.to() == TaskState.PAUSED)
                  .forEach(move -> paused.countDown()));
      Pipeline pipeline = pipeline(s -> more.accept(s.attempts(3).rollback()));
      Run run = maestro.start(pipeline, RUN, Inputs.none());
      paused.await();
      return run.result();
    }
  }
}
