package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.Maestro;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.approval.Answer;
import dev.maestro.git.GitWorkspaces;
import dev.maestro.pipeline.Inputs;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.store.FileStore;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.testing.ScriptedAgent;
import dev.maestro.testing.Turn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Work that somebody wants to be different, in a real git repository, with a restart in between.
 */
@Timeout(300)
class ReworkTest {

  private static final Actor ANN = Actor.of("ann");
  private static final RunId RUN = RunId.of("r");

  private static final Pipeline PIPELINE =
      Pipeline.named("reviewed")
          .step("a", s -> s.agent("writer").prompt("Write a.txt"))
          .step("b", s -> s.agent("copier").prompt("Copy it").after("a"))
          .step("ok", s -> s.approval("Good enough?").after("b").mergeInto("main"))
          .build();

  @TempDir Path directory;

  private Path repository;
  private final ScriptedAgent agent =
      ScriptedAgent.named("scripted")
          .on("a", Turn.says("done").writes("a.txt", "one"))
          .then(Turn.says("done again").does((r, l) -> append(r.directory().resolve("a.txt"))))
          .on("b", Turn.says("done").does((r, l) -> copy(r.directory())))
          .build();

  @BeforeEach
  void makeARepository() throws Exception {
    repository = directory.resolve("repository");
    DemoProject.create(repository, "main");
  }

  private static void append(Path file) throws IOException {
    Files.writeString(file, Files.readString(file) + " and two");
  }

  private static void copy(Path directory) throws IOException {
    assertThat(directory.resolve("b.txt")).as("begins anew").doesNotExist();
    Files.copy(directory.resolve("a.txt"), directory.resolve("b.txt"));
  }

  private Maestro open() {
    return Maestro.builder()
        .store(FileStore.at(directory.resolve("store")))
        .workspaces(GitWorkspaces.of(repository))
        .discoverNothing()
        .provider(agent)
        .build();
  }

  @Test
  void theNewWorkIsBuiltOnTheOldAndWhatFollowsOnTheNew() throws Exception {
    String oldWork;
    try (Maestro maestro = open()) {
      Run run = maestro.start(PIPELINE, RUN, Inputs.none());
      RunResult asked = run.await();
      oldWork = asked.snapshot().task("b").orElseThrow().checkpoint().orElseThrow().id();
      run.rework(TaskId.of("a"), "Say two as well.", ANN);
      assertThat(run.await().questions()).hasSize(1);
    }
    assertThat(agent.launches("a").get(1).request().prompt())
        .startsWith("Write a.txt")
        .contains("ann wants it to be different")
        .contains("Say two as well.");
    assertThat(agent.launches("b").get(1).request().prompt()).isEqualTo("Copy it");

    try (Maestro maestro = open()) {
      maestro.recover();
      Run run = maestro.find(RUN).orElseThrow();
      run.answer(run.await().questions().get(0).id(), Answer.approve(), ANN);

      RunResult result = run.await();
      assertThat(result.status()).isEqualTo(RunStatus.SUCCEEDED);
      assertThat(result.snapshot().task("b").orElseThrow().generation()).isEqualTo(2);
    }
    try (Git git = Git.open(repository.toFile())) {
      assertThat(file(git.getRepository(), "a.txt")).isEqualTo("one and two");
      assertThat(file(git.getRepository(), "b.txt")).isEqualTo("one and two");
      assertThat(isReachable(git.getRepository(), oldWork))
          .as("the work of the first generation is kept")
          .isTrue();
    }
  }

  private static String file(Repository repository, String path) throws Exception {
    ObjectId blob = repository.resolve("main:" + path);
    return new String(repository.open(blob).getBytes(), StandardCharsets.UTF_8);
  }

  private static boolean isReachable(Repository repository, String commit) throws Exception {
    try (RevWalk walk = new RevWalk(repository)) {
      for (Ref ref : repository.getRefDatabase().getRefs()) {
        if (ref.getObjectId() != null
            && walk.parseAny(ref.getObjectId()) instanceof RevCommit found) {
          walk.markStart(found);
        }
      }
      for (RevCommit found : walk) {
        if (found.getName().equals(commit)) {
          return true;
        }
      }
      return false;
    }
  }
}
