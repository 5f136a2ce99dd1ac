package dev.maestro.git;

import java.io.File;
import java.util.Arrays;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache.FileKey;
import org.eclipse.jgit.treewalk.AbstractTreeIterator;
import org.eclipse.jgit.treewalk.FileTreeIterator;
import org.eclipse.jgit.util.FS;

/**
 * The files of a working tree as native git sees them: sockets, pipes and devices are not there,
 * and a directory is a repository only if it holds one.
 */
final class WorkFiles extends FileTreeIterator {

  WorkFiles(Repository jgit) {
    super(jgit, WorkFiles::mode);
  }

  private WorkFiles(WorkFiles parent, File directory) {
    super(parent, directory, parent.fs, WorkFiles::mode);
  }

  /** Called by the constructors of the classes above, before there are fields here. */
  @Override
  protected void init(Entry[] list) {
    super.init(
        Arrays.stream(list)
            .filter(entry -> !entry.getMode().equals(FileMode.MISSING))
            .toArray(Entry[]::new));
  }

  @Override
  protected AbstractTreeIterator enterSubtree() {
    return new WorkFiles(this, getEntryFile());
  }

  private static FileMode mode(File file, FS.Attributes attributes) {
    if (attributes.isSymbolicLink()) {
      return FileMode.SYMLINK;
    }
    if (attributes.isDirectory()) {
      File inside = new File(file, Constants.DOT_GIT);
      return inside.isFile() || FileKey.isGitRepository(inside, FS.DETECTED)
          ? FileMode.GITLINK
          : FileMode.TREE;
    }
    if (!attributes.isRegularFile()) {
      return FileMode.MISSING;
    }
    return attributes.isExecutable() ? FileMode.EXECUTABLE_FILE : FileMode.REGULAR_FILE;
  }
}
