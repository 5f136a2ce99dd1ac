package dev.maestro.git;

import dev.maestro.process.Registration;
import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.api.AddCommand;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuildIterator;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheCheckout;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.dircache.DirCacheIterator;
import org.eclipse.jgit.errors.CheckoutConflictException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.WorkingTreeIterator;
import org.eclipse.jgit.treewalk.filter.PathFilterGroup;
import org.jspecify.annotations.Nullable;

/**
 * Files, indexes and merges by JGit, for machines without git.
 *
 * <p>Trees whose attributes JGit would get wrong are refused before they are written.
 */
final class JGitTrees implements Trees {

  private final GitRepository repository;
  private final AttributeProbe attributes;
  private final JGitMerge merge;

  JGitTrees(GitRepository repository) {
    this.repository = repository;
    this.attributes = new AttributeProbe(repository);
    this.merge = new JGitMerge(repository);
  }

  @Override
  public void checkOut(Worktree worktree, ObjectId tree) {
    attributes.requireNoneThatNeedGit(tree);
    inRepository(
        worktree,
        "write the files of " + worktree.directory(),
        jgit -> {
          DirCacheCheckout checkout = new DirCacheCheckout(jgit, jgit.lockDirCache(), tree);
          checkout.setFailOnConflict(false);
          checkout.setForce(true);
          return checkout.checkout();
        });
  }

  @Override
  public boolean update(Worktree worktree, ObjectId from, ObjectId to) {
    attributes.requireNoneThatNeedGit(to);
    return inRepository(
        worktree,
        "update the files of " + worktree.directory(),
        jgit -> {
          try {
            DirCacheCheckout checkout = new DirCacheCheckout(jgit, from, jgit.lockDirCache(), to);
            checkout.setFailOnConflict(true);
            return checkout.checkout();
          } catch (CheckoutConflictException e) {
            return false;
          }
        });
  }

  @Override
  public void index(Worktree worktree, ObjectId tree) {
    inRepository(
        worktree,
        "write the index of " + worktree.directory(),
        jgit -> {
          DirCache index = jgit.lockDirCache();
          try (TreeWalk walk = new TreeWalk(jgit)) {
            DirCacheBuilder builder = index.builder();
            walk.setRecursive(true);
            walk.addTree(tree);
            walk.addTree(new DirCacheIterator(index));
            while (walk.next()) {
              addEntry(builder, walk);
            }
            return builder.commit();
          } finally {
            index.unlock();
          }
        });
  }

  private static void addEntry(DirCacheBuilder builder, TreeWalk walk) {
    FileMode mode = walk.getFileMode(0);
    if (mode.equals(FileMode.MISSING)) {
      return;
    }
    DirCacheIterator old = walk.getTree(1, DirCacheIterator.class);
    DirCacheEntry entry = old == null ? null : old.getDirCacheEntry();
    boolean same =
        entry != null
            && entry.getStage() == DirCacheEntry.STAGE_0
            && entry.getFileMode().equals(mode)
            && walk.idEqual(0, 1);
    if (entry == null || !same) {
      entry = new DirCacheEntry(walk.getRawPath());
      entry.setFileMode(mode);
      entry.setObjectId(walk.getObjectId(0));
    }
    builder.add(entry);
  }

  @Override
  public ObjectId snapshot(Worktree worktree) {
    ObjectId tree =
        inRepository(
            worktree,
            "read the files of " + worktree.directory(),
            jgit -> {
              showHiddenFiles(jgit, worktree);
              List<DirCacheEntry> links = links(jgit);
              add(jgit).setAll(true).call();
              mendLinks(jgit, links);
              return tree(jgit);
            });
    attributes.requireNoneThatNeedGit(tree);
    return tree;
  }

  private static AddCommand add(Repository jgit) {
    return new AddCommand(jgit).setWorkingTreeIterator(new WorkFiles(jgit));
  }

  /** JGit would read a pipe where a file was as soon as it writes the index. */
  private static void showHiddenFiles(Repository jgit, Worktree worktree) throws IOException {
    editIndex(
        jgit,
        entry -> {
          if (Pipes.isAt(worktree.directory(), entry.getPathString())) {
            return null;
          }
          entry.setAssumeValid(false);
          return !entry.isSkipWorkTree() ? entry : shown(entry);
        });
  }

  private static DirCacheEntry shown(DirCacheEntry hidden) {
    DirCacheEntry entry = new DirCacheEntry(hidden.getRawPath(), hidden.getStage());
    entry.setFileMode(hidden.getFileMode());
    entry.setObjectId(hidden.getObjectId());
    return entry;
  }

  /** {@return the entries of the index that stand for other repositories} */
  private static List<DirCacheEntry> links(Repository jgit) throws IOException {
    List<DirCacheEntry> links = new ArrayList<>();
    DirCache index = jgit.readDirCache();
    for (int i = 0; i < index.getEntryCount(); i++) {
      if (index.getEntry(i).getFileMode().equals(FileMode.GITLINK)) {
        links.add(shown(index.getEntry(i)));
      }
    }
    return links;
  }

  /** A submodule that is not checked out stays what it was; a repository without a commit goes. */
  private static void mendLinks(Repository jgit, List<DirCacheEntry> former) throws IOException {
    editIndex(jgit, entry -> entry.getObjectId().equals(ObjectId.zeroId()) ? null : entry);
    DirCache index = jgit.lockDirCache();
    try {
      DirCacheEditor editor = index.editor();
      for (DirCacheEntry link : former) {
        if (index.findEntry(link.getPathString()) < 0 && isUnchecked(jgit, link)) {
          editor.add(copyTo(link));
        }
      }
      editor.commit();
    } finally {
      index.unlock();
    }
  }

  private static boolean isUnchecked(Repository jgit, DirCacheEntry link) throws IOException {
    Path directory = jgit.getWorkTree().toPath().resolve(link.getPathString());
    return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        && (WorktreeFiles.isEmptyOrAbsent(directory) || Files.exists(directory.resolve(".git")));
  }

  private static DirCacheEditor.PathEdit copyTo(DirCacheEntry link) {
    return new DirCacheEditor.PathEdit(link) {
      @Override
      public void apply(DirCacheEntry entry) {
        entry.setFileMode(link.getFileMode());
        entry.setObjectId(link.getObjectId());
      }
    };
  }

  private interface Edit {
    @Nullable DirCacheEntry apply(DirCacheEntry entry);
  }

  private static void editIndex(Repository jgit, Edit edit) throws IOException {
    DirCache index = jgit.lockDirCache();
    try {
      MixedStages.requireNone(jgit.getWorkTree().toPath(), index);
      DirCacheBuilder builder = index.builder();
      for (int i = 0; i < index.getEntryCount(); i++) {
        DirCacheEntry entry = edit.apply(index.getEntry(i));
        if (entry != null) {
          builder.add(entry);
        }
      }
      builder.commit();
    } finally {
      index.unlock();
    }
  }

  private static ObjectId tree(Repository jgit) throws IOException {
    DirCache index = jgit.readDirCache();
    try (ObjectInserter inserter = jgit.newObjectInserter()) {
      ObjectId tree = index.writeTree(inserter);
      inserter.flush();
      return tree;
    }
  }

  @Override
  public Optional<ObjectId> staged(Worktree worktree) {
    return inRepository(
        worktree,
        "read the index of " + worktree.directory(),
        jgit ->
            jgit.readDirCache().hasUnmergedPaths() ? Optional.empty() : Optional.of(tree(jgit)));
  }

  @Override
  public List<String> trackedAndIgnored(Worktree worktree) {
    return standing(worktree, true, true);
  }

  @Override
  public ObjectId forget(Worktree worktree, List<String> paths) {
    Set<String> forgotten = Set.copyOf(paths);
    return inRepository(
        worktree,
        "write the index of " + worktree.directory(),
        jgit -> {
          editIndex(jgit, entry -> forgotten.contains(entry.getPathString()) ? null : entry);
          return tree(jgit);
        });
  }

  @Override
  public List<String> ignored(Worktree worktree, PathGlobs globs) {
    return standing(worktree, false, true).stream().filter(globs::matches).toList();
  }

  @Override
  public List<String> unkept(Worktree worktree) {
    return standing(worktree, false, false);
  }

  /** {@return the files that stand there, by whether they are in the index, and are ignored} */
  private List<String> standing(Worktree worktree, boolean tracked, boolean ignored) {
    return inRepository(
        worktree,
        "list the files of " + worktree.directory(),
        jgit -> {
          List<String> paths = new ArrayList<>();
          try (TreeWalk walk = new TreeWalk(jgit)) {
            walk.addTree(new DirCacheIterator(jgit.readDirCache()));
            WorkFiles files = new WorkFiles(jgit);
            files.setWalkIgnoredDirectories(true);
            files.setDirCacheIterator(walk, 0);
            walk.addTree(files);
            while (walk.next()) {
              WorkingTreeIterator file = walk.getTree(1, WorkingTreeIterator.class);
              if (walk.isSubtree()) {
                walk.enterSubtree();
              } else if (file != null
                  && walk.getFileMode(0).equals(FileMode.MISSING) != tracked
                  && file.isEntryIgnored() == ignored) {
                paths.add(walk.getPathString());
              }
            }
          }
          return paths;
        });
  }

  @Override
  public ObjectId add(Worktree worktree, List<String> paths) {
    return inRepository(
        worktree,
        "read the files of " + worktree.directory(),
        jgit -> {
          addIgnored(jgit, paths);
          return tree(jgit);
        });
  }

  /** JGit's own command leaves ignored files out, so that each is put in by hand. */
  private static void addIgnored(Repository jgit, List<String> paths) throws IOException {
    if (paths.isEmpty()) {
      return;
    }
    DirCache index = jgit.lockDirCache();
    try (ObjectInserter inserter = jgit.newObjectInserter();
        TreeWalk walk = new TreeWalk(jgit)) {
      walk.setOperationType(TreeWalk.OperationType.CHECKIN_OP);
      walk.setRecursive(true);
      walk.setFilter(PathFilterGroup.createFromStrings(paths));
      DirCacheBuilder builder = index.builder();
      walk.addTree(new DirCacheBuildIterator(builder));
      WorkFiles files = new WorkFiles(jgit);
      files.setWalkIgnoredDirectories(true);
      files.setDirCacheIterator(walk, 0);
      walk.addTree(files);
      while (walk.next()) {
        WorkingTreeIterator file = walk.getTree(1, WorkingTreeIterator.class);
        if (file != null) {
          builder.add(entry(walk, file, inserter));
        }
      }
      inserter.flush();
      builder.commit();
    } finally {
      index.unlock();
    }
  }

  private static DirCacheEntry entry(
      TreeWalk walk, WorkingTreeIterator file, ObjectInserter inserter) throws IOException {
    DirCacheEntry entry = new DirCacheEntry(walk.getRawPath());
    entry.setFileMode(file.getEntryFileMode());
    entry.setLength(file.getEntryLength());
    entry.setLastModified(file.getEntryLastModifiedInstant());
    if (entry.getFileMode().equals(FileMode.GITLINK)) {
      entry.setObjectId(file.getEntryObjectId());
      return entry;
    }
    long length = file.getEntryContentLength();
    try (InputStream in = file.openEntryStream()) {
      entry.setObjectId(inserter.insert(Constants.OBJ_BLOB, length, in));
    }
    return entry;
  }

  @Override
  public ObjectId content(Worktree worktree, List<String> paths) {
    Path index = NativeTrees.copyOfIndex(worktree);
    try {
      return inRepository(
          worktree,
          index,
          "read the files of " + worktree.directory(),
          jgit -> {
            List<DirCacheEntry> links = links(jgit);
            add(jgit).addFilepattern(".").setUpdate(true).call();
            mendLinks(jgit, links);
            addIgnored(jgit, paths);
            return tree(jgit);
          });
    } finally {
      Border.step("delete " + index, () -> Files.deleteIfExists(index));
    }
  }

  @Override
  public TreeMerge merge(ObjectId ours, ObjectId theirs) {
    attributes.requireNoneThatNeedGit(repository.treeOf(ours));
    return merge.merge(ours, theirs);
  }

  private interface InRepository<T> {
    T apply(Repository jgit) throws IOException, GitAPIException;
  }

  private <T> T inRepository(Worktree worktree, String what, InRepository<T> work) {
    return inRepository(worktree, null, what, work);
  }

  private <T> T inRepository(
      Worktree worktree, @Nullable Path index, String what, InRepository<T> work) {
    Registration announced =
        repository.locks().announce(worktree.gitDirectory().resolve("index.lock"));
    try {
      return Border.call(
          what,
          () -> {
            try (Repository jgit = GitRepository.open(worktree, index)) {
              return work.apply(jgit);
            }
          });
    } finally {
      announced.close();
    }
  }
}
