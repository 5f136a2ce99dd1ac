package dev.maestro.git;

import dev.maestro.testing.WorkspacesContract;
import dev.maestro.workspace.Workspaces;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** Worktrees do what every kind of workspaces does, with native git and without. */
class GitWorkspacesContractTest {

  @Nested
  class WithNativeGit extends Contract {
    WithNativeGit() {
      super(NativeUse.REQUIRED);
    }
  }

  @Nested
  class WithoutNativeGit extends Contract {
    WithoutNativeGit() {
      super(NativeUse.NEVER);
    }
  }

  abstract static class Contract extends WorkspacesContract {

    private final NativeUse use;

    Contract(NativeUse use) {
      this.use = use;
    }

    @Override
    protected void make(Path directory, Map<String, String> files) {
      TestRepository.in(directory, files);
    }

    @Override
    protected Workspaces workspacesIn(Path directory) {
      return GitWorkspaces.builder(directory.resolve("repository")).nativeGit(use).build();
    }
  }
}
