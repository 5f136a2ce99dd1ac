package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache.FileKey;
import org.eclipse.jgit.treewalk.AbstractTreeIterator;
import org.eclipse.jgit.treewalk.FileTreeIterator;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.util.FS;

/**
 * The files of a working tree as native git sees them: sockets, pipes and devices are not there,
 * and a directory is a repository only if it holds one.
 *
 * <p>What has a name that is no text in this machine's encoding is there, too, and cannot be read:
 * JGit has its files by the text of their names.
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

  /**
   * {@return the directories that are not ignored and hold a {@code .git}: git takes nothing of
   * that, be it a repository or not}
   */
  static List<String> holdingGit(Worktree worktree) {
    return Border.call(
        "look for repositories in " + worktree.directory(),
        () -> {
          try (Repository jgit = GitRepository.open(worktree, null);
              TreeWalk walk = new TreeWalk(jgit)) {
            walk.addTree(new WorkFiles(jgit));
            return holdingGit(worktree, walk);
          }
        });
  }

  private static List<String> holdingGit(Worktree worktree, TreeWalk walk) throws IOException {
    List<String> found = new ArrayList<>();
    while (walk.next()) {
      WorkFiles file = Objects.requireNonNull(walk.getTree(0, WorkFiles.class));
      if (file.isEntryIgnored()) {
        continue;
      }
      if (WorktreeFiles.exists(worktree.directory(), walk.getPathString() + "/.git")) {
        found.add(walk.getPathString());
      }
      if (walk.isSubtree()) {
        walk.enterSubtree();
      }
    }
    return found;
  }

  /** One that has just gone has a name that could be read. */
  private static boolean isUnsayable(File file) {
    return file.getName().indexOf(ProtectedFiles.UNSAYABLE) >= 0 && !file.exists();
  }

  @Override
  public InputStream openEntryStream() throws IOException {
    if (!getEntryFileMode().equals(FileMode.SYMLINK) && isUnsayable(getEntryFile())) {
      throw new PermanentException(
          "the name of "
              + getEntryFile()
              + " is no text in this machine's encoding ("
              + System.getProperty("sun.jnu.encoding")
              + "), so that it cannot be kept without native git; rename it, install git, or run Java"
              + " in the locale in which it was named");
    }
    return super.openEntryStream();
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
    if (isUnsayable(file)) {
      return FileMode.REGULAR_FILE;
    }
    if (!attributes.isRegularFile()) {
      return FileMode.MISSING;
    }
    return attributes.isExecutable() ? FileMode.EXECUTABLE_FILE : FileMode.REGULAR_FILE;
  }
}
