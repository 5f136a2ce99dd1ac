package dev.maestro.git;

import static dev.maestro.git.TestRepository.accept;
import static dev.maestro.git.TestRepository.candidate;
import static dev.maestro.git.TestRepository.merge;
import static dev.maestro.git.TestRepository.open;
import static dev.maestro.git.TestRepository.work;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.maestro.workspace.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class GoodGuestTest {

  @TempDir Path temp;

  private static void doEverything(TestRepository repository, GitWorkspaces workspaces)
      throws InterruptedException {
    Checkpoint a = work(open(workspaces, "a"), "a.txt", "a");
    Checkpoint b = work(open(workspaces, "b"), "b.txt", "b");
    accept(open(workspaces, "join", a, b), "nothing more");
    repository.git("gc", "--quiet");
    open(workspaces, "a").diff(a, b, 1000);
    workspaces.advance(candidate(merge(workspaces, "main", a, b)));
    workspaces.release(TestRepository.RUN);
  }

  @BothWays
  void leavesNoHandleAndNoProcessBehind(NativeUse use) throws Exception {
    Path handles = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(handles));
    TestRepository repository = TestRepository.in(temp);

    try (GitWorkspaces workspaces = repository.workspaces(use)) {
      doEverything(repository, workspaces);
    }

    assertThat(openedBelow(handles, repository.root().toRealPath())).isEmpty();
    assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private static List<String> openedBelow(Path handles, Path root) throws IOException {
    try (Stream<Path> links = Files.list(handles)) {
      return links.map(GoodGuestTest::target).filter(path -> path.startsWith(root + "/")).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }

  @BothWays
  void leavesNothingInTheUsersHomeAndNoTemporaryFiles(NativeUse use) throws Exception {
    TestRepository repository = TestRepository.in(temp);
    Path home = Files.createDirectory(temp.resolve("home"));
    Path scratch = Files.createDirectory(temp.resolve("scratch"));

    Process child =
        ChildJvm.start(
            InAnotherHome.class,
            Map.of(
                "HOME",
                home.toString(),
                "XDG_CONFIG_HOME",
                home.resolve("xdg").toString(),
                "JAVA_TOOL_OPTIONS",
                "-Djava.io.tmpdir=" + scratch),
            repository.root().toString(),
            use.name(),
            home.toString());

    assertThat(child.waitFor()).isZero();
    try (Stream<Path> files = Files.walk(home)) {
      assertThat(files).containsExactly(home);
    }
    assertThat(scratch).isEmptyDirectory();
    assertThat(repository.git("log", "-1", "--format=%an", "main")).isEqualTo("Tester");
  }

  /** Does everything there is to do. */
  static final class InAnotherHome {
    public static void main(String[] arguments) throws InterruptedException {
      System.setProperty("user.home", arguments[2]);
      TestRepository repository = new TestRepository(Path.of(arguments[0]));
      try (GitWorkspaces workspaces = repository.workspaces(NativeUse.valueOf(arguments[1]))) {
        doEverything(repository, workspaces);
      }
    }
  }
}
