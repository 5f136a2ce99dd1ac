package dev.maestro.git;

import dev.maestro.workspace.PathGlobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.ObjectId;

/** Files, indexes and merges by the installed git. */
final class NativeTrees implements Trees {

  /** What git says before it has touched anything. */
  private static final Pattern FILES_IN_THE_WAY =
      Pattern.compile("not uptodate|would be (overwritten|removed)|would lose|would overwrite");

  private final NativeGit git;
  private final GitRepository repository;
  private final JGitMerge fallback;

  NativeTrees(NativeGit git, GitRepository repository) {
    this.git = git;
    this.repository = repository;
    this.fallback = new JGitMerge(repository);
  }

  @Override
  public void checkOut(Worktree worktree, ObjectId tree) throws InterruptedException {
    git.in(worktree).run("read-tree", "--reset", "-u", tree.name());
  }

  @Override
  public boolean update(Worktree worktree, ObjectId from, ObjectId to) throws InterruptedException {
    NativeGit.Repository in = git.in(worktree);
    // makes the index believe its files; its exit code only says that some differ
    in.ask("update-index", "-q", "--refresh");
    NativeGit.Output output = in.ask("read-tree", "-m", "-u", from.name(), to.name());
    boolean inTheWay = FILES_IN_THE_WAY.matcher(output.err()).find();
    if (output.exitCode() != 0 && !inTheWay) {
      throw NativeGit.failure(output, "read-tree");
    }
    return output.exitCode() == 0;
  }

  @Override
  public void index(Worktree worktree, ObjectId tree) throws InterruptedException {
    git.in(worktree).run("read-tree", "--reset", tree.name());
  }

  @Override
  public ObjectId snapshot(Worktree worktree) throws InterruptedException {
    NativeGit.Repository in = git.in(worktree);
    showHiddenFiles(in);
    NativeGit.Output added = in.ask("add", "--all");
    if (added.exitCode() != 0 && forgetPipes(in, worktree)) {
      added = in.ask("add", "--all");
    }
    if (added.exitCode() != 0) {
      addAllButUnbornRepositories(in, added);
    }
    NativeGit.Output written = in.ask("write-tree");
    if (written.exitCode() != 0) {
      requireOneStage(in, worktree);
      throw NativeGit.failure(written, "write-tree");
    }
    return ObjectId.fromString(written.text());
  }

  private static void requireOneStage(NativeGit.Repository in, Worktree worktree)
      throws InterruptedException {
    List<String> unmerged = in.run("ls-files", "--unmerged", "-z").fields();
    if (!unmerged.isEmpty()) {
      String entry = unmerged.get(0);
      throw MixedStages.refused(worktree.directory(), entry.substring(entry.indexOf('\t') + 1));
    }
  }

  /** Git will not have a pipe where a file was; {@return whether there were such files} */
  private static boolean forgetPipes(NativeGit.Repository in, Worktree worktree)
      throws InterruptedException {
    List<String> pipes =
        in.run("diff-files", "--name-only", "-z").fields().stream()
            .filter(path -> Pipes.isAt(worktree.directory(), path))
            .toList();
    if (!pipes.isEmpty()) {
      in.runWith(pipes, "update-index", "--force-remove", "-z", "--stdin");
    }
    return !pipes.isEmpty();
  }

  /** A file can be marked in the index as never changing, and a change in it would be lost. */
  private void showHiddenFiles(NativeGit.Repository in) throws InterruptedException {
    List<String> unchanging = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    for (String line : in.run("ls-files", "-v", "-z").fields()) {
      char tag = line.charAt(0);
      if (Character.isLowerCase(tag)) {
        unchanging.add(line.substring(2));
      }
      if (Character.toUpperCase(tag) == 'S') {
        skipped.add(line.substring(2));
      }
    }
    if (!unchanging.isEmpty()) {
      in.runWith(unchanging, "update-index", "--no-assume-unchanged", "-z", "--stdin");
    }
    if (!skipped.isEmpty() && !repository.config().getBoolean("core", "sparseCheckout", false)) {
      in.runWith(skipped, "update-index", "--no-skip-worktree", "-z", "--stdin");
    }
  }

  /** A repository without a commit inside the worktree cannot be recorded; everything else can. */
  private static void addAllButUnbornRepositories(
      NativeGit.Repository in, NativeGit.Output firstTry) throws InterruptedException {
    NativeGit.Output added = in.ask("add", "--all", "--ignore-errors");
    boolean expected =
        added
            .err()
            .lines()
            .filter(line -> line.startsWith("error:") || line.startsWith("fatal:"))
            .allMatch(
                line ->
                    line.endsWith("does not have a commit checked out")
                        || line.equals("fatal: adding files failed"));
    if (!expected || added.exitCode() != 0 && added.err().isBlank()) {
      throw NativeGit.failure(firstTry, "add");
    }
  }

  private static ObjectId tree(NativeGit.Repository in) throws InterruptedException {
    return ObjectId.fromString(in.run("write-tree").text());
  }

  @Override
  public Optional<ObjectId> staged(Worktree worktree) throws InterruptedException {
    NativeGit.Output written = git.in(worktree).ask("write-tree");
    return written.exitCode() == 0
        ? Optional.of(ObjectId.fromString(written.text()))
        : Optional.empty();
  }

  @Override
  public List<String> trackedAndIgnored(Worktree worktree) throws InterruptedException {
    return git.in(worktree)
        .run("ls-files", "--cached", "--ignored", "--exclude-standard", "-z")
        .fields();
  }

  @Override
  public ObjectId forget(Worktree worktree, List<String> paths) throws InterruptedException {
    NativeGit.Repository in = git.in(worktree);
    in.runWith(paths, "update-index", "--force-remove", "-z", "--stdin");
    return tree(in);
  }

  @Override
  public List<String> ignored(Worktree worktree, PathGlobs globs) throws InterruptedException {
    return git
        .in(worktree)
        .run("ls-files", "--others", "--ignored", "--exclude-standard", "-z")
        .fields()
        .stream()
        .filter(path -> !path.endsWith("/") && globs.matches(path))
        .toList();
  }

  @Override
  public ObjectId add(Worktree worktree, List<String> paths) throws InterruptedException {
    NativeGit.Repository in = git.in(worktree);
    // what the index says about a file is the agent's word; forgotten, the file is read
    in.runWith(paths, "update-index", "--force-remove", "-z", "--stdin");
    in.runWith(paths, "update-index", "--add", "--remove", "-z", "--stdin");
    return tree(in);
  }

  @Override
  public ObjectId content(Worktree worktree, List<String> paths) throws InterruptedException {
    Path index = copyOfIndex(worktree);
    try {
      NativeGit.Repository in = git.in(worktree).withIndex(index);
      NativeGit.Output added = in.ask("add", "--update");
      if (added.exitCode() != 0) {
        forgetPipes(in, worktree);
        in.run("add", "--update");
      }
      if (!paths.isEmpty()) {
        in.runWith(paths, "update-index", "--add", "--remove", "-z", "--stdin");
      }
      return tree(in);
    } finally {
      Border.step("delete " + index, () -> Files.deleteIfExists(index));
    }
  }

  static Path copyOfIndex(Worktree worktree) {
    return Border.call(
        "copy the index of " + worktree.directory(),
        () -> {
          Path copy = Files.createTempFile("maestro-git", ".index");
          Path index = worktree.gitDirectory().resolve("index");
          if (Files.exists(index)) {
            // what changed in the moment in which an index was written is told by the time of that
            Files.copy(
                index,
                copy,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
          } else {
            Files.delete(copy);
          }
          return copy;
        });
  }

  @Override
  public List<String> unkept(Worktree worktree) throws InterruptedException {
    return git.in(worktree)
        .run(
            "ls-files",
            "--others",
            "--exclude-standard",
            "--directory",
            "--no-empty-directory",
            "-z")
        .fields();
  }

  @Override
  public TreeMerge merge(ObjectId ours, ObjectId theirs) throws InterruptedException {
    if (!git.isAtLeast(2, 38)) {
      return fallback.merge(ours, theirs);
    }
    NativeGit.Output output =
        git.on(repository.common())
            .ask(
                "merge-tree",
                "--write-tree",
                "--allow-unrelated-histories",
                "--name-only",
                "--no-messages",
                "-z",
                ours.name(),
                theirs.name());
    List<String> fields = output.fields();
    return switch (output.exitCode()) {
      case 0 -> new TreeMerge.Clean(ObjectId.fromString(fields.get(0)));
      case 1 ->
          new TreeMerge.Conflicting(
              fields.subList(1, fields.size()).stream()
                  .filter(path -> !path.isEmpty())
                  .distinct()
                  .sorted()
                  .toList(),
              "");
      default -> throw NativeGit.failure(output, "merge-tree");
    };
  }
}
