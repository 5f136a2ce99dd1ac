package dev.maestro.git;

import static dev.maestro.git.TestRepository.RUN;
import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.gitIn;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.read;
import static dev.maestro.git.TestRepository.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.maestro.failure.PermanentException;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.CommitMessage;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.PathGlobs;
import dev.maestro.workspace.PreviewRequest;
import dev.maestro.workspace.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** An agent makes git believe something about protected files that a gate would not find. */
class TamperingTest {

  private static final PathGlobs TESTS = PathGlobs.of("src/test/**");

  @TempDir Path temp;

  private static TestRepository with(TestRepository repository, String path, String line)
      throws Exception {
    Path file = repository.root().resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return repository;
  }

  private static void requireRemoved(TestRepository repository, NativeUse use, String path)
      throws Exception {
    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), path, "sly\n");
      write(workspace.directory(), "target/" + path, "built\n");

      assertThat(workspace.restore(TESTS, workspace.base())).containsExactly(path);

      assertThat(workspace.directory().resolve(path)).doesNotExist();
      assertThat(read(workspace.directory(), "target/" + path)).isEqualTo("built\n");
      assertThat(
              repository
                  .git("for-each-ref", "--format=%(objectname)", "refs/maestro/r/green/kept")
                  .lines()
                  .map(kept -> repository.git("ls-tree", "-r", "--name-only", kept)))
          .anyMatch(files -> files.contains(path));
      assertThat(workspace.restore(TESTS, workspace.base())).isEmpty();
    }
  }

  @BothWays
  void removesWhatARuleOfTheCheckpointIgnores(NativeUse use) throws Exception {
    TestRepository repository = with(TestRepository.in(temp), ".gitignore", "*.log");
    repository.commitAll("ignore");
    requireRemoved(repository, use, "src/test/x.log");
  }

  @BothWays
  void removesWhatStandsInAnIgnoredDirectory(NativeUse use) throws Exception {
    requireRemoved(TestRepository.in(temp), use, "src/test/target/Sly.class");
  }

  @BothWays
  void removesWhatTheSharedExcludesIgnore(NativeUse use) throws Exception {
    requireRemoved(
        with(TestRepository.in(temp), ".git/info/exclude", "Sly*"), use, "src/test/Sly.java");
  }

  @BothWays
  void removesWhatTheConfiguredExcludesIgnore(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path excludes = Files.writeString(temp.resolve("excludes"), "Sly*\n");
    repository.git("config", "core.excludesFile", excludes.toString());
    requireRemoved(repository, use, "src/test/Sly.java");
  }

  @BothWays
  void aPatternForAnyPlaceLeavesPackagesAndBuildOutputsAlone(NativeUse use) throws Exception {
    TestRepository repository = with(TestRepository.in(temp), ".gitignore", "*.json");
    repository.commitAll("ignore");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path directory = workspace.directory();
      write(directory, "target/a/package.json", "{}");
      write(directory, "src/package.json", "{}");
      workspace.restore(PathGlobs.of("**/package.json"), workspace.base());

      assertThat(directory.resolve("src/package.json")).doesNotExist();
      assertThat(directory.resolve("target/a/package.json")).exists();
      write(directory, "src/package.json", "{}");
      write(directory, "README", "changed\n");
      assertThat(workspace.restore(PathGlobs.of("**"), workspace.base())).containsExactly("README");
      assertThat(directory.resolve("src/package.json")).exists();
    }
  }

  @BothWays
  void refusesIgnoredRepositoriesWithFilesThatMatch(NativeUse use) throws Exception {
    TestRepository repository = with(TestRepository.in(temp), ".gitignore", "inner/");
    repository.commitAll("ignore");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      write(workspace.directory(), "src/test/inner/Sly.java", "sly\n");
      gitIn(workspace.directory().resolve("src/test/inner"), "init", "-q");

      assertThatThrownBy(() -> workspace.restore(TESTS, workspace.base()))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("could not be put back");
    }
  }

  /** The size and the time of a file can be made to say that it is what it was. */
  @BothWays
  void readsProtectedFilesWhateverTheIndexSaysAboutThem(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    repository.git("config", "core.trustctime", "false");
    repository.git("config", "core.checkStat", "minimal");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      Path test = workspace.directory().resolve("src/test/ATest.java");
      String good = Files.readString(test);
      FileTime longAgo = FileTime.fromMillis(1_000_000_000_000L);
      Files.setLastModifiedTime(test, longAgo);
      gitIn(workspace.directory(), "update-index", "--refresh");
      Files.writeString(test, good.replace("ATest", "BTest"));
      Files.setLastModifiedTime(test, longAgo);

      assertThat(workspace.restore(TESTS, workspace.base())).containsExactly("src/test/ATest.java");
      assertThat(Files.readString(test)).isEqualTo(good);
    }
  }

  private interface Tampering {
    void in(Path directory, Path common) throws Exception;
  }

  private void requireRefused(NativeUse use, String file, Tampering tampering) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path common = repository.root().resolve(".git");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace acting = open(workspaces, "green");
      tampering.in(acting.directory(), common);
      // the gates are run in a workspace that is opened after the agent has ended
      Workspace judged = open(workspaces, "green");

      assertThatThrownBy(() -> judged.restore(TESTS, judged.base()))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining(file)
          .hasMessageContaining("put it back");
      assertThatThrownBy(() -> judged.checkpoint(CommitMessage.of("x")))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining(file);
    }
  }

  @BothWays
  void refusesAFilterThatShowsGitOtherBytes(NativeUse use) throws Exception {
    requireRefused(
        use,
        "info/attributes",
        (directory, common) -> write(common, "info/attributes", "src/test/** filter=f\n"));
  }

  @BothWays
  void refusesAnotherConfiguration(NativeUse use) throws Exception {
    requireRefused(
        use, "config", (directory, common) -> gitIn(directory, "config", "filter.f.clean", "sed"));
  }

  @BothWays
  void refusesOtherExcludes(NativeUse use) throws Exception {
    requireRefused(
        use,
        "info/exclude",
        (directory, common) -> write(common, "info/exclude", "/.maestro/\nsrc/test/Sly\n"));
  }

  @BothWays
  void refusesASparseCheckoutThatTheAgentMade(NativeUse use) throws Exception {
    requireRefused(
        use,
        "config",
        (directory, common) -> {
          gitIn(directory, "config", "core.sparseCheckout", "true");
          gitIn(directory, "update-index", "--skip-worktree", "src/test/ATest.java");
          write(directory, "src/test/ATest.java", "bad\n");
        });
  }

  @BothWays
  void takesWhatToolsWriteToTheConfigurationAndWhatIsPutBack(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "green");
      gitIn(workspace.directory(), "config", "user.name", "Agent");
      gitIn(workspace.directory(), "config", "core.hooksPath", ".husky");
      gitIn(workspace.directory(), "config", "branch.x.remote", "origin");
      gitIn(workspace.directory(), "config", "core.autocrlf", "input");
      gitIn(workspace.directory(), "config", "--unset", "core.autocrlf");
      write(workspace.directory(), "new", "n");
      accept(workspace, "done");
    }
  }

  @BothWays
  void blamesOneAgentsTamperingOnNoLaterWorkAndReleasesAllTheSame(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace green = open(workspaces, "green");
      write(green.directory(), "new", "n");
      gitIn(green.directory(), "config", "core.autocrlf", "input");
      assertThatThrownBy(() -> green.checkpoint(CommitMessage.of("x")))
          .isInstanceOf(PermanentException.class);

      Workspace other = open(workspaces, "other");
      write(other.directory(), "new", "n");
      accept(other, "done");
      workspaces.release(TestRepository.RUN);
      assertThat(green.directory()).doesNotExist();
    }
  }

  @BothWays
  void followsNoLinkThatWasPutWhereAWorktreeWas(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    write(repository.root(), "unsaved", "the user's\n");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Workspace workspace = open(workspaces, "one");
      WorktreeFiles.delete(workspace.directory());
      Files.createSymbolicLink(workspace.directory(), repository.root());

      assertThat(workspace.changesSince(workspace.head())).isEmpty();
      workspace.restore(PathGlobs.of("**"), workspace.head());
      assertThat(open(workspaces, "one").directory()).isDirectory();
      workspaces.release(RUN);

      assertThat(workspace.directory()).doesNotExist();
      assertThat(repository.root().resolve(".git/HEAD")).exists();
      assertThat(repository.git("status", "--porcelain")).isEqualTo("?? unsaved");
    }
  }

  @BothWays
  void followsNoLinkThatWasPutWhereTheDirectoryOfARunWas(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path outside = temp.resolve("outside");
    write(outside, "one/precious", "the user's\n");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Path run = open(workspaces, "one").directory().getParent();
      WorktreeFiles.delete(run);
      Files.createSymbolicLink(run, outside);

      Workspace again = open(workspaces, "one");
      again.restore(PathGlobs.of("**"), again.head());
      workspaces.release(RUN);

      assertThat(outside.resolve("one").toFile().list()).containsExactly("precious");
    }
  }

  @BothWays
  void makesAWorktreeAgainWhereAFileWasPut(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Path directory = open(workspaces, "one").directory();
      WorktreeFiles.delete(directory);
      Files.writeString(directory, "by the agent\n");

      assertThat(open(workspaces, "one").directory().resolve("README")).exists();
      assertThat(directory.resolveSibling("one@aside-1")).hasContent("by the agent\n");
    }
  }

  /** A graft makes the agent's work look as if it were built on what the user did meanwhile. */
  @BothWays
  void mergesByTheHistoryThatCommitsHaveAndNotByAGraft(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint made = TestRepository.work(open(workspaces, "one"), "new", "n\n");
      repository.write("README", "by the user meanwhile\n");
      String tip = repository.commitAll("meanwhile");
      write(repository.root(), ".git/info/grafts", made.id() + " " + tip + "\n");

      String merged =
          TestRepository.candidate(TestRepository.merge(workspaces, "main", made)).merged().id();
      assertThat(repository.git("cat-file", "-p", merged + ":README"))
          .isEqualTo("by the user meanwhile");
    }
  }

  /** What stands between two commits would be merged as somebody else says, and run programs. */
  @BothWays
  void mergesNothingByRulesThatCameMeanwhile(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path git = repository.root().resolve(".git");
    String configuration = read(git, "config");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint made = TestRepository.work(open(workspaces, "one"), "README", "the agent's\n");
      Checkpoint other = TestRepository.work(open(workspaces, "two"), "README", "another's\n");
      repository.write("README", "the user's\n");
      repository.commitAll("meanwhile");

      List<String> said = new ArrayList<>();
      write(git, ".gitattributes", "README merge=union\n");
      said.add(refusal(TestRepository.merge(workspaces, "main", made)));
      assertThat(workspaces.open(TestRepository.request("three", made, other)))
          .isInstanceOf(Opening.Refused.class);
      Files.delete(git.resolve(".gitattributes"));
      write(git, "info/attributes", "README merge=union\n");
      said.add(refusal(TestRepository.merge(workspaces, "main", made)));
      Files.delete(git.resolve("info/attributes"));
      repository.git("config", "merge.default", "union");
      said.add(refusal(TestRepository.merge(workspaces, "main", made)));
      write(git, "config", configuration);
      repository.git("config", "merge.mine.driver", "touch " + temp.resolve("ran"));
      said.add(refusal(TestRepository.merge(workspaces, "main", made)));
      assertThat(said).allMatch(why -> why.contains("no merge can be trusted"));
      PreviewRequest look = new PreviewRequest(RUN, List.of(made), "main", 10_000);
      assertThatThrownBy(() -> workspaces.preview(look))
          .isInstanceOf(PermanentException.class)
          .hasMessageContaining("no merge can be trusted");
      assertThat(temp.resolve("ran")).doesNotExist();

      write(git, "config", configuration);
      repository.git("config", "merge.conflictStyle", "diff3");
      assertThat(TestRepository.merge(workspaces, "main", made))
          .isInstanceOf(Merging.Conflict.class);
    }
  }

  private static String refusal(Merging merging) {
    assertThat(merging).isInstanceOf(Merging.Refused.class);
    return ((Merging.Refused) merging).message();
  }

  /** Without what came before, nobody knows that the user deleted a file since. */
  @BothWays
  void mergesNothingWhoseHistoryWasCutOff(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path shallow = repository.root().resolve(".git/shallow");

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint made = TestRepository.work(open(workspaces, "one"), "new", "n\n");
      Checkpoint other = TestRepository.work(open(workspaces, "two"), "second", "n\n");
      Files.delete(repository.root().resolve("src/A.java"));
      String tip = repository.commitAll("deleted meanwhile");

      for (String cut : List.of(made.id(), tip, made.id() + "\n" + tip)) {
        Files.writeString(shallow, cut + "\n");
        assertThat(TestRepository.merge(workspaces, "main", made))
            .isInstanceOfSatisfying(
                Merging.Refused.class,
                refused -> assertThat(refused.message()).contains(shallow.toString(), "hides"));
      }
      assertThat(workspaces.open(TestRepository.request("three", made, other)))
          .isInstanceOf(Opening.Refused.class);

      Files.delete(shallow);
      String merged =
          TestRepository.candidate(TestRepository.merge(workspaces, "main", made)).merged().id();
      assertThat(repository.git("ls-tree", "-r", "--name-only", merged)).doesNotContain("A.java");
    }
  }

  @BothWays
  void historyThatEndedWhenItBeganAndWhatIsFetchedAreTheUsers(NativeUse use) throws Exception {
    TestRepository upstream = TestRepository.in(temp);
    upstream.write("second", "2\n");
    upstream.commitAll("second");
    Path clone = temp.resolve("clone");
    upstream.git("clone", "-q", "--depth", "1", upstream.root().toUri().toString(), clone + "");
    TestRepository repository = new TestRepository(clone);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      Checkpoint made = TestRepository.work(open(workspaces, "one"), "new", "n\n");
      upstream.write("third", "3\n");
      String fetched = upstream.commitAll("third");
      repository.git("fetch", "-q", "--depth", "1");

      assertThat(read(clone, ".git/shallow")).contains(fetched);
      TestRepository.candidate(TestRepository.merge(workspaces, "main", made));
    }
  }

  @BothWays
  void refusesObjectsThatLieElsewhere(NativeUse use) throws Exception {
    requireRefused(
        use,
        "alternates",
        (directory, common) -> write(common, "objects/info/alternates", temp + "\n"));
  }
}
