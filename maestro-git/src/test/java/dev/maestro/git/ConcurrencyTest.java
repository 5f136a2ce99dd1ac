package dev.maestro.git;

import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.opened;
import static dev.maestro.git.TestRepository.work;
import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.process.Time;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Workspace;
import dev.maestro.workspace.WorkspaceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ConcurrencyTest {

  @TempDir Path temp;

  private static <T> List<T> atOnce(List<Callable<T>> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(work.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(work)) {
        results.add(result.get());
      }
      return results;
    } finally {
      threads.shutdownNow();
    }
  }

  @BothWays
  void tasksOfSeveralRunsWorkAtOnceInSeveralInstances(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    List<Callable<String>> work = new ArrayList<>();

    try (GitWorkspaces one = repository.workspaces(use);
        GitWorkspaces two = repository.workspaces(use)) {
      for (int i = 0; i < 9; i++) {
        GitWorkspaces workspaces = i % 2 == 0 ? one : two;
        RunKey run = TestRepository.run("run" + i % 3);
        TaskId task = TaskId.of("task" + i);
        work.add(
            () -> {
              Workspace workspace =
                  opened(workspaces.open(new WorkspaceRequest(run, task, List.of())));
              for (int round = 0; round < 3; round++) {
                work(workspace, task + ".txt", "round " + round);
              }
              assertThat(gitIn(workspace.directory(), "status", "--porcelain")).isEmpty();
              return repository.git("rev-list", "--count", "main.." + workspace.head().id());
            });
      }

      assertThat(atOnce(work)).containsOnly("3").hasSize(9);
      assertThat(repository.git("worktree", "list").lines()).hasSize(10);
      assertThat(repository.git("status", "--porcelain")).isEmpty();
      repository.requireSound();
    }
  }

  @Test
  void nothingIsLostWhenEightThreadsMoveOneRef() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    List<Callable<Integer>> work = new ArrayList<>();

    try (GitRepository git = GitRepository.open(repository.root(), null, Time.system())) {
      String ref = "refs/heads/counter";
      ObjectId main = ObjectId.fromString(repository.git("rev-parse", "main"));
      git.refs().create(ref, main, "start");
      for (int thread = 0; thread < 8; thread++) {
        work.add(
            () -> {
              int moved = 0;
              while (moved < 10) {
                ObjectId tip = git.refs().get(ref).orElseThrow();
                ObjectId next = git.commit(git.treeOf(tip), List.of(tip), "one more\n");
                moved += git.refs().move(ref, tip, next, "move") ? 1 : 0;
              }
              return moved;
            });
      }

      assertThat(atOnce(work)).containsOnly(10);
      assertThat(repository.git("rev-list", "--count", "main..counter")).isEqualTo("80");
      repository.requireSound();
    }
  }

  @Test
  void refsOfOneDirectoryComeAndGoAtOnce() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    List<Callable<Integer>> work = new ArrayList<>();

    try (GitRepository one = GitRepository.open(repository.root(), null, Time.system());
        GitRepository two = GitRepository.open(repository.root(), null, Time.system())) {
      ObjectId main = ObjectId.fromString(repository.git("rev-parse", "main"));
      for (int thread = 0; thread < 8; thread++) {
        Refs refs = (thread % 2 == 0 ? one : two).refs();
        String ref = "refs/heads/maestro/run/task" + thread;
        work.add(
            () -> {
              // the last ref that goes takes the directory with it, under the next that comes
              int made = 0;
              for (int round = 0; round < 250; round++) {
                made += refs.create(ref, main, "start") ? 1 : 0;
                refs.delete(ref, main);
              }
              return made;
            });
      }

      assertThat(atOnce(work)).containsOnly(250);
      assertThat(repository.git("for-each-ref", "refs/heads/maestro")).isEmpty();
      repository.requireSound();
    }
  }

  @Test
  void aRefThatIsPackedMeanwhileIsThereAllTheTime() throws Exception {
    TestRepository repository = TestRepository.in(temp);
    String ref = "refs/maestro/run/task/base";

    try (GitRepository git = GitRepository.open(repository.root(), null, Time.system())) {
      ObjectId main = ObjectId.fromString(repository.git("rev-parse", "main"));
      ObjectId other = git.commit(git.treeOf(main), List.of(main), "another\n");
      git.refs().create(ref, main, "start");
      AtomicBoolean packed = new AtomicBoolean();
      Callable<Integer> packing =
          () -> {
            int moved = 0;
            for (int round = 0; round < 40; round++) {
              ObjectId from = round % 2 == 0 ? main : other;
              moved += git.refs().move(ref, from, from == main ? other : main, "move") ? 1 : 0;
              repository.git("pack-refs", "--all");
            }
            packed.set(true);
            return moved;
          };
      Callable<Integer> reading =
          () -> {
            int missed = 0;
            while (!packed.get()) {
              missed += git.refs().get(ref).isPresent() ? 0 : 1;
            }
            return missed;
          };

      assertThat(atOnce(List.of(packing, reading, reading))).containsExactly(40, 0, 0);
    }
  }

  @Test
  void theLivingAnnounceLocksAndWithdrawThemWhileThoseOfTheDeadAreLookedFor() throws Exception {
    LockLedger ledger = new LockLedger(temp);
    Path lock = Files.createFile(temp.resolve("packed-refs.lock"));
    Callable<Integer> announcing =
        () -> {
          for (int round = 0; round < 1_500; round++) {
            ledger.announce(lock).close();
          }
          return 0;
        };
    Callable<Integer> looking =
        () -> {
          int broken = 0;
          for (int round = 0; round < 1_500; round++) {
            broken += ledger.breakDead(lock) ? 1 : 0;
          }
          return broken;
        };

    assertThat(atOnce(List.of(announcing, announcing, looking))).containsOnly(0);
    assertThat(lock).exists();
  }

  @Test
  @Timeout(300)
  void aLockThatChangesHandsMovesOnThoughItIsNeverFree() throws Exception {
    LockLedger ledger = new LockLedger(temp);
    Path lock = Files.createFile(temp.resolve("packed-refs.lock"));
    AtomicBoolean waiting = new AtomicBoolean(true);
    Callable<Boolean> taking =
        () -> {
          while (waiting.get()) {
            Path another = Files.createTempFile(temp, "another", ".lock");
            Files.move(another, lock, StandardCopyOption.ATOMIC_MOVE);
          }
          return true;
        };
    Callable<Boolean> looking =
        () -> {
          try {
            // on a busy machine it may be in the same hands for all the patience there is
            while (!ledger.movesOn(lock)) {
              Thread.onSpinWait();
            }
            return !ledger.isFree(lock);
          } finally {
            waiting.set(false);
          }
        };

    assertThat(atOnce(List.of(taking, looking))).containsOnly(true);
    assertThat(ledger.movesOn(lock)).as("nobody takes it any more").isFalse();
  }

  @BothWays
  void runsComeAndGoAtOnceInSeveralInstances(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    List<Callable<Integer>> work = new ArrayList<>();

    try (GitWorkspaces one = repository.workspaces(use);
        GitWorkspaces two = repository.workspaces(use)) {
      for (int thread = 0; thread < 6; thread++) {
        GitWorkspaces workspaces = thread % 2 == 0 ? one : two;
        int number = thread;
        work.add(
            () -> {
              int ended = 0;
              for (int round = 0; round < 4; round++) {
                RunKey run = TestRepository.run("run" + number + "-" + round);
                for (String task : List.of("a", "b")) {
                  WorkspaceRequest request = new WorkspaceRequest(run, TaskId.of(task), List.of());
                  work(opened(workspaces.open(request)), task + ".txt", "done");
                }
                workspaces.release(run);
                ended++;
              }
              return ended;
            });
      }

      assertThat(atOnce(work)).containsOnly(4);
      assertThat(repository.git("worktree", "list").lines()).hasSize(1);
      repository.requireSound();
    }
  }

  @Test
  void directoriesOfARunComeAndGoAtOnce() throws Exception {
    Path run = temp.resolve("worktrees/run");
    List<Callable<Integer>> work = new ArrayList<>();

    for (int thread = 0; thread < 4; thread++) {
      Path task = run.resolve("task" + thread);
      work.add(
          () -> {
            int made = 0;
            for (int round = 0; round < 2_000; round++) {
              WorktreeFiles.makeDirectories(task);
              made += Files.isDirectory(task) ? 1 : 0;
              WorktreeFiles.delete(task);
              WorktreeFiles.deleteIfEmpty(run);
            }
            return made;
          });
    }

    assertThat(atOnce(work)).containsOnly(2_000);
    assertThat(run).doesNotExist();
  }

  @BothWays
  void everyRunGetsItsMergeIntoACheckedOutBranch(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    List<Callable<Integer>> work = new ArrayList<>();

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      for (int i = 0; i < 4; i++) {
        RunKey run = TestRepository.run("run" + i);
        work.add(() -> deliver(workspaces, run));
      }

      assertThat(atOnce(work)).hasSize(4);
      assertThat(repository.git("ls-files").lines())
          .contains("run0.txt", "run1.txt", "run2.txt", "run3.txt");
      assertThat(repository.git("status", "--porcelain")).isEmpty();
      assertThat(repository.git("rev-list", "--merges", "--count", "main")).isEqualTo("4");
      repository.requireSound();
    }
  }

  private static int deliver(GitWorkspaces workspaces, RunKey run) throws InterruptedException {
    TaskId task = TaskId.of("task");
    Workspace workspace = opened(workspaces.open(new WorkspaceRequest(run, task, List.of())));
    Checkpoint done = work(workspace, run.run() + ".txt", "done");
    MergeRequest request =
        new MergeRequest(run, task, "main", List.of(done), CommitMessage.of("Merge " + run.run()));
    int tries = 1;
    while (true) {
      Merging.Candidate candidate = candidate(workspaces.merge(request));
      Advance advance = workspaces.advance(candidate);
      if (advance instanceof Advance.Advanced) {
        return tries;
      }
      assertThat(advance).isInstanceOf(Advance.Moved.class);
      tries++;
    }
  }

  @Test
  void nativeCollectionOfGarbageBesideWorkLosesNothing() throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(NativeUse.AUTO)) {
      Callable<String> collecting =
          () -> {
            for (int i = 0; i < 5; i++) {
              repository.git("gc", "--quiet");
              repository.git("pack-refs", "--all");
            }
            return "";
          };
      Callable<String> working =
          () -> {
            Workspace workspace = TestRepository.open(workspaces, "green");
            for (int i = 0; i < 20; i++) {
              work(workspace, "file" + i, "text " + i);
            }
            return workspace.head().id();
          };
      List<String> results = atOnce(List.of(collecting, working));

      assertThat(repository.git("rev-list", "--count", "main.." + results.get(1))).isEqualTo("20");
      repository.requireSound();
    }
  }
}
