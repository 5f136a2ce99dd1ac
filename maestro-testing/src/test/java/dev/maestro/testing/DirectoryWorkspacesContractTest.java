package dev.maestro.testing;

import dev.maestro.workspace.DirectoryWorkspaces;
import dev.maestro.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class DirectoryWorkspacesContractTest extends WorkspacesContract {

  @Override
  protected void make(Path directory, Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }

  @Override
  protected Workspaces workspacesIn(Path directory) {
    return DirectoryWorkspaces.at(directory);
  }
}
