package dev.maestro.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.workspace.WorkspaceCapabilities;
import dev.maestro.workspace.Workspaces;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The contract finds workspaces that claim more than they do. */
class WorkspacesContractTest {

  @Test
  void skipsWhatIsNotDeclaredAndSaysWhy() {
    Verdicts verdicts = Verdicts.of(DirectoryWorkspacesContractTest.class);

    assertThat(verdicts.failed()).isEmpty();
    assertThat(verdicts.skipped())
        .containsEntry("keepTasksApart()", "the workspaces do not declare that they isolate")
        .containsEntry(
            "putBackWhatMatchesAndNothingElse()",
            "the workspaces do not declare that they keep checkpoints")
        .containsEntry(
            "keepForAForkWhatItBuildsOn()", "the workspaces do not declare that they isolate")
        .containsEntry("sayWhatDoesNotMerge()", "the workspaces do not declare that they merge");
    assertThat(verdicts.passed()).contains("tellEveryKindOfChange()");
  }

  @Test
  void findsADirectoryThatClaimsToBeMore() {
    assertThat(Verdicts.of(Boastful.class).failed())
        .contains(
            "keepTasksApart()",
            "openManyTasksAtOnce()",
            "putBackWhatMatchesAndNothingElse()",
            "keepForAForkWhatItBuildsOn()",
            "refuseToKeepForAForkWhatIsNotThere()",
            "mergeWithoutMovingTheBranchAndMoveItThen()");
  }

  /** A plain directory that declares everything. */
  static final class Boastful extends DirectoryWorkspacesContractTest {
    @Override
    protected Workspaces workspacesIn(Path directory) {
      Workspaces plain = super.workspacesIn(directory);
      return (Workspaces)
          Proxy.newProxyInstance(
              Workspaces.class.getClassLoader(),
              new Class<?>[] {Workspaces.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("capabilities")) {
                  return new WorkspaceCapabilities(true, true, true);
                }
                try {
                  return method.invoke(plain, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }
}
