package dev.maestro.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;

/**
 * What an agent does with git on its own in a worktree.
 *
 * <p>It may commit, reset, rebase, switch branches, delete the branch or stop half-way. None of
 * that counts: the task goes on from the files as they are and from the last accepted checkpoint.
 * Every commit it made is kept under {@code refs/maestro}, and HEAD is put back onto the task's
 * branch. Other branches that it made or moved stay as it left them.
 */
final class AgentCommits {

  /** What git leaves in a worktree in the middle of a merge, a rebase and the like. */
  private static final List<String> UNFINISHED =
      List.of(
          "MERGE_HEAD",
          "MERGE_MSG",
          "MERGE_MODE",
          "AUTO_MERGE",
          "SQUASH_MSG",
          "CHERRY_PICK_HEAD",
          "REVERT_HEAD",
          "REBASE_HEAD",
          "rebase-merge",
          "rebase-apply",
          "sequencer");

  private final GitRepository repository;
  private final Names names;
  private final Worktree worktree;
  // confined to the one thread that uses the workspace
  private final Set<ObjectId> safe = new HashSet<>();

  AgentCommits(GitRepository repository, Names names, Worktree worktree) {
    this.repository = repository;
    this.names = names;
    this.worktree = worktree;
  }

  /** Keep what the agent committed, and put HEAD back. */
  void keep(ObjectId accepted) throws InterruptedException {
    List<ObjectId> tips = new ArrayList<>(List.of(accepted));
    safe.add(accepted);
    for (ObjectId commit : seen()) {
      if (safe.add(commit) && repository.isCommit(commit)) {
        if (tips.stream().noneMatch(tip -> repository.contains(tip, commit))) {
          repository.refs().create(names.keptRef(commit), commit, "maestro: keep");
          tips.add(commit);
        }
      }
    }
    Border.step("put HEAD back in " + worktree.directory(), this::putHeadBack);
  }

  /** {@return the newest first, so that most of the others are in its history} */
  private Set<ObjectId> seen() {
    Set<ObjectId> seen = new LinkedHashSet<>();
    repository.refs().get(names.branchRef()).ifPresent(seen::add);
    Border.step(
        "read what was committed in " + worktree.directory(),
        () -> {
          head().ifPresent(seen::add);
          id("MERGE_HEAD").ifPresent(seen::add);
          id("CHERRY_PICK_HEAD").ifPresent(seen::add);
          seen.addAll(logged());
        });
    return seen;
  }

  private Optional<ObjectId> head() throws IOException {
    Optional<String> head = read("HEAD");
    return head.isPresent() && head.get().startsWith("ref: ")
        ? repository.refs().get(head.get().substring("ref: ".length()))
        : head.flatMap(AgentCommits::parse);
  }

  private Optional<ObjectId> id(String file) throws IOException {
    return read(file).flatMap(text -> text.lines().findFirst()).flatMap(AgentCommits::parse);
  }

  private Optional<String> read(String file) throws IOException {
    return WorktreeFiles.read(worktree.gitDirectory().resolve(file));
  }

  private static Optional<ObjectId> parse(String text) {
    return ObjectId.isId(text)
        ? Optional.of(ObjectId.fromString(text)).filter(id -> !id.equals(ObjectId.zeroId()))
        : Optional.empty();
  }

  private List<ObjectId> logged() throws IOException {
    List<ObjectId> logged = new ArrayList<>();
    for (String line : read("logs/HEAD").orElse("").lines().toList()) {
      String[] fields = line.split(" ", 3);
      if (fields.length == 3) {
        parse(fields[1]).ifPresent(id -> logged.add(0, id));
      }
    }
    return logged;
  }

  private void putHeadBack() throws IOException {
    Path head = worktree.gitDirectory().resolve("HEAD");
    String wanted = "ref: " + names.branchRef();
    if (!WorktreeFiles.read(head).equals(Optional.of(wanted))) {
      WorktreeFiles.write(head, wanted);
    }
    for (String name : UNFINISHED) {
      Path left = worktree.gitDirectory().resolve(name);
      if (Files.isDirectory(left)) {
        WorktreeFiles.delete(left);
      } else {
        Files.deleteIfExists(left);
      }
    }
  }
}
